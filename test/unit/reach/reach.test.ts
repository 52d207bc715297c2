import { createServer as createHttpsServer } from 'node:https'
import { Readable } from 'node:stream'
import { connect as connectTls, createServer } from 'node:tls'
import { decode, encode } from 'dns-packet'
import { afterEach, describe, expect, it } from 'vitest'
import { createNetworkMemory } from '../../../electron/core/reach/memory.ts'
import type { ReachState } from '../../../electron/core/reach/reach.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Offer } from '../../../shared/protocol/processes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { listen } from '../net/tiny-servers.ts'
import { linksAt, memoryValues, plain, second, siblingAt, socksAt, tunnelAt, type WorldHere, worldHere } from './world.ts'

let world: WorldHere
/** Either may be there first on real sockets; the order of their starts is held on a virtual clock. */
const direct = ['address', 'sibling']
const isDetour = ({ route }: ReachState) => route !== null && route.kind !== 'plain'
const offerOf = ({ endpoints, proxies, doh, controls, bogons, roots }: Bundle): Offer => ({
  endpoints,
  proxies,
  doh,
  controls,
  bogons,
  roots,
})
afterEach(() => world.end())

describe('getting through', () => {
  it('connects by the plain way, proven, and answers requests', async () => {
    world = await worldHere()
    const { reach, until, seen } = world.reach()
    const missed: unknown[] = []
    reach.link.onOnline((online) => missed.push(online))
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(state.route).toMatchObject({ kind: 'plain', recipe: 'tcp 240.16.0.10:443 | tls sni=chat.test | ws' })
    expect(missed).toMatchObject([{ items: [], more: false }])
    await expect(reach.link.request('echo', { n: 5 })).resolves.toMatchObject({ ok: true, n: 5 })
    const byPlain = seen.flatMap((one) => ('address' in one && one.address === plain ? [[one.t, one.outcome.kind]] : []))
    expect(byPlain).toEqual([
      ['tcp', 'connected'],
      ['tls', 'established'],
      ['hello', 'proven'],
    ])
  })

  it.each([
    ['the address is silent', () => world.block.set(plain, 'silence'), direct],
    ['the address refuses', () => world.block.set(plain, 'ECONNREFUSED'), direct],
    [
      'only another address is left',
      () => [plain, siblingAt, socksAt, tunnelAt].map((at) => world.block.set(at, 'ECONNREFUSED')),
      ['address'],
    ],
    [
      'the name is reset on all its addresses',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'reset' as const })),
      ['sibling'],
    ],
    [
      'the name is met with silence',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'silence' as const })),
      ['sibling'],
    ],
    ['only the socks proxy is left', () => [plain, second, siblingAt, tunnelAt].map((at) => world.block.set(at, 'silence')), ['proxy']],
    ['only the tunnel is left', () => [plain, second, siblingAt, socksAt].map((at) => world.block.set(at, 'EHOSTUNREACH')), ['proxy']],
  ])('gets through when %s', async (_what, block, kinds) => {
    world = await worldHere()
    block()
    const { reach, until } = world.reach()
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(kinds).toContain(state.route?.kind)
    // Nothing of those who lost stays open.
    await expect.poll(() => world.gateway.openFlows()).toBe(1)
    reach.close()
    await expect.poll(() => world.gateway.openFlows()).toBe(0)
  })
  const port = () => {
    const behind = world.relayBehind()
    if (typeof behind === 'string') throw new Error('no relay')
    return behind
  }
})

