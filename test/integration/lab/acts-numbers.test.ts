/** The documented numbers, as a real client meets them: pools, penalty boxes, policing, byte limits, shares, tables, probing, floods. */
import type { Duplex } from 'node:stream'
import ipaddr from 'ipaddr.js'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { createJudge, type Way } from '../../../lab/censor/judge.ts'
import { Rule, type RuleInput } from '../../../lab/censor/rule.ts'
import type { PacketEvent } from '../../../lab/engine/packet-log.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { clientHello } from '../../unit/lab/hello.ts'
import { ask, type Client, dial, handshake, NAME, RTT, SERVICE, tcp, tlsRig } from './acts-rig.ts'

const named: RuleInput['match'] = { sni: [{ how: 'exact', text: NAME }] }
const OPEN = 'media.throughline.test'

/** A server at the service's address that sends back whatever it gets. */
async function echoRig(): Promise<Client> {
  const rig = await tlsRig()
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  return rig
}

/** Whether `bytes` came back in full within `waitMs`. */
async function sendsBack(rig: Client, stream: Duplex, bytes: Uint8Array, waitMs = 1000): Promise<boolean> {
  let got = 0
  const onData = (chunk: Buffer) => {
    got += chunk.length
  }
  stream.on('data', onData)
  stream.on('error', () => {})
  stream.write(bytes)
  await rig.lab.run(waitMs)
  stream.off('data', onData)
  return got === bytes.length
}

test('a pool: three boxes each forge another address of the family asked for, and then the true answer comes', async () => {
  const rig = await tlsRig()
  const pool = ['240.222.0.0/22', '2001:db8::/32']
  rig.impose({ match: { names: ['throughline.test'] }, act: { do: 'inject', pool, answers: 3 } })
  const seen = new Set<unknown>()
  for (const type of ['A', 'AAAA'] as const) {
    const answers = await ask(rig, NAME, '240.8.8.8', { type })
    expect(answers).toHaveLength(4)
    for (const { addresses } of answers.slice(0, 3)) {
      const address = ipaddr.parse(String(addresses[0]))
      expect(address.match(ipaddr.parseCIDR(pool[type === 'A' ? 0 : 1] ?? ''))).toBe(true)
      seen.add(addresses[0])
    }
    expect(answers[3]?.addresses).toEqual(type === 'A' ? ['240.149.167.50', '240.149.167.91'] : [])
  }
  expect(seen.size).toBe(6)
})

test.each([
  [90_000, 0.75],
  [180_000, 0.5],
])(
  'residual blocking for %i ms hits about %d of the connections between the same two, and then none',
  async (residualMs, residualShare) => {
    const rig = await echoRig()
    rig.impose({ match: named, act: { do: 'reset' }, residualMs, residualShare })
    const first = await dial(rig)
    first.stream?.write(await clientHello(NAME))
    await rig.lab.run(200)
    let hit = 0
    for (let i = 0; i < 100; i++) {
      const { end, stream } = await dial(rig)
      stream?.destroy()
      if (end === 'ECONNREFUSED') hit++
    }
    expect(hit / 100).toBeGreaterThan(residualShare - 0.15)
    expect(hit / 100).toBeLessThan(residualShare + 0.15)
    // Another port of the same server is no part of it.
    expect((await dial(rig, { ...SERVICE, port: 80 })).end).toBe('open')
    await rig.lab.run(residualMs)
    for (let i = 0; i < 10; i++) expect((await dial(rig)).end).toBe('open')
  },
)

