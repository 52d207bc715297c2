import { Duplex } from 'node:stream'
import fc from 'fast-check'
import * as v from 'valibot'
import { beforeAll, expect, test } from 'vitest'
import { Rule } from '../../../lab/censor/rule.ts'
import { createMemoryLab, type MemoryLab } from '../../../lab/memory.ts'
import { type Authority, openAuthority } from '../../../lab/services/authority.ts'
import { builtInWorld } from '../../../lab/world.ts'
import { encodeUplink, INITIAL_CREDIT, MAX_CREDIT, UplinkDecoder, type UplinkFrame } from '../../../shared/protocol/uplink.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

let authority: Authority
beforeAll(async () => {
  authority = await openAuthority(null, 'Lab authority', Date.now)
})

async function lab(): Promise<MemoryLab> {
  const made = await createMemoryLab({ world: builtInWorld(), clock: new VirtualClock(), random: seededRandom(1), authority })
  made.setService(() => {
    const [outer, inner] = made.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  return made
}

/** One end of an uplink: what was received, and whether it still stands. */
function uplink(from: MemoryLab) {
  const stream: Duplex = from.uplink()
  const decoder = new UplinkDecoder()
  const got: UplinkFrame[] = []
  const state = { closed: false }
  stream.on('data', (bytes: Buffer) => got.push(...decoder.push(bytes)))
  stream.on('error', () => {})
  stream.on('close', () => {
    state.closed = true
  })
  return { stream, got, state, say: (frame: UplinkFrame) => void stream.write(encodeUplink(frame)) }
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 })
const flow = fc.integer({ min: 0, max: 3 })
const port = fc.constantFrom(0, 53, 80, 443)
const address = fc.constantFrom('240.149.167.50', '240.31.1.53', '::1', '1.2', '999.1.1.1', '240.9.9.9', 'f:f', '0.0.0.0')
const clientFrame: fc.Arbitrary<UplinkFrame> = fc.oneof(
  fc.record({ t: fc.constant('open' as const), flow, address, port }),
  fc.record({ t: fc.constant('segment' as const), flow, bytes }),
  fc.record({ t: fc.constant('fin' as const), flow }),
  fc.record({ t: fc.constant('reset' as const), flow }),
  fc.record({ t: fc.constant('credit' as const), flow, bytes: fc.nat(0xffff_ffff) }),
  fc.record({ t: fc.constant('datagram' as const), flow, address, port, bytes }),
  fc.record({ t: fc.constant('opened' as const), flow }),
  fc.record({ t: fc.constant('hello' as const), client: fc.constant('mallory'), vantage: fc.constantFrom(null, 'de-a', 'nowhere') }),
)

test('whatever one client sends, another goes on undisturbed', { timeout: 60_000 }, async () => {
  const here = await lab()
  const alice = uplink(here)
  alice.say({ t: 'hello', client: 'alice', vantage: 'nl-a' })
  alice.say({ t: 'open', flow: 1, address: '240.149.167.50', port: 443 })
  await here.run(200)
  let sent = 0
  const hostile = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((raw) => [raw]),
    fc.array(clientFrame, { maxLength: 12 }).map((frames) => frames.map(encodeUplink)),
    fc
      .array(clientFrame, { maxLength: 12 })
      .map((frames) => [encodeUplink({ t: 'hello', client: 'mallory', vantage: null }), ...frames.map(encodeUplink)]),
  )
  await fc.assert(
    fc.asyncProperty(hostile, async (parts) => {
      const mallory = uplink(here)
      for (const part of parts) mallory.stream.write(part)
      await here.run(300)
      const before = alice.got.filter((frame) => frame.t === 'segment').length
      alice.say({ t: 'segment', flow: 1, bytes: Uint8Array.of(sent++ & 255) })
      await here.run(200)
      expect(alice.state.closed).toBe(false)
      expect(alice.got.filter((frame) => frame.t === 'segment')).toHaveLength(before + 1)
      mallory.stream.destroy()
      await here.run(100)
    }),
    { numRuns: 60 },
  )
})