describe('a live connection', () => {
  const connected = async (options: Parameters<WorldHere['reach']>[0] = {}) => {
    world = await worldHere()
    const here = world.reach(options)
    const log: string[] = []
    here.reach.link.onOnline(() => log.push('online'))
    here.reach.link.onOffline(() => log.push('offline'))
    here.reach.start()
    await here.until(({ status }) => status === 'connected')
    return { ...here, log }
  }

  it('that is cut is replaced at once, with the gap told', async () => {
    const { reach, until, log } = await connected()
    world.block.set(plain, 'ECONNRESET')
    world.gateway.cut(plain)
    const state = await until(isDetour)
    expect(state.lastSwitch).toMatchObject({ kind: state.route?.kind, gapMs: expect.any(Number) })
    expect(log).toEqual(['online', 'offline', 'online'])
    await expect(reach.link.request('echo', { n: 1 })).resolves.toMatchObject({ ok: true })
  })

  it('that freezes is noticed by our own unanswered write, and kept until another is proven', async () => {
    const { reach, until, log } = await connected()
    world.block.set(plain, 'silence')
    world.gateway.freeze(plain)
    const lost = expect(reach.link.request('echo', { n: 1 })).rejects.toMatchObject({ code: 'not-connected' })
    const state = await until(isDetour)
    await lost
    expect(state.lastSwitch).toMatchObject({ kind: state.route?.kind, gapMs: expect.any(Number) })
    // Never without a session: the switch was made before the break.
    expect(log).toEqual(['online', 'online'])
    await expect.poll(() => world.gateway.openFlows()).toBeLessThanOrEqual(2)
  })

  it('that only stuttered carries on, and the race for another ends', async () => {
    const { reach, until, log } = await connected()
    for (const at of [plain, second, siblingAt, socksAt, tunnelAt]) world.block.set(at, 'silence')
    world.gateway.freeze(plain)
    const late = reach.link.request('echo', { n: 1 }).catch(() => {})
    await until(({ attempts }) => attempts.some(({ outcome }) => outcome === 'running'))
    world.gateway.thaw(plain)
    const state = await until(({ attempts }) => attempts.every(({ outcome }) => outcome !== 'running'))
    expect(state).toMatchObject({ status: 'connected', route: { kind: 'plain' }, lastSwitch: null })
    expect(log).toEqual(['online'])
    reach.close()
    await late
  })

  it('comes back by itself when the relay was away', async () => {
    const { until, log } = await connected()
    for (const at of [plain, second, siblingAt, socksAt, tunnelAt]) world.block.set(at, 'ECONNREFUSED')
    for (const at of [plain]) world.gateway.cut(at)
    const waiting = await until(({ status, nextTryAt }) => status === 'looking' && nextTryAt !== null)
    expect((waiting.nextTryAt ?? 0) - Date.now()).toBeLessThanOrEqual(1_000)
    world.block.clear()
    await until(({ status }) => status === 'connected')
    expect(log).toEqual(['online', 'offline', 'online'])
  })

  it('moves to another network at once', async () => {
    const { until, reach } = await connected()
    world.block.set(plain, 'silence')
    world.gateway.facts = { ...world.gateway.facts, id: 'cafe' }
    world.gateway.sendFacts()
    world.gateway.cut(plain)
    await until(isDetour)
    expect(reach.state().network).toMatchObject({ kind: 'simulated', up: true, known: false })
  })

  it('says offline while there is no network, and connects when it is back', async () => {
    const { until } = await connected()
    world.gateway.facts = { ...world.gateway.facts, up: false }
    world.gateway.sendFacts()
    world.gateway.cut(plain)
    world.block.set(plain, 'ENETUNREACH')
    for (const at of [plain, second, siblingAt, socksAt, tunnelAt]) world.block.set(at, 'ENETUNREACH')
    await until(({ status }) => status === 'offline')
    world.block.clear()
    world.gateway.facts = { ...world.gateway.facts, up: true }
    world.gateway.sendFacts()
    await until(({ status }) => status === 'connected')
  })

  it('returns to the plain path when that has held, without a moment offline', async () => {
    world = await worldHere()
    world.block.set(plain, 'ECONNREFUSED')
    const { reach, until } = world.reach({ tuning: { returnHoldMs: 500 } })
    const log: string[] = []
    reach.link.onOnline(() => log.push('online'))
    reach.link.onOffline(() => log.push('offline'))
    reach.start()
    await until(isDetour)
    expect(reach.state().returning).toBeNull()
    world.block.clear()
    const proving = await until(({ returning }) => returning !== null)
    expect(proving.returning?.holdMs).toBe(500)
    await until(({ route }) => route?.kind === 'plain')
    expect(log).toEqual(['online', 'online'])
  })

  it('returns at once when asked to', async () => {
    world = await worldHere()
    world.block.set(plain, 'ECONNREFUSED')
    const { reach, until } = world.reach()
    reach.start()
    await until(isDetour)
    world.block.clear()
    reach.returnNow()
    await until(({ route }) => route?.kind === 'plain')
  })
})

