import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHelloReader } from '../../../lab/censor/client-hello.ts'
import { clientHello, splitRecord } from './hello.ts'

const NAME = 'chat.throughline.test'
const whole = { segments: true, records: true }

test('the name in a real ClientHello is read from one segment', async () => {
  expect(createHelloReader(whole).read(await clientHello(NAME))).toEqual({ t: 'sni', name: NAME })
})

test('a hello that names nobody is no finding', async () => {
  expect(createHelloReader(whole).read(await clientHello(''))).toEqual({ t: 'none' })
})

test('a box that joins segments and records reads the name however the bytes were cut', async () => {
  const hello = await clientHello(NAME)
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: hello.length - 6 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }),
      (at, sizes) => {
        const bytes = splitRecord(hello, at)
        const reader = createHelloReader(whole)
        let from = 0
        let finding = reader.read(new Uint8Array(0))
        for (const size of [...sizes, bytes.length]) {
          if (from >= bytes.length) break
          finding = reader.read(bytes.subarray(from, from + size))
          from += size
        }
        expect(finding).toEqual({ t: 'sni', name: NAME })
      },
    ),
  )
})

test('a record split before the name defeats a box that reads one record, and only that box', async () => {
  const hello = await clientHello(NAME)
  const bytes = splitRecord(hello, hello.indexOf(NAME) - 5 + 3)
  expect(createHelloReader({ segments: true, records: false }).read(bytes)).toEqual({ t: 'none' })
  expect(createHelloReader(whole).read(bytes)).toEqual({ t: 'sni', name: NAME })
})

test('a segment boundary inside the name defeats a box that reads each segment by itself', async () => {
  const hello = await clientHello(NAME)
  const cut = hello.indexOf(NAME) + 4
  const reader = createHelloReader({ segments: false, records: true })
  expect([reader.read(hello.subarray(0, cut)), reader.read(hello.subarray(cut))]).not.toContainEqual({ t: 'sni', name: NAME })
})

test('any bytes at all are read without an error, whatever the box', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), fc.boolean(), fc.boolean(), (parts, segments, records) => {
      const reader = createHelloReader({ segments, records })
      for (const part of parts) expect(['undecided', 'none', 'sni']).toContain(reader.read(part).t)
    }),
  )
})

test('a damaged hello is read without an error', async () => {
  const hello = await clientHello(NAME)
  fc.assert(
    fc.property(fc.nat(hello.length - 1), fc.nat(255), fc.nat(hello.length), (at, byte, length) => {
      const bytes = Buffer.from(hello)
      bytes[at] = byte
      expect(['undecided', 'none', 'sni']).toContain(createHelloReader(whole).read(bytes.subarray(0, length)).t)
    }),
  )
})
