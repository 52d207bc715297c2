/**
 * A censor that learns and escalates: sights in, the next move out. It knows the service's public domains, the routing table, and what
 * passed its box; nothing else. What a move costs is estimated from other people's traffic of the last minutes and corrected by what
 * is then seen to break; a move is made only within the budget. Pure: time comes in with every call.
 */
import { hits, isUnder, type Order, orderId, type Rung } from './ladder.ts'
import type { Sight } from './sight.ts'
import { createSuspects, SURE, type Suspect } from './suspects.ts'
import { createTraffic, type Flow, WINDOW_MS } from './traffic.ts'

export interface PolicyOptions {
  /** The service's public domains. */
  readonly seeds: readonly string[]
  /** Services of strangers that may be broken at once. */
  readonly budget: number
  /** Between two moves. Days in reality (Russia 2018: hours to days), minutes for boxes that probe (China). */
  readonly moveEveryMs: number
  /** The announced prefix that holds an address, as a routing table says. */
  rangeOf(address: string): string | null
  /** Addresses it lies with: nothing is learnt from its own lies. */
  readonly own: readonly string[]
}

export type Because =
  | { readonly code: Suspect['reasons'][number]['code']; readonly what: string }
  /** Seen still in use after the move before; lifted because strangers' services broke, or because nobody came by any more. */
  | { readonly code: 'public' | 'cost' | 'idle'; readonly what: string }

export type Decision =
  | {
      readonly do: 'impose'
      readonly rung: Rung
      readonly orders: readonly Order[]
      readonly because: Because
      /** Strangers' services that it expects to break, beyond those that are broken already. */
      readonly cost: readonly string[]
    }
  | { readonly do: 'lift'; readonly rung: Rung; readonly orders: readonly Order[]; readonly because: Because }
  | { readonly do: 'probe'; readonly to: string; readonly port: number }

/** `open`: something is in use that it cannot afford to cut; `shut`: every way it found is cut; `quiet`: nobody is seen using it. */
export type Outcome = 'open' | 'shut' | 'quiet'

export interface PolicyState {
  readonly suspects: readonly (Suspect & { readonly cut: boolean })[]
  readonly spent: readonly string[]
  readonly next: { readonly inMs: number; readonly rung: Rung | 'probe'; readonly target: string; readonly cost: number } | null
  /** The cheapest step that the budget forbids. */
  readonly beyond: { readonly rung: Rung; readonly target: string; readonly cost: number } | null
  readonly outcome: Outcome | null
}

export interface Policy {
  see(atMs: number, sight: Sight): void
  /** The move that is due now; it counts as made. `null`: none. */
  decide(atMs: number): Decision | null
  /** All that is blocked now. */
  orders(): readonly Order[]
  state(atMs: number): PolicyState
}

interface Standing {
  readonly order: Order
  readonly since: number
  /** Expected to break, and seen to break. */
  readonly broken: Set<string>
  lastHit: number
}

/** Rounds of single addresses before it goes for ranges, and single addresses in one range before it sees that they come back. */
const ROUNDS = 2
const CHASES = 3
/** Not heard for so long: not in use. Longer than a quiet messenger waits between two signs of life. */
const ALIVE_MS = 45_000
/** In parts of the time between two moves. */
const STAY = 0.5
const SETTLE = 2
const IDLE = 10
const PER_SERVICE = 0.5
const COOL = 10

type Impose = Extract<Decision, { do: 'impose' }>