const hello: UplinkFrame = { t: 'hello', client: 'alice', vantage: 'nl-a' }
const open: UplinkFrame = { t: 'open', flow: 1, address: '240.149.167.50', port: 443 }
const violations: [string, UplinkFrame[]][] = [
  ['a frame before the hello', [open]],
  ['a second hello', [hello, hello]],
  ['a place there is not', [{ t: 'hello', client: 'alice', vantage: 'atlantis' }]],
  ['what only the lab may say', [hello, { t: 'opened', flow: 1 }]],
  ['flow 0', [hello, { ...open, flow: 0 }]],
  ['a flow that is open already', [hello, open, open]],
  ['data before the flow is open', [hello, open, { t: 'segment', flow: 1, bytes: Uint8Array.of(1) }]],
  ['something that is no address', [hello, { ...open, address: '1.2.3.4.5' }]],
]
for (const [what, frames] of violations) {
  test(`${what} closes the connection`, async () => {
    const here = await lab()
    const client = uplink(here)
    for (const frame of frames) client.say(frame)
    await here.settle()
    expect(client.state.closed).toBe(true)
  })
}

test('more than was credited closes the connection', async () => {
  const here = await lab()
  const client = uplink(here)
  here.engine.judge.add(
    v.parse(Rule, {
      id: 'hole',
      label: '',
      match: { to: ['240.149.167.0/24'], sni: [{ how: 'exact', text: 'x' }], payload: ['tls'] },
      act: { do: 'drop' },
    }),
    'you',
  )
  client.say(hello)
  client.say(open)
  await here.run(200)
  for (let i = 0; i < 1000; i++) client.say({ t: 'segment', flow: 1, bytes: new Uint8Array(16_384) })
  await here.settle()
  expect(client.state.closed).toBe(true)
})

test('a black hole swallows no more than the first window, and gives no credit', async () => {
  const here = await lab()
  const client = uplink(here)
  client.say(hello)
  client.say(open)
  await here.run(200)
  here.engine.judge.add(v.parse(Rule, { id: 'hole', label: '', match: { to: ['240.149.167.0/24'] }, act: { do: 'drop' } }), 'you')
  for (let i = 0; i < 4; i++) client.say({ t: 'segment', flow: 1, bytes: new Uint8Array(16_384) })
  await here.run(5000)
  expect(client.got.filter((frame) => frame.t === 'credit' || frame.t === 'segment')).toEqual([])
  expect(client.state.closed).toBe(false)
})

test('a client may not give the lab more credit than there may be, nor leave unread what it was sent', async () => {
  const here = await lab()
  const greedy = uplink(here)
  greedy.say(hello)
  greedy.say(open)
  greedy.say({ t: 'credit', flow: 1, bytes: MAX_CREDIT - INITIAL_CREDIT })
  await here.settle()
  expect(greedy.state.closed).toBe(false)
  greedy.say({ t: 'credit', flow: 1, bytes: 1 })
  await here.settle()
  expect(greedy.state.closed).toBe(true)

  const piece = Buffer.alloc(262_144)
  here.setService(() => Duplex.from([piece, piece]))
  const deaf = uplink(here)
  deaf.say(hello)
  deaf.stream.pause()
  for (let flow = 1; flow <= 140; flow++) {
    deaf.say({ ...open, flow })
    deaf.say({ t: 'credit', flow, bytes: MAX_CREDIT - INITIAL_CREDIT })
  }
  await here.run(1000)
  expect(deaf.stream.destroyed).toBe(true)
})

test('the lab keeps the names of so many clients and no more', async () => {
  const here = await lab()
  for (let i = 0; i < 4096; i++) here.clients.place(`c${i}`, 'de-a')
  const known = uplink(here)
  known.say({ ...hello, client: 'c7' })
  const stranger = uplink(here)
  stranger.say({ ...hello, client: 'stranger' })
  await here.settle()
  expect([known.state.closed, stranger.state.closed]).toEqual([false, true])
})

test('whoever never says hello is shown out', async () => {
  const here = await lab()
  const client = uplink(here)
  await here.run(11_000)
  expect(client.state.closed).toBe(true)
})