test('policing: both directions run near 140 kbit/s, what is more is dropped, and another name is as quick as ever', async () => {
  const rig = await tlsRig()
  rig.impose({ match: named, act: { do: 'throttle', kbps: 140 } })
  const dropped = { up: 0, down: 0 }
  rig.lab.engine.packets.on((event: PacketEvent) => {
    if (event.fate === 'dropped') dropped[event.direction]++
  })
  const transfer = async (name: string) => {
    const { socket } = await handshake(rig, await tcp(rig), name)
    let got = 0
    let doneAt = Number.POSITIVE_INFINITY
    socket.on('data', (bytes: Buffer) => {
      got += bytes.length
      if (got === 131_072) doneAt = rig.clock.monotonic()
    })
    const began = rig.clock.monotonic()
    socket.write(Buffer.alloc(131_072, 1))
    await rig.lab.run(30_000)
    return (131_072 * 8) / (doneAt - began)
  }
  const kbps = await transfer(NAME)
  expect(kbps).toBeGreaterThan(115)
  expect(kbps).toBeLessThan(165)
  expect(dropped.up).toBeGreaterThan(2)
  const before = { ...dropped }
  expect(await transfer(OPEN)).toBeGreaterThan(2000)
  expect(dropped).toEqual(before)
})

test('policing downwards: what a server sends is dropped and comes again, too', async () => {
  const rig = await tlsRig()
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {})
    inner.once('data', () => inner.write(Buffer.alloc(131_072)))
    return outer
  })
  rig.impose({ match: named, act: { do: 'throttle', kbps: 140 } })
  const directions = new Set<string>()
  rig.lab.engine.packets.on(({ fate, direction }) => {
    if (fate === 'dropped') directions.add(direction)
  })
  const stream = await tcp(rig)
  let got = 0
  let doneAt = Number.POSITIVE_INFINITY
  stream.on('data', (bytes: Buffer) => {
    got += bytes.length
    if (got === 131_072) doneAt = rig.clock.monotonic()
  })
  const began = rig.clock.monotonic()
  stream.write(await clientHello(NAME))
  await rig.lab.run(30_000)
  expect([...directions]).toEqual(['down'])
  expect((131_072 * 8) / (doneAt - began)).toBeGreaterThan(115)
  expect((131_072 * 8) / (doneAt - began)).toBeLessThan(165)
})

test('freeze: where between 16 and 20 kB a flow stops is drawn for each', async () => {
  const rig = await echoRig()
  rig.impose({ match: { payload: ['tls'] }, act: { do: 'freeze', afterBytes: 16_384, upToBytes: 20_480 } })
  const hello = await clientHello(OPEN)
  const stops: number[] = []
  for (let flow = 0; flow < 12; flow++) {
    const { stream } = await dial(rig)
    if (!stream) throw new Error('did not open')
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length * 2
    })
    stream.write(hello)
    for (let i = 0; i < 120; i++) {
      stream.write(Buffer.alloc(100))
      await rig.lab.run(100)
    }
    stops.push(bytes)
  }
  for (const bytes of stops) {
    expect(bytes).toBeGreaterThan(16_384 - 1000)
    expect(bytes).toBeLessThanOrEqual(20_480)
  }
  expect(new Set(stops).size).toBeGreaterThan(5)
})

test('fully encrypted: about 26.3 % of connections stall, to the affected range only, and TLS never; then 180 s for the same two', async () => {
  const rig = await echoRig()
  const rule = { match: { to: ['240.149.167.50/32'], payload: ['opaque'] }, act: { do: 'drop' }, share: 0.263 } satisfies Omit<
    RuleInput,
    'id' | 'label'
  >
  rig.impose(rule)
  const random = seededRandom(3)
  const attempt = async (bytes: Uint8Array, to = SERVICE) => {
    const { stream } = await dial(rig, to, 200)
    const came = stream !== null && (await sendsBack(rig, stream, bytes, 150))
    stream?.destroy()
    return came
  }
  let stalled = 0
  for (let i = 0; i < 400; i++) if (!(await attempt(random.bytes(300)))) stalled++
  expect(stalled / 400).toBeGreaterThan(0.2)
  expect(stalled / 400).toBeLessThan(0.33)
  const hello = await clientHello(OPEN)
  for (let i = 0; i < 20; i++) {
    expect(await attempt(hello)).toBe(true)
    expect(await attempt(new Uint8Array(300))).toBe(true)
    expect(await attempt(random.bytes(300), { address: '240.149.167.91', port: 443 })).toBe(true)
  }
  rig.impose({ ...rule, share: 1, residualMs: 180_000 })
  await attempt(random.bytes(300))
  expect((await dial(rig)).end).toBe('silence')
  await rig.lab.run(180_000)
  expect(await attempt(hello)).toBe(true)
})

