/** Signal's client library (libsignal): routes in order, a next one after half a second for each under way, one TLS handshake at a time. */
import { within } from '../../../../electron/core/net/deadline.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Kit, Link } from '../kit.ts'
import type { Installed, Peer } from '../peer.ts'
import { createTurns, race } from '../schedule.ts'
import { ENTRANCES, OWN, SERVICE_NAME } from '../world.ts'

// rust/net/infra/src/route.rs: PER_CONNECTION_WAIT_DURATION, times the attempts in flight.
const PER_ATTEMPT_MS = 500
// route/schedule.rs: HAPPY_EYEBALLS_DELAY, for each further address of one name.
const NEXT_ADDRESS_MS = 300
// route.rs: OUT_OF_ORDER_RESOLUTION_DEBOUNCE_TIME.
const HELD_MS = 5_000
// timeouts.rs: the system's look-up, then DoH, then the addresses in the program.
const SYSTEM_DNS_MS = 5_000
const DOH_MS = 10_000
// timeouts.rs: TCP; TLS at least, or so many times what TCP took; all together.
const TCP_MS = 15_000
const TLS_LEAST_MS = 3_000
const TLS_TRIPS = 5
const ALL_MS = 60_000
// connect_state.rs, schedule.rs: how long a route that failed is put off.
const MAX_DELAY_MS = 30_000
const MAX_COUNT = 5
const GROWTH = 10
const AGE_CUTOFF_MS = 300_000

interface Group {
  readonly host: string
  readonly known: readonly string[]
}
/** Its own service, then its two fronts, each with one name: here the two other entrances. */
const groups: readonly Group[] = [{ host: SERVICE_NAME, known: OWN }, ...ENTRANCES.map(({ host, address }) => ({ host, known: [address] }))]

interface Route {
  readonly host: string
  readonly address: string
}

interface Failure {
  at: number
  count: number
}

function install(kit: Kit): Installed {
  const { clock } = kit
  const failures = new Map<string, Failure>()
  const keyOf = ({ host, address }: Route) => `${host} ${address}`
  /** 30 s x (10^(n/5) - 1) / 9, and less the older it is. */
  const delayOf = (route: Route) => {
    const failed = failures.get(keyOf(route))
    if (!failed) return 0
    const byCount = (GROWTH ** (failed.count / MAX_COUNT) - 1) / (GROWTH - 1)
    const byAge = (GROWTH - GROWTH ** Math.min(1, (clock.monotonic() - failed.at) / AGE_CUTOFF_MS)) / (GROWTH - 1)
    return MAX_DELAY_MS * byCount * byAge
  }

  const resolve = async ({ host, known }: Group, signal: AbortSignal): Promise<readonly string[]> => {
    for (const [from, limit] of [
      ['system', SYSTEM_DNS_MS],
      [0, DOH_MS],
    ] as const) {
      try {
        const { addresses } = await within(clock, limit, signal, (inTime) => kit.ask(from, host, 'A', inTime))
        if (addresses.length > 0) return addresses
      } catch {
        signal.throwIfAborted()
      }
    }
    return known
  }

  const connect = async (signal: AbortSignal) => {
    const handshakes = createTurns()
    const upgrades = createTurns()
    const failed: { readonly route: Route; readonly at: number }[] = []
    const attempt = async (route: Route, over: AbortSignal) => {
      const at = clock.monotonic()
      let link: Link | null = null
      try {
        const opened = await within(clock, TCP_MS, over, (inTime) => kit.open(route.address, inTime))
        link = opened
        const limit = Math.max(TLS_LEAST_MS, TLS_TRIPS * (clock.monotonic() - at))
        await handshakes(() => within(clock, limit, over, (inTime) => opened.encrypt(route.host, inTime)), over)
        await upgrades(() => opened.login(over), over)
        return route
      } catch (error) {
        link?.close()
        if (!over.aborted) failed.push({ route, at })
        throw error
      }
    }
    const won = await race({
      clock,
      next: asResolved({ clock, delayOf, resolve, signal }),
      gapMs: (underWay) => PER_ATTEMPT_MS * underWay,
      onFailure: 'recount',
      attempt,
      signal,
    }).finally(() => {
      for (const { route, at } of failed) {
        const count = Math.min((failures.get(keyOf(route))?.count ?? 0) + 1, MAX_COUNT)
        failures.set(keyOf(route), { at, count })
      }
    })
    failures.delete(keyOf(won))
  }

  return { connect: (signal) => within(clock, ALL_MS, signal, connect) }
}

interface Resolving {
  readonly clock: Clock
  readonly delayOf: (route: Route) => number
  readonly resolve: (group: Group, signal: AbortSignal) => Promise<readonly string[]>
  readonly signal: AbortSignal
}

/** All names are looked up at once; a group that is resolved before one ahead of it is held for a while. The next route is the one that is due first. */
function asResolved({ clock, delayOf, resolve, signal }: Resolving): () => Promise<Route | null> {
  const queue: { readonly dueAt: number; readonly route: Route }[] = []
  const resolved = new Map<Group, readonly string[]>()
  const released = new Set<Group>()
  let wake = () => {}
  const release = (group: Group) => {
    if (released.has(group)) return
    released.add(group)
    for (const [at, address] of (resolved.get(group) ?? []).entries()) {
      const route = { host: group.host, address }
      queue.push({ dueAt: clock.monotonic() + at * NEXT_ADDRESS_MS + delayOf(route), route })
    }
    queue.sort((a, b) => a.dueAt - b.dueAt)
    wake()
  }
  for (const group of groups) {
    resolve(group, signal).then(
      (addresses) => {
        resolved.set(group, addresses)
        for (const each of groups) {
          if (!resolved.has(each)) break
          release(each)
        }
        clock.after(HELD_MS, () => release(group))
      },
      () => {},
    )
  }
  return async () => {
    for (;;) {
      const [first] = queue
      if (!first && released.size === groups.length) return null
      const wait = first ? first.dueAt - clock.monotonic() : null
      // Times are sums of fractions.
      if (first && wait !== null && wait < 0.001) return queue.shift()?.route ?? null
      await new Promise<void>((resume) => {
        const timer = wait === null ? null : clock.after(wait, () => resume())
        wake = () => {
          timer?.cancel()
          resume()
        }
      })
    }
  }
}

const fronts = ENTRANCES.map(({ address }) => address)

export const signal: Peer = {
  name: 'Signal',
  install,
  deadAfter: { ms: 45_000, says: 'timeouts.rs: idle for 45 s, with a ping at 31 s' },
  // rust/net/tests/chat_connect_timing.rs, and what its constants come to.
  known: [
    { says: 'only fronts can be reached: 0.5 s', ms: 500, dead: { tcp: OWN } },
    { says: 'the first TLS handshake hangs: 3.0 s', ms: 3_000, dead: { tls: [SERVICE_NAME] } },
    { says: 'all three routes black-holed: 16.5 s until it says so', ms: 16_500, dead: { tcp: [...OWN, ...fronts] } },
  ],
}