describe('what is remembered', () => {
  it('two ways that log in at the same moment give one session, which stays', async () => {
    world = await worldHere()
    const values = memoryValues()
    createNetworkMemory(values, systemClock, seededRandom(5)).worked('home', 'chat', `tcp ${second}:443 | tls sni=chat.test | ws`)
    const { reach, until } = world.reach({ values })
    const log: string[] = []
    reach.link.onOnline(() => log.push('online'))
    reach.link.onOffline(() => log.push('offline'))
    reach.start()
    const { attempts } = await until(({ status }) => status === 'connected')
    expect(attempts.map(({ startMs }) => startMs < 50)).toEqual([true, true])
    for (let n = 0; n < 20; n++) await reach.link.request('echo', { n })
    expect(log).toEqual(['online'])
  })

  it('a way that lived is started first on the same network, after a restart too', async () => {
    world = await worldHere()
    for (const at of [plain, second, siblingAt, tunnelAt]) world.block.set(at, 'silence')
    const values = memoryValues()
    const before = world.reach({ values })
    before.reach.start()
    await before.until(({ network }) => network.known)
    expect(before.reach.state().routes.find(({ remembered }) => remembered)).toMatchObject({ proxyId: 'socks', kind: 'proxy' })
    before.reach.close()
    const after = world.reach({ values })
    after.reach.start()
    const state = await after.until(({ status }) => status === 'connected')
    expect(state.attempts[0]).toMatchObject({ kind: 'proxy', startMs: 0, outcome: 'won' })
  })

  it('a proxy added by hand is tried at once and can be taken away', async () => {
    world = await worldHere((offer) => ({ ...offer, proxies: [] }))
    for (const at of [plain, second, siblingAt]) world.block.set(at, 'silence')
    const { reach, until } = world.reach()
    reach.start()
    await until(({ attempts }) => attempts.length >= 3)
    reach.addProxy(`socks5://${socksAt}:1080`)
    const state = await until(({ status }) => status === 'connected')
    expect(state.route?.proxyId).toMatch(/^hand-/)
    expect(state.routes.find(({ source }) => source === 'hand')?.last).toMatchObject({ ok: true })
    reach.removeProxy(state.route?.proxyId ?? '')
    await until(({ status }) => status !== 'connected')
  })
})