test('a list of protocols: something else goes silent at its second packet, each of its packets renews 60 s, and DNS, HTTP and TLS pass', async () => {
  const rig = await echoRig()
  rig.impose({ match: { ports: [53, 80, 443] }, act: { do: 'protocol', silenceMs: 60_000 } })
  const random = seededRandom(4)
  const other = await tcp(rig)
  expect(await sendsBack(rig, other, random.bytes(200))).toBe(true)
  expect(await sendsBack(rig, other, random.bytes(200))).toBe(false)
  const tls = await tcp(rig)
  for (const bytes of [await clientHello(NAME), random.bytes(200), random.bytes(200)]) expect(await sendsBack(rig, tls, bytes)).toBe(true)

  // By the box alone: a stack of its own would resend and so renew the silence itself.
  const clock = new VirtualClock()
  const judge = createJudge(clock, seededRandom(1))
  judge.add(v.parse(Rule, { id: 'p', label: '', match: {}, act: { do: 'protocol' }, shareOf: 'destinations', share: 0.18 }), 'you')
  const way = (to: string): Way => ({ who: 'a', from: '240.7.1.100', place: null, provider: 'ru-a', to, toProvider: null, port: 443 })
  const isHit = (to: string) => {
    const watch = judge.watch(way(to))
    watch.syn()
    watch.segment('up', random.bytes(50))
    return watch.segment('up', random.bytes(50)).t === 'drop'
  }
  const addresses = Array.from({ length: 2000 }, (_, i) => `240.60.${i >> 8}.${i & 255}`)
  const hit = addresses.filter(isHit)
  expect(hit.length / 2000).toBeGreaterThan(0.15)
  expect(hit.length / 2000).toBeLessThan(0.21)
  // Of destinations, not of flows: what is hit once is hit always.
  expect(addresses.filter(isHit)).toEqual(hit)
  const watch = judge.watch(way(hit[0] ?? ''))
  watch.syn()
  watch.segment('up', random.bytes(50))
  const fates: string[] = []
  for (const wait of [0, 50_000, 50_000, 60_000, 0]) {
    clock.advance(wait)
    fates.push(watch.segment('up', random.bytes(50)).t)
  }
  expect(fates).toEqual(['drop', 'drop', 'drop', 'pass', 'pass'])
})

test('a table that is full forgets: a connection opened early says the name unseen once enough others came by', async () => {
  for (const [others, seen] of [
    [3, true],
    [4, false],
  ] as const) {
    const rig = await echoRig()
    rig.impose({ match: named, act: { do: 'reset' }, box: { flows: 4 } })
    const early = await tcp(rig)
    for (let i = 0; i < others; i++) await tcp(rig)
    expect(await sendsBack(rig, early, await clientHello(NAME))).toBe(!seen)
  }
})

test('a connection that was caught goes on once the table has lost it', async () => {
  const rig = await echoRig()
  rig.impose({ match: named, act: { do: 'drop' }, box: { flows: 4 } })
  const caught = await tcp(rig)
  const hello = await clientHello(NAME)
  expect(await sendsBack(rig, caught, hello, 100)).toBe(false)
  let got = 0
  caught.on('data', (chunk: Buffer) => {
    got += chunk.length
  })
  await Promise.all(Array.from({ length: 4 }, () => tcp(rig)))
  await rig.lab.run(2000)
  expect(got).toBe(hello.length)
})

