import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Reader, Writer } from '../../../../electron/core/secret/crypto/codec.ts'
import { seal } from '../../../../electron/core/secret/crypto/session.ts'
import { decodeSession, encodeSession } from '../../../../electron/core/secret/crypto/session-bytes.ts'
import { SecretError } from '../../../../electron/core/secret/crypto/types.ts'
import { seededRandom } from '../../../../shared/util/random.ts'
import { meet, NOW, read } from './people.ts'

it('a session cut off, lengthened or of another layout is damaged', () => {
  const { alice, bob } = meet(1)
  for (const bytes of [encodeSession(alice), encodeSession(bob)]) {
    const damaged = expect.objectContaining({ name: 'SecretError', code: 'damaged' })
    for (let length = 0; length < bytes.length; length++) expect(() => decodeSession(bytes.subarray(0, length))).toThrow(damaged)
    expect(() => decodeSession(Buffer.concat([bytes, new Uint8Array(1)]))).toThrow(damaged)
    expect(() => decodeSession(Buffer.concat([Uint8Array.of(1), bytes.subarray(1)]))).toThrow(damaged)
  }
})

it('a session altered anywhere reads as some session or as damaged, never as another error', () => {
  const talk = meet(2)
  const bytes = encodeSession(read(talk.alice, seal(talk.bob, [], NOW, talk.random).packet).state)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = bytes.slice()
      altered[at] = (altered[at] ?? 0) ^ change
      try {
        expect(Buffer.compare(encodeSession(decodeSession(altered)), altered)).toBe(0)
      } catch (error) {
        expect(error).toBeInstanceOf(SecretError)
      }
    }),
    { numRuns: 500 },
  )
})

it('a session of each step of the re-keying comes back as it was', () => {
  const { alice, bob, random } = meet(3)
  const answered = seal(bob, [], NOW, random)
  const agreed = read(alice, answered.packet).state
  const idle = seal(agreed, [], NOW, random).state
  const states = [alice, bob, answered.state, agreed, idle]
  expect(states.map(({ rekeying }) => rekeying.step.kind)).toEqual(['offered', 'asked', 'answered', 'agreed', 'idle'])
  for (const state of states) expect(decodeSession(encodeSession(state))).toEqual(state)
})

it('a record gives back what was written, in order, and nothing beyond its end', () => {
  const random = seededRandom(4)
  const out = new Writer(1)
  const bytes = random.bytes(300)
  out.u8(255)
  out.u32(2 ** 32 - 1)
  out.f64(Number.MAX_SAFE_INTEGER)
  out.f64(-0.5)
  out.bytes(bytes)
  out.text('naïve 🐶')
  out.raw(bytes)
  const from = new Reader(out.finish())
  expect([from.u8(), from.u32(), from.f64(), from.f64()]).toEqual([255, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, -0.5])
  expect([from.bytes(), from.text(), from.raw(300)]).toEqual([bytes, 'naïve 🐶', bytes])
  expect(from.isDone()).toBe(true)
  for (const more of [() => from.u8(), () => from.u32(), () => from.f64(), () => from.bytes(), () => from.raw(1)])
    expect(more).toThrow(RangeError)
  expect(() => new Writer(1).bytes(new Uint8Array(65_536))).toThrow(RangeError)
})