describe('who is on the other side', () => {
  it('a box that ends TLS with a certificate the app accepts is never connected to', async () => {
    world = await worldHere()
    const { cert, key } = await world.authority.issue(['chat.test'])
    const box = createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (client) => {
      const onward = connectTls({ port: world.relay.relay.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
      client.on('error', () => onward.destroy())
      onward.on('error', () => client.destroy())
      client.pipe(onward).pipe(client)
    })
    const at = { port: await listen(box) }
    for (const address of [plain, second]) world.block.set(address, at)
    for (const address of [siblingAt, socksAt, tunnelAt]) world.block.set(address, 'ECONNREFUSED')
    const { reach, until, seen } = world.reach()
    let online = 0
    reach.link.onOnline(() => online++)
    reach.start()
    await until(({ attempts, nextTryAt }) => nextTryAt !== null && attempts.filter(({ reason }) => reason === 'unproven').length === 2)
    expect(online).toBe(0)
    expect(reach.state().status).toBe('looking')
    expect(seen.filter(({ t }) => t === 'hello')).toMatchObject([
      { outcome: { kind: 'unproven', reason: 'channel-mismatch' } },
      { outcome: { kind: 'unproven', reason: 'channel-mismatch' } },
    ])
    // The honest way wins as soon as there is one.
    world.block.delete(siblingAt)
    await until(({ route }) => route?.kind === 'sibling')
    box.close()
  })

  it('a web server with a good certificate that is no relay is passed over', async () => {
    world = await worldHere()
    const { cert, key } = await world.authority.issue(['chat.test'])
    const web = createHttpsServer({ cert, key }, (_request, response) => void response.writeHead(503).end('busy'))
    const at = { port: await listen(web) }
    for (const address of [plain, second]) world.block.set(address, at)
    const { reach, until, seen } = world.reach()
    reach.start()
    await until(({ route }) => route?.kind === 'sibling')
    expect(seen.find(({ t }) => t === 'hello')).toMatchObject({ outcome: { kind: 'status', status: 503 } })
    web.close()
  })

  it('a newer bundle is taken over the wire, a foreign one is not', async () => {
    world = await worldHere()
    const warned: unknown[] = []
    const { reach, until } = world.reach({ log: { info: () => {}, warn: (...said) => warned.push(said) } })
    reach.start()
    await until(({ status }) => status === 'connected')
    const { version, endpoints } = reach.bundle()
    await world.relay.relay.offer({ ...offerOf(reach.bundle()), endpoints: endpoints.slice(0, 3) })
    await until(() => reach.bundle().version > version)
    expect(reach.bundle().endpoints).toHaveLength(3)
    expect(warned).toEqual([])
  })
})

describe('names', () => {
  it('a lying resolver costs nothing and is seen; an honest one over HTTPS too', async () => {
    world = await worldHere((offer) => ({
      ...offer,
      doh: [{ id: 'doh', address: '240.48.0.1', port: 443, host: 'doh.test', path: '/dns-query' }],
    }))
    const answer = (bytes: Uint8Array, address: string) => {
      const query = decode(Buffer.from(bytes))
      const [question] = query.questions ?? []
      if (!question) throw new Error('no question')
      return encode({
        type: 'response',
        id: query.id ?? 0,
        flags: 0x0180,
        questions: [question],
        answers: [{ type: 'A', name: question.name, ttl: 60, data: address }],
      })
    }
    world.gateway.datagram = ({ bytes }, reply) => reply(answer(bytes, '240.99.0.1'))
    const { cert, key } = await world.authority.issue(['doh.test'])
    const doh = createHttpsServer({ cert, key }, (request, response) => {
      const message = new URL(request.url ?? '', 'https://doh.test').searchParams.get('dns') ?? ''
      response.writeHead(200, { 'content-type': 'application/dns-message' }).end(answer(Buffer.from(message, 'base64url'), plain))
    })
    const behind = world.gateway.behind
    const port = await listen(doh)
    world.gateway.behind = (address, to) => (address === '240.48.0.1' ? { port } : behind(address, to))
    const { reach, until, seen } = world.reach()
    reach.start()
    const state = await until(({ status }) => status === 'connected')
    expect(state.route?.kind).toBe('plain')
    await expect.poll(() => seen.filter(({ t }) => t === 'dns').length, { timeout: 5_000 }).toBe(2)
    expect(seen.filter(({ t }) => t === 'dns')).toMatchObject(
      [
        { resolver: 'system', name: 'chat.test', outcome: { kind: 'answer', addresses: ['240.99.0.1'], late: [] } },
        { resolver: 'doh', name: 'chat.test', outcome: { kind: 'answer', addresses: [plain] } },
      ].sort(
        (a, b) =>
          seen.findIndex((one) => one.t === 'dns' && one.resolver === a.resolver) -
          seen.findIndex((one) => one.t === 'dns' && one.resolver === b.resolver),
      ),
    )
    doh.close()
  })
})

describe('HTTP to other planes', () => {
  const never = new AbortController().signal
  const text = async (body: AsyncIterable<unknown>) => {
    const chunks: Buffer[] = []
    for await (const chunk of body) if (Buffer.isBuffer(chunk)) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  it('publishes, opens and reads back a page; uploads and fetches a piece of a file', async () => {
    world = await worldHere()
    const { reach, until } = world.reach()
    reach.start()
    await until(({ status }) => status === 'connected')
    const page = await reach.link.request('link.publish', { title: 'Hello', text: 'Real words' })
    if (!page.ok) throw new Error(page.code)
    const answer = await reach.link.http(
      { plane: 'links', method: 'GET', path: `/${page.slug}`, headers: { accept: 'application/json' } },
      never,
    )
    expect(answer).toMatchObject({ status: 200, recipe: 'tcp 240.16.0.13:443 | tls sni=links.test | http' })
    expect(JSON.parse(await text(answer.body))).toMatchObject({ title: 'Hello', text: 'Real words' })

    const grant = await reach.link.request('media.grant', { size: 10 })
    if (!grant.ok) throw new Error(grant.code)
    const path = `/m/${grant.media}`
    const put = await reach.link.http(
      {
        plane: 'media',
        method: 'PUT',
        path,
        headers: { authorization: `Bearer ${grant.token}`, 'content-length': '10' },
        body: Readable.from([Buffer.from('01234'), Buffer.from('56789')]),
      },
      never,
    )
    expect(put.status).toBeLessThan(300)
    await text(put.body)
    const part = await reach.link.http({ plane: 'media', method: 'GET', path, headers: { range: 'bytes=3-5' } }, never)
    expect(part.status).toBe(206)
    expect(await text(part.body)).toBe('345')
    await expect.poll(() => world.gateway.openFlows()).toBe(1)
  })

  it('goes through a proxy when the plane is blocked, and says not-connected when nothing works', async () => {
    world = await worldHere()
    const { reach, until } = world.reach()
    reach.start()
    await until(({ status }) => status === 'connected')
    world.block.set(linksAt, 'ECONNREFUSED')
    const answer = await reach.link.http({ plane: 'links', method: 'GET', path: '/none', headers: {} }, never)
    expect(answer.recipe).toMatch(/^socks5 /)
    expect(answer.status).toBe(404)
    await text(answer.body)
    for (const at of [socksAt, tunnelAt]) world.block.set(at, 'ECONNREFUSED')
    await expect(reach.link.http({ plane: 'links', method: 'GET', path: '/none', headers: {} }, never)).rejects.toMatchObject({
      code: 'not-connected',
    })
  })
})
