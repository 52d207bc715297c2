/** Getting and staying through, with real sockets and a real relay. Times are held on a virtual clock, next door. */
import { afterEach, describe, expect, it } from 'vitest'
import { createNetworkMemory } from '../../../electron/core/reach/memory.ts'
import type { ReachState } from '../../../electron/core/reach/reach-interface.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { memoryValues, plain, second, siblingAt, socksAt, tunnelAt, type WorldHere, worldHere } from './world.ts'

let world: WorldHere
/** Each may be there first on real sockets. */
const others = ['address', 'sibling', 'disguise', 'proxy']
const isDetour = ({ route }: ReachState) => route !== null && route.kind !== 'plain'
afterEach(() => world.end())

describe('getting through', () => {
  it('connects by the plain way, proven, and answers requests', async () => {
    world = await worldHere()
    world.onlyPlain()
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
    ['the address is silent', () => world.block.set(plain, 'silence'), others],
    ['the address refuses', () => world.block.set(plain, 'ECONNREFUSED'), others],
    [
      'only another address is left',
      () => [plain, siblingAt, socksAt, tunnelAt].map((at) => world.block.set(at, 'ECONNREFUSED')),
      ['address', 'disguise'],
    ],
    [
      'the name is reset on all its addresses',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'reset' as const })),
      ['sibling', 'proxy'],
    ],
    [
      'the name is met with silence',
      () => [plain, second].map((at) => world.block.set(at, { ...port(), onFirst: 'silence' as const })),
      ['sibling', 'proxy'],
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
    const free = world.onlyPlain()
    const here = world.reach(options)
    const log: string[] = []
    here.reach.link.onOnline(() => log.push('online'))
    here.reach.link.onOffline(() => log.push('offline'))
    here.reach.start()
    await here.until(({ status }) => status === 'connected')
    free()
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
    createNetworkMemory(values, systemClock, seededRandom(5)).worked('home', 'chat', `tcp ${second}:443 | tls sni=chat.test | ws`, 300)
    const { reach, until } = world.reach({ values })
    const log: string[] = []
    reach.link.onOnline(() => log.push('online'))
    reach.link.onOffline(() => log.push('offline'))
    reach.start()
    const { attempts } = await until(({ status }) => status === 'connected')
    // On a busy machine others may have begun before these two were there.
    expect(attempts.slice(0, 2).map(({ startMs }) => startMs < 200)).toEqual([true, true])
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
    expect(state.attempts[0]).toMatchObject({ kind: 'proxy', outcome: 'won' })
    // At once: whatever waits its turn waits longer than that.
    expect(state.attempts[0]?.startMs).toBeLessThan(100)
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