export function createPolicy(options: PolicyOptions): Policy {
  const { seeds, budget, moveEveryMs, rangeOf } = options
  const traffic = createTraffic()
  const suspects = createSuspects(seeds, new Set(options.own), traffic)
  const standing = new Map<string, Standing>()
  const lifted = new Map<string, { times: number; until: number }>()
  const stayMs = moveEveryMs * STAY
  let addressRounds = 0
  let blockedAt: number | null = null
  let movedAt: number | null = null
  let nextAt: number | null = null
  /** Users were seen trying in vain since the last move. */
  let triedInVain = false

  /** Whom it takes for an entrance by now was no stranger. */
  const strangersOf = ({ broken }: Standing) => [...broken].filter((service) => !suspects.isSure(service) && !suspects.isItsName(service))
  const spent = () => new Set([...standing.values()].flatMap(strangersOf))
  const isStranger = (flow: Flow) => !suspects.isSure(flow.to) && !(flow.name !== null && suspects.isItsName(flow.name))
  const strangersHit = (orders: readonly Order[], atMs: number) => {
    const found = new Set<string>()
    for (const flow of traffic.flows()) {
      const isRecent = flow.opened && (flow.endedAt ?? Math.max(flow.heardAt, flow.since)) >= atMs - WINDOW_MS
      if (isRecent && isStranger(flow) && orders.some((order) => hits(order, flow))) found.add(traffic.serviceOf(flow))
    }
    return found
  }
  /** Cut by something in force, and not heard in spite of it. */
  const isCut = (flow: Flow) =>
    [...standing.values()].some(({ order, since }) => hits(order, flow) && flow.heardAt <= Math.max(since, flow.since) + stayMs)
  const inUse = (atMs: number) =>
    [...traffic.flows()].filter((flow) => flow.opened && flow.endedAt === null && flow.heardAt > atMs - ALIVE_MS && !isCut(flow))

  /** What would hit this flow, the mildest first; a rung that did not hold comes again last. */
  const steps = (flow: Flow): (readonly Order[])[] => {
    const address: Order = { rung: 'addresses', target: flow.to }
    const range = rangeOf(flow.to)
    const known = suspects.list().filter((each) => each.sure >= SURE)
    const batch = known.map((each): Order => ({ rung: 'addresses', target: each.address })).filter((order) => !isUseless(order))
    const names = [...new Set([...seeds, ...known.flatMap((each) => [...each.names]).filter(suspects.isItsName)])]
    const chased = [...standing.values()].filter(
      ({ order }) => order.rung === 'addresses' && range !== null && rangeOf(order.target) === range,
    )
    return [
      seeds.map((target): Order => ({ rung: 'lookup', target })),
      addressRounds < ROUNDS ? batch : [],
      range === null ? [] : [{ rung: 'prefix' as const, target: range }],
      names.map((target): Order => ({ rung: 'name', target })),
      [{ rung: 'protocol' as const, target: 'unknown' }],
      chased.length < CHASES ? [address] : [],
    ].map((orders) => orders.filter((order) => !standing.has(orderId(order))))
  }
  const isUseless = (order: Order) => standing.has(orderId(order)) || [...standing.values()].some((each) => covers(each.order, order))
  const isCooling = (orders: readonly Order[], atMs: number) => orders.some((order) => (lifted.get(orderId(order))?.until ?? 0) > atMs)

  const becauseOf = (rung: Rung, flow: Flow): Because => {
    if (rung === 'lookup') return { code: 'public', what: seeds[0] ?? '' }
    return (
      suspects
        .list()
        .find((each) => each.address === flow.to)
        ?.reasons.at(-1) ?? { code: 'public', what: flow.to }
    )
  }
  const plan = (atMs: number): { decision: Decision | null; beyond: PolicyState['beyond']; outcome: Outcome | null } => {
    suspects.weigh(atMs, blockedAt, stayMs)
    const paid = spent()
    let beyond: PolicyState['beyond'] = null
    const alive = inUse(atMs)
    const targets = alive.filter((flow) => suspects.isSure(flow.to))
    for (const flow of targets) {
      for (const orders of steps(flow)) {
        const [first] = orders
        if (!first || isCooling(orders, atMs)) continue
        // Lies cut nothing that is open, but they are where one begins.
        if (first.rung !== 'lookup' && !orders.some((order) => hits(order, flow))) continue
        const cost = [...strangersHit(orders, atMs)].filter((service) => !paid.has(service))
        const affordable = paid.size + cost.length <= budget
        const decision: Impose = { do: 'impose', rung: first.rung, orders, because: becauseOf(first.rung, flow), cost }
        if (affordable) return { decision, beyond: null, outcome: null }
        if (!beyond || cost.length < beyond.cost) beyond = { rung: first.rung, target: first.target, cost: cost.length }
      }
    }
    const doubted = suspects
      .list()
      .find((each) => each.sure < SURE && !each.isProbed && alive.some((flow) => flow.to === each.address && flow.port === each.port))
    if (doubted && movedAt !== null) return { decision: { do: 'probe', to: doubted.address, port: doubted.port }, beyond, outcome: null }
    // What it did needs a while to be seen.
    if (movedAt === null || atMs - movedAt < SETTLE * moveEveryMs) return { decision: null, beyond, outcome: null }
    return { decision: null, beyond, outcome: targets.length > 0 ? 'open' : triedInVain ? 'shut' : 'quiet' }
  }

  /** A rule that breaks more than the budget allows goes first, then one that only costs. */
  const toLift = (atMs: number): Decision | null => {
    const costly = [...standing.values()]
      .filter((each) => strangersOf(each).length > 0)
      .sort((a, b) => strangersOf(b).length - strangersOf(a).length)
    const [worst] = costly
    if (worst && spent().size > budget) return lift(worst, 'cost')
    const idle = costly.find(({ since, lastHit }) => Math.max(since, lastHit) < atMs - IDLE * moveEveryMs)
    return idle ? lift(idle, 'idle') : null
  }
  const lift = (each: Standing, code: 'cost' | 'idle'): Decision => ({
    do: 'lift',
    rung: each.order.rung,
    orders: [each.order],
    because: { code, what: String(strangersOf(each).length) },
  })

  const make = (decision: Decision, atMs: number) => {
    switch (decision.do) {
      case 'probe':
        // Asked once; the answer comes back as a sight.
        for (const each of suspects.list()) if (each.address === decision.to) each.isProbed = true
        return
      case 'lift':
        for (const order of decision.orders) {
          const times = (lifted.get(orderId(order))?.times ?? 0) + 1
          lifted.set(orderId(order), { times, until: times > 2 ? Number.POSITIVE_INFINITY : atMs + COOL * moveEveryMs * 2 ** times })
          standing.delete(orderId(order))
        }
        return
      case 'impose':
        for (const order of decision.orders) {
          standing.set(orderId(order), { order, since: atMs, broken: strangersHit([order], atMs), lastHit: atMs })
        }
        if (decision.rung === 'addresses') addressRounds++
        if (decision.rung !== 'lookup') blockedAt = atMs
        movedAt = atMs
        triedInVain = false
        nextAt = atMs + moveEveryMs * (1 + decision.cost.length * PER_SERVICE)
    }
  }

  return {
    see(atMs, sight) {
      const flow = traffic.see(atMs, sight)
      suspects.see(atMs, sight, flow)
      if (!flow || (sight.t !== 'try' && sight.t !== 'look')) return
      for (const each of standing.values()) {
        if (!hits(each.order, flow)) continue
        // Where only people of the service want to go is no stranger's, for all it can tell.
        const ours = suspects.users(atMs)
        const isTheirs = ours.has(flow.subscriber) && !traffic.isVisitedByOthers(flow.to, ours)
        if (isStranger(flow) && !isTheirs) each.broken.add(traffic.serviceOf(flow))
        else each.lastHit = atMs
        if (suspects.isSure(flow.to)) triedInVain = true
      }
    },
    decide(atMs) {
      traffic.forget(atMs)
      nextAt ??= atMs + moveEveryMs
      const lifting = toLift(atMs)
      const decision = lifting ?? (atMs < nextAt ? null : plan(atMs).decision)
      if (decision) make(decision, atMs)
      return decision
    },
    orders: () => [...standing.values()].map(({ order }) => order),
    state(atMs) {
      const { decision, beyond, outcome } = plan(atMs)
      const inMs = Math.max(0, (nextAt ?? atMs + moveEveryMs) - atMs)
      return {
        suspects: suspects.list().map((each) => ({ ...each, cut: [...standing.values()].some(({ order }) => isAt(order, each)) })),
        spent: [...spent()],
        next: nextOf(decision, inMs),
        beyond,
        outcome,
      }
    },
  }
}

function nextOf(decision: Decision | null, inMs: number): PolicyState['next'] {
  if (!decision || decision.do === 'lift') return null
  if (decision.do === 'probe') return { inMs, rung: 'probe', target: decision.to, cost: 0 }
  return { inMs, rung: decision.rung, target: decision.orders[0]?.target ?? '', cost: decision.cost.length }
}

const isAt = (order: Order, { address, names }: Suspect) =>
  hits(order, { to: address, name: null, look: null }) ||
  (names.size > 0 && [...names].every((name) => order.rung === 'name' && isUnder(name, order.target)))

const covers = (wide: Order, narrow: Order) => wide.rung === 'prefix' && hits(wide, { to: narrow.target, name: null, look: null })
