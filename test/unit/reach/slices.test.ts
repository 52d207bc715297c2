/** A network that freezes every connection after 16 kB: what lasts stalls there, and what goes in slices does not. R is 80 ms. */
import { describe, expect, it } from 'vitest'
import { tcp } from '../../../electron/core/net/dialer.ts'
import { SHORT_LIVED } from '../../../electron/core/net/dialers/lanes.ts'
import { overTls } from '../../../electron/core/net/dialers/over-tls.ts'
import { slices } from '../../../electron/core/net/dialers/slices.ts'
import { through } from '../../../electron/core/net/dialers/through.ts'
import { openHttp } from '../../../electron/core/net/http.ts'
import { encrypt } from '../../../electron/core/net/tls.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { at, type Block, type MemoryWorld, memoryWorld } from './memory-world.ts'

const never = new AbortController().signal
const host = 'chat.throughline.test'
const to = { address: at.plain, port: 443 }
const freeze: Block = { match: { places: ['nl-a'] }, act: { do: 'freeze', afterBytes: 16_384 } }

/** Lets time pass until `work` is done, or for so long. */
async function within<T>({ lab }: MemoryWorld, limitMs: number, work: Promise<T>): Promise<T | 'too late'> {
  let result: { value: T } | { error: unknown } | null = null
  work.then(
    (value) => {
      result = { value }
    },
    (error: unknown) => {
      result = { error }
    },
  )
  const settled = () => result
  for (let waited = 0; settled() === null && waited < limitMs; waited += 10) await lab.run(10)
  const end = settled()
  if (end === null) return 'too late'
  if ('error' in end) throw end.error
  return end.value
}

const PHOTO = 1_000_000
async function put(world: MemoryWorld, isSliced: boolean): Promise<number> {
  const { clock, network, lab } = world
  const roots = [...lab.offer.roots]
  const direct = tcp(network)
  const random = seededRandom(4)
  const sliced = slices(to, { dial: overTls({ host, sni: host, roots }, direct), authority: host, clock, random, budget: SHORT_LIVED })
  const tls = await encrypt(await (isSliced ? sliced : direct)(to, never), { host, sni: host, roots }, never)
  const http = openHttp(tls, host)
  const headers = { 'content-length': String(PHOTO) }
  const { status } = await http.request({ method: 'PUT', path: '/m/photo', headers, body: Buffer.alloc(PHOTO, 7), signal: never })
  http.close()
  return status
}

it('the relay takes a stream from a front as it takes any connection, with TLS to its own key inside', async () => {
  const world = await memoryWorld()
  const roots = [...world.lab.offer.roots]
  const front = { kind: 'ws-bridge', ...to, host, path: '/t/', authority: host } as const
  const dial = through(front, tcp(world.network), { clock: world.clock, random: seededRandom(4), roots, transports: null })
  const inside = dial(to, never).then((stream) => encrypt(stream, { host, sni: host, roots }, never))
  const tls = await within(world, 5_000, inside)
  expect(tls === 'too late' ? tls : tls.getProtocol()).toBe('TLSv1.3')
  if (tls !== 'too late') tls.destroy()
})

it('a front that passes no WebSocket passes requests, and the chat goes through them', async () => {
  const front = { id: 'front', host: 'recipes.edge.test', address: '240.151.1.20', port: 443, service: 'front.throughline.test' }
  const own: Block = { match: { places: ['nl-a'], to: ['240.149.167.0/24', '240.185.4.0/24', '240.94.0.0/15'] }, act: { do: 'drop' } }
  const world = await memoryWorld([own], (offer) => ({
    ...offer,
    endpoints: offer.endpoints.map((endpoint) => (endpoint.id === 'chat-main' ? { ...endpoint, fronts: [front] } : endpoint)),
  }))
  const tenants = [
    { title: 'Recipes', what: 'recipes', names: [front.host], origin: 'pages' as const },
    { title: 'The service', what: '', names: [front.service], origin: 'relay' as const },
  ]
  const host = { kind: 'cdn' as const, id: 'strict', title: 'Edge', what: '', provider: 'edge', addresses: [front.address], up: true }
  await world.lab.add('test', {
    providers: [],
    links: [],
    places: [],
    hosts: [{ ...host, names: [front.host, front.service], fronting: true, upgrades: false, tenants }],
  })
  const { reach } = world.reach()
  await world.until(() => reach.link.online)
  expect(reach.state().route?.recipe).toBe(`front-polls ${front.address}:443 sni=${front.host} | tls sni=chat.throughline.test | ws`)
  expect(reach.state().route?.connectMs).toBeLessThan(4_000)
  const body = { kind: 'text', text: 'x'.repeat(30_000) } as const
  const sent = reach.link.request('message.send', { cid: 1, turn: 0, to: 'bob', toKey: 'A'.repeat(43), body }, never)
  expect(await within(world, 5_000, sent)).toMatchObject({ ok: true })
})

describe('a photo of 1 MB', () => {
  it('stalls on one connection, and arrives in slices within half a minute', async () => {
    const world = await memoryWorld([freeze])
    expect(await within(world, 20_000, put(world, false))).toBe('too late')
    const began = world.clock.monotonic()
    expect(await within(world, 60_000, put(world, true))).toBe(201)
    expect(world.relay.stored).toEqual([PHOTO])
    expect(world.clock.monotonic() - began).toBeLessThan(30_000)
  }, 60_000)
})

describe('a chat', () => {
  it('goes on in slices once every entrance has fallen silent after as many bytes, and stalls no more', async () => {
    const world = await memoryWorld([freeze])
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    const gaps: number[] = []
    for (let n = 0; n < 60; n++) {
      const began = world.clock.monotonic()
      const body = { kind: 'text', text: `${n} ${'x'.repeat(2_500)}` } as const
      const say = async (): Promise<void> => {
        for (;;) {
          const answer = await reach.link
            .request('message.send', { cid: n + 1, turn: 0, to: 'bob', toKey: 'A'.repeat(43), body }, never)
            .catch(() => null)
          if (answer?.ok) return
          await new Promise<void>((resolve) => world.clock.after(100, resolve))
        }
      }
      expect(await within(world, 60_000, say())).toBeUndefined()
      gaps.push(world.clock.monotonic() - began)
    }
    expect(reach.state().route?.recipe).toMatch(/^slices /)
    // Each entrance had its turn; from then on a message is a few round trips.
    expect(Math.max(...gaps.slice(-10))).toBeLessThan(1_000)
    expect(gaps.filter((gap) => gap > 1_000).length).toBeLessThanOrEqual(9)
    expect(Math.max(...gaps)).toBeLessThan(2_500)
  }, 60_000)
})
