/** Outline's smart dialer: which look-up works, then which way of saying the name, then proxies; and only then the connection itself. */
import { within } from '../../../../electron/core/net/deadline.ts'
import type { Kit } from '../kit.ts'
import type { Installed, Peer } from '../peer.ts'
import { inOrder, race } from '../schedule.ts'
import { OWN, PROXIES, SERVICE_NAME } from '../world.ts'

// x/smart/racer.go: the next entry when the one before has failed, or after this.
const NEXT_MS = 250
// TestTimeout, as all who use it have it.
const TEST_MS = 5_000
// transport/happyeyeballs.go: the next address.
const NEXT_ADDRESS_MS = 250
// x/smart/cache.go.
const DNS_CACHE_MS = 60_000

/** The network's own resolver, then three over HTTPS. */
const resolvers = ['system', 0, 1, 2] as const
type Resolver = (typeof resolvers)[number]
/** Straight, split, repeated splits, out of order, in records. The boxes here put pieces together, so all five meet the same. */
const strategies = ['', 'split:1', 'split:2,20*5', 'split:200|disorder:1', 'tlsfrag:1'] as const
type Strategy = (typeof strategies)[number]

/** x/smart/dns.go: what cannot be anybody's server. */
const isBogus = (address: string) => /^(0|10|127|169\.254|192\.168)\./.test(address)

function install(kit: Kit): Installed {
  const { clock } = kit
  const answers = new Map<Resolver, { readonly at: number; readonly addresses: readonly string[] }>()
  let winner: { readonly resolver: Resolver; readonly strategy: Strategy } | { readonly proxy: string } | null = null

  const lookUp = async (resolver: Resolver, signal: AbortSignal) => {
    const known = answers.get(resolver)
    if (known && clock.monotonic() - known.at < DNS_CACHE_MS) return known.addresses
    const { addresses } = await kit.ask(resolver, SERVICE_NAME, 'A', signal)
    if (addresses.length === 0 || addresses.some(isBogus)) throw new Error('no usable answer')
    answers.set(resolver, { at: clock.monotonic(), addresses })
    return addresses
  }
  const testResolver = async (resolver: Resolver, signal: AbortSignal) => {
    await within(clock, TEST_MS, signal, (inTime) => lookUp(resolver, inTime))
    // Only who is not authenticated must show what an honest one shows.
    if (resolver !== 'system') return resolver
    const { soas } = await within(clock, TEST_MS, signal, (inTime) => kit.ask(resolver, SERVICE_NAME, 'CNAME', inTime))
    if (soas !== 1) throw new Error('an answer that nobody honest gives')
    return resolver
  }
  const dial = async (resolver: Resolver, signal: AbortSignal) =>
    race({
      clock,
      next: inOrder(await lookUp(resolver, signal)),
      gapMs: () => NEXT_ADDRESS_MS,
      onFailure: 'end-wait',
      attempt: kit.open,
      signal,
    })
  const byProxy = (proxy: string) => (signal: AbortSignal) => kit.open(OWN[0], signal, proxy)

  /** A connection of its own, for one request. */
  const test = (open: (signal: AbortSignal) => ReturnType<Kit['open']>, signal: AbortSignal) =>
    within(clock, TEST_MS, signal, async (inTime) => {
      const link = await open(inTime)
      try {
        await link.encrypt(SERVICE_NAME, inTime)
        await link.request(inTime)
      } finally {
        link.close()
      }
    })
  const racing = <T, R>(entries: readonly T[], attempt: (entry: T, signal: AbortSignal) => Promise<R>, signal: AbortSignal) =>
    race({ clock, next: inOrder(entries), gapMs: () => NEXT_MS, onFailure: 'end-wait', attempt, signal })

  const search = async (signal: AbortSignal): Promise<NonNullable<typeof winner>> => {
    const before = winner
    if (before && 'proxy' in before) {
      try {
        await test(byProxy(before.proxy), signal)
        return before
      } catch {
        signal.throwIfAborted()
      }
    }
    const first = before && 'strategy' in before ? before : null
    try {
      const resolver = await racing(movedUp(resolvers, first?.resolver), testResolver, signal)
      const say = async (strategy: Strategy, over: AbortSignal) => {
        await test((inTime) => dial(resolver, inTime), over)
        return strategy
      }
      return { resolver, strategy: await racing(movedUp(strategies, first?.strategy), say, signal) }
    } catch {
      signal.throwIfAborted()
    }
    const tryProxy = async (proxy: string, over: AbortSignal) => {
      await test(byProxy(proxy), over)
      return proxy
    }
    return { proxy: await racing(PROXIES, tryProxy, signal) }
  }

  return {
    async connect(signal) {
      // x/smart/strategy_result.go: one for all networks; lost when everything failed.
      const found = await search(signal).catch((error: unknown) => {
        winner = null
        throw error
      })
      winner = found
      const link = await ('proxy' in found ? byProxy(found.proxy)(signal) : dial(found.resolver, signal))
      await link.encrypt(SERVICE_NAME, signal)
      await link.login(signal)
    },
  }
}

function movedUp<T>(list: readonly T[], first: T | undefined): T[] {
  return [...list].sort((a, b) => Number(b === first) - Number(a === first))
}

export const outline: Peer = {
  name: 'Outline',
  install,
  known: [
    { says: 'a black-holing network: the first proxy is dialled after 6 s at least', ms: 6_000, atLeast: true, dead: { tcp: OWN } },
    { says: 'a silent resolver: the next entry after 0.25 s', ms: 250, dead: { resolver: true } },
  ],
}