test('a flow that was quiet for longer than the box remembers says the name unseen', async () => {
  const rig = await echoRig()
  rig.impose({ match: named, act: { do: 'reset' }, box: { idleMs: 60_000 } })
  const [patient, hasty] = [await tcp(rig), await tcp(rig)]
  await rig.lab.run(30_000)
  expect(await sendsBack(rig, hasty, await clientHello(NAME))).toBe(false)
  await rig.lab.run(31_000)
  expect(await sendsBack(rig, patient, await clientHello(NAME))).toBe(true)
})

test('probing: a bridge that answers strangers is gone within seconds of its first use; one that does not, and a site, stay', async () => {
  const rig = await echoRig()
  rig.impose({ match: {}, act: { do: 'probe', delayMs: 1000 } })
  const probers = new Set<string>()
  rig.lab.engine.packets.on(({ way, t }) => {
    if (way.who === 'prober' && t === 'syn') probers.add(way.to)
  })
  const bridges = [
    { address: '240.94.10.5', port: 1080, first: Uint8Array.of(5, 1, 0) },
    { address: '240.95.20.8', port: 3128, first: Buffer.from('CONNECT x.test:1 HTTP/1.1\r\n\r\n') },
  ]
  const quiet = { ...SERVICE, first: seededRandom(2).bytes(200) }
  const site = { address: '240.31.200.20', port: 80, first: Buffer.from('GET / HTTP/1.1\r\nHost: wiki.commons.test\r\n\r\n') }
  const all = [...bridges, quiet, site]
  for (const to of all) {
    const { stream } = await dial(rig, to)
    stream?.write(to.first)
    await rig.lab.run(100)
    stream?.destroy()
  }
  await rig.lab.run(15_000)
  expect([...probers].sort()).toEqual(all.map(({ address }) => address).sort())
  const ends: string[] = []
  for (const to of all) ends.push((await dial(rig, to)).end)
  expect(ends).toEqual(['silence', 'silence', 'open', 'open'])
  // An hour later it is let go.
  await rig.lab.run(3_600_000)
  expect((await dial(rig, bridges[0])).end).toBe('open')
})

test('a flood: from two places alike some are turned away, not sooner than the service could answer, and the others wait', async () => {
  const rig = await echoRig()
  const bob = await rig.network('bob', 'nl-a')
  rig.impose({ match: { toProviders: ['throughline'] }, act: { do: 'load', served: 200, offered: 1000, queue: 200 } })
  await rig.lab.run(2000)
  for (const alice of [rig.alice, bob]) {
    const ends: Record<string, number[]> = {}
    for (let i = 0; i < 60; i++) {
      const { end, ms, stream } = await dial({ ...rig, alice }, SERVICE, 1500)
      stream?.destroy()
      ends[end] = [...(ends[end] ?? []), ms]
    }
    expect(Object.keys(ends).sort()).toEqual(['ECONNREFUSED', 'open'])
    const turnedAway = (ends.ECONNREFUSED?.length ?? 0) / 60
    expect(turnedAway).toBeGreaterThan(0.65)
    expect(turnedAway).toBeLessThan(0.95)
    expect(Math.min(...(ends.ECONNREFUSED ?? []))).toBeGreaterThanOrEqual(RTT)
    // The queue holds a second's work.
    for (const ms of ends.open ?? []) expect(ms).toBeCloseTo(RTT + 1000, -1)
  }
  expect((await dial(rig, { address: '240.52.40.20', port: 443 })).ms).toBeLessThan(RTT)
})

test('a box with a certificate of its own is seen for what it is', async () => {
  const rig = await tlsRig()
  rig.impose({ match: { to: ['240.149.167.0/24'] }, act: { do: 'intercept', ca: 'own' } })
  const stream = await tcp(rig)
  const turning = setInterval(() => void rig.lab.run(20), 10)
  const { connect } = await import('node:tls')
  const socket = connect({ socket: stream, servername: NAME, ca: [...rig.lab.offer.roots] })
  const code = await new Promise<string>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    socket.once('secureConnect', () => resolve('accepted'))
  })
  clearInterval(turning)
  expect(code).toMatch(/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/)
})
