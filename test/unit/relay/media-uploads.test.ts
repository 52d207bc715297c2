/** Files that come in pieces: by connections that break, freeze, and come twice. Over real sockets, on a clock of its own. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { TestClient } from '../../support/relay-client.ts'
import type { RelayHere } from '../../support/relay-here.ts'
import { relayUnderClock } from '../../support/relay-under-clock.ts'

let here: RelayHere
let ann: TestClient
const clock = relayUnderClock((relay, client) => {
  here = relay
  ann = client
})

interface Told {
  readonly status: number
  readonly offset: number | null
}

/** One piece, by a connection of its own. `sends`: so many bytes of it, and then nothing. */
function piece(content: Buffer, { media, token }: { media: string; token: string }, first: number, length: number, sends = length) {
  const last = first + length - 1
  const headers = {
    authorization: `Bearer ${token}`,
    'content-length': String(length),
    'content-range': `bytes ${first}-${last}/${content.length}`,
  }
  const { port } = here.relay
  const sent = request({ host: '127.0.0.1', port, ca: here.bundle.roots, method: 'PUT', path: `/m/${media}`, headers, agent: false })
  const told = new Promise<Told | null>((resolve) => {
    sent.on('error', () => resolve(null))
    sent.on('response', (response) => {
      const { 'upload-offset': offset } = response.headers
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, offset: offset === undefined ? null : Number(offset) }))
    })
  })
  const written = new Promise<void>((resolve) => {
    const bytes = content.subarray(first, first + sends)
    if (sends === length) sent.end(bytes, () => resolve())
    else sent.write(bytes, () => resolve())
  })
  return { told, written, cut: () => sent.destroy() }
}

async function leave(size: number) {
  const answer = await ann.request('media.grant', { size })
  if (!answer.ok) throw new Error(answer.code)
  return answer
}
const stored = (media: string) => readFileSync(join(here.dataDir, 'media', media))
const partsOf = (media: string) => readdirSync(join(here.dataDir, 'media')).filter((name) => name.startsWith(`${media}.`))

it('goes on where it broke off, with what arrived of a piece that was cut', async () => {
  const content = randomBytes(300_000)
  const granted = await leave(content.length)
  expect(await piece(content, granted, 0, 100_000).told).toEqual({ status: 202, offset: 100_000 })
  const broken = piece(content, granted, 100_000, 200_000, 50_000)
  await broken.written
  await expect.poll(() => statSync(join(here.dataDir, 'media', `${granted.media}.part`)).size).toBeGreaterThan(100_000)
  broken.cut()
  // Where it is, is told to whoever brings what lies beyond.
  const told = await piece(content, granted, 299_999, 1).told
  expect(told?.status).toBe(409)
  const from = told?.offset ?? 0
  expect(from).toBeGreaterThan(100_000)
  expect(await piece(content, granted, from, content.length - from).told).toEqual({ status: 201, offset: null })
  expect(stored(granted.media).equals(content)).toBe(true)
  expect(partsOf(granted.media)).toEqual([])
  expect(await piece(content, granted, from, content.length - from).told).toEqual({ status: 409, offset: content.length })
})

it('takes a piece on a fresh connection while the one before is frozen, and passes over what came by that', async () => {
  const content = randomBytes(200_000)
  const granted = await leave(content.length)
  const frozen = piece(content, granted, 0, 150_000, 90_000)
  await frozen.written
  expect(await piece(content, granted, 0, 150_000).told).toEqual({ status: 202, offset: 150_000 })
  expect(await frozen.told).toBeNull()
  expect((await piece(content, granted, 150_000, 50_000).told)?.status).toBe(201)
  expect(stored(granted.media).equals(content)).toBe(true)
})

it('whatever pieces come, twice, cut or out of turn: it is whole in the end, and byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60_000 }),
      fc.array(fc.record({ from: fc.nat(70_000), length: fc.integer({ min: 1, max: 30_000 }), sends: fc.nat(30_000) }), { maxLength: 8 }),
      async (size, tries) => {
        const content = randomBytes(size)
        const granted = await leave(size)
        let offset = 0
        const take = (told: Told | null) => {
          offset = told?.offset ?? (told?.status === 201 ? size : offset)
        }
        for (const { from, length, sends } of tries) {
          const first = Math.min(from, size - 1)
          const most = Math.min(length, size - first)
          const sent = piece(content, granted, first, most, Math.min(sends, most))
          await sent.written
          if (sends < most) sent.cut()
          take(await sent.told)
        }
        for (let n = 0; offset < size && n < 100; n++) take(await piece(content, granted, offset, Math.min(20_000, size - offset)).told)
        expect(stored(granted.media).equals(content)).toBe(true)
      },
    ),
    { numRuns: 15 },
  )
}, 60_000)

it('is refused where the piece is not of this file', async () => {
  const content = randomBytes(1000)
  const granted = await leave(1001)
  expect((await piece(content, granted, 0, 500).told)?.status).toBe(413)
})

it('leave lasts while pieces come; ten minutes after the last, all of them are gone', async () => {
  const content = randomBytes(3000)
  const granted = await leave(content.length)
  for (const first of [0, 1000]) {
    expect((await piece(content, granted, first, 1000).told)?.status).toBe(202)
    clock.jumpWall(9 * 60_000)
  }
  expect(partsOf(granted.media)).toHaveLength(1)
  clock.jumpWall(60_001)
  expect((await piece(content, granted, 2000, 1000).told)?.status).toBe(401)
  clock.advance(60_000)
  expect(partsOf(granted.media)).toEqual([])
})
