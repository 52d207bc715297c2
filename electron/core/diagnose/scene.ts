/** The newest state of everything measured, arranged for the rules: what answers, what does not, and what it can be compared with. */
import type { Plane } from '../../../shared/contract/path.ts'
import type { ControlEntry, Endpoint } from '../../../shared/protocol/bundle.ts'
import { BRIEF_MS, byEnd, type Run, runs } from './history.ts'
import type {
  DnsObservation,
  HelloObservation,
  LocalObservation,
  Observation,
  PortalObservation,
  StatusObservation,
  TcpObservation,
  TlsObservation,
  TransferObservation,
  VantageObservation,
} from './observation.ts'

export interface Context {
  /** Epoch ms. */
  readonly now: number
  readonly endpoints: readonly Endpoint[]
  readonly controls: readonly ControlEntry[]
  /** CIDR ranges that no honest answer holds in this world. */
  readonly bogons: readonly string[]
  /** Where lookups lead households that ordered a filter. */
  readonly householdFilters?: readonly string[]
  /** Whether a session with the relay is alive right now, by any route: an independent sign that the service itself works. */
  readonly relayAlive: boolean
}

export interface Scene {
  readonly context: Context
  readonly dns: readonly Run<DnsObservation>[]
  readonly tcp: readonly Run<TcpObservation>[]
  readonly tls: readonly Run<TlsObservation>[]
  readonly hello: readonly Run<HelloObservation>[]
  readonly status: readonly Run<StatusObservation>[]
  readonly portal: readonly Run<PortalObservation>[]
  readonly vantage: readonly Run<VantageObservation>[]
  readonly transfer: readonly Run<TransferObservation>[]
  readonly local: LocalObservation | null
}

/** A comparison is worth something only if made at about the same time. */
export const CONTROL_WINDOW_MS = 90_000

export function sceneOf(observations: readonly Observation[], context: Context): Scene {
  const of = <K extends Observation['t']>(t: K) => observations.filter((o): o is Extract<Observation, { t: K }> => o.t === t)
  const kind = (o: { readonly outcome: { readonly kind: string } }) => o.outcome.kind
  return {
    context,
    dns: runs(of('dns'), dnsClass),
    tcp: runs(of('tcp'), kind),
    tls: runs(of('tls'), kind),
    hello: runs(of('hello'), kind),
    status: runs(of('status'), (o) => (o.outcome.kind === 'status' ? `status ${o.outcome.status}` : o.outcome.kind)),
    portal: runs(of('portal'), kind),
    vantage: runs(of('vantage'), kind),
    transfer: runs(of('transfer'), kind),
    local: of('local').toSorted(byEnd).at(-1) ?? null,
  }
}

function dnsClass(o: DnsObservation): string {
  return o.outcome.kind === 'answer' ? `answer ${[...o.outcome.addresses].sort().join(' ')}` : o.outcome.kind
}

export function targetsOf<T extends { plane: Plane; role: string }>(list: readonly Run<T & Observation>[], plane: Plane) {
  return list.filter((run) => run.last.role === 'target' && run.last.plane === plane)
}

/** The endpoint whose direct way is the plane's plain path. */
export function plainOf({ context }: Scene, plane: Plane): Endpoint | undefined {
  return context.endpoints.find((endpoint) => endpoint.plane === plane)
}

/** Where most addresses of IPv6 fail, none of them says anything (OONI's `ipv6_broken_probe`). */
export function isBrokenV6({ tcp }: Scene, { address }: { readonly address: string }): boolean {
  if (!address.includes(':')) return false
  const v6 = tcp.filter(({ last }) => last.address.includes(':'))
  return v6.filter(({ last }) => last.outcome.kind !== 'connected').length * 2 > v6.length
}

/** The fastest that anything was ever told from this address by who stands there: a connection, or a handshake. `null`: nothing was. */
export function tripTo({ tcp }: Scene, address: string): number | null {
  const connects = tcp
    .flatMap(({ all }) => all)
    .filter((o) => o.address === address && o.outcome.kind === 'connected' && o.source !== 'proxy')
  return connects.length > 0 ? Math.min(...connects.map(({ ms }) => ms)) : null
}

/** No trip takes that long by itself: whoever was let in after it had waited at the door. */
const LONGEST_TRIP_MS = 600

/** Refused sooner than the far end could have said so (detection.md, T3). */
export function isForged(scene: Scene, { address, outcome, ms }: TcpObservation): boolean {
  const trip = tripBeside(scene, address)
  return (
    (outcome.kind === 'refused' || outcome.kind === 'reset') && tripTo(scene, address) !== null && trip < LONGEST_TRIP_MS && ms < 0.6 * trip
  )
}

/** Refused no sooner than anybody there, or beside it, ever answered: by who stands there, or right before it. */
export function isFromThere(scene: Scene, { address, outcome, ms }: TcpObservation): boolean {
  const trip = tripBeside(scene, address)
  return (outcome.kind === 'refused' || outcome.kind === 'reset') && trip < LONGEST_TRIP_MS && ms >= 0.9 * trip
}

/** The fastest from there or from beside it: whoever was let in there may have waited at the door. Infinite: nothing was ever told. */
function tripBeside(scene: Scene, address: string): number {
  const beside = new Set(scene.tcp.map(({ last }) => last.address).filter((other) => isBeside(other, address)))
  return Math.min(...[...beside].flatMap((other) => tripTo(scene, other) ?? []))
}

/** In the smallest range that is announced to the world. */
function isBeside(a: string, b: string): boolean {
  return a === b || (a.includes('.') && a.split('.').slice(0, 3).join('.') === b.split('.').slice(0, 3).join('.'))
}

/** When the outcome of an observation was known. */
export function endOf(o: Observation): number {
  return o.at + o.ms
}

/** From when to when the same was met again and again. */
export interface Row {
  readonly since: number
  readonly until: number
}

/** Whoever is asked because something failed is asked within this. */
const AT_ONCE_MS = 500

export function rowOf<T extends Observation>({ all, repeats, last }: Run<T>): Row {
  return { since: (all.at(-repeats) ?? last).at, until: endOf(last) }
}

/** While we met that: not before it began, nor when it may already be over. */
export function isMeanwhile(o: Observation, { since, until }: Row): boolean {
  return endOf(o) >= Math.max(since, until - CONTROL_WINDOW_MS) && o.at <= until + AT_ONCE_MS
}

/**
 * Whether something unrelated to us answered over TCP meanwhile: first strangers, else ours elsewhere. What they did before the trouble
 * tells nothing of it, and what they do now only if we have looked since: it may be over.
 */
export function othersAnswer(scene: Scene, row: Row, exceptProvider: string): 'strangers' | 'ours-elsewhere' | null {
  const answering = scene.tcp.filter(
    ({ last, all }) => last.outcome.kind === 'connected' && last.source !== 'proxy' && all.some((o) => isAnswer(o) && isMeanwhile(o, row)),
  )
  // Where only places of this country answer, it is abroad that does not (detection.md 5.2, gate 1).
  const { controls } = scene.context
  const domestic = new Set(controls.every((one) => one.domestic) ? [] : controls.flatMap((one) => (one.domestic ? one.id : [])))
  const counts = ({ role, provider, endpoint }: TcpObservation) =>
    role === 'control' && provider !== exceptProvider && !domestic.has(endpoint)
  if (answering.some(({ last }) => counts(last))) return 'strangers'
  return answering.some((run) => run.last.role === 'target' && run.last.provider !== exceptProvider) ? 'ours-elsewhere' : null
}

const isAnswer = ({ outcome }: TcpObservation) => outcome.kind === 'connected'

/** Strangers' addresses in the same provider that are silent too: the sign that a whole range is blocked. */
export function silentStrangers(scene: Scene, provider: string, at: number): number {
  return scene.tcp.filter(
    (run) =>
      run.last.role === 'control' &&
      run.last.provider === provider &&
      run.last.outcome.kind === 'timeout' &&
      Math.abs(run.last.at - at) < CONTROL_WINDOW_MS,
  ).length
}

/** A SYN is sent again after a second, and a slow line is no block: shorter silence than this means nothing (detection.md, P3). */
export function isLongSilence(scene: Scene, ms: number): boolean {
  const connects = scene.tcp.filter((run) => run.last.outcome.kind === 'connected' && run.last.source !== 'proxy').map((run) => run.last.ms)
  return ms >= Math.max(BRIEF_MS, 3 * median(connects))
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** What could take the blame away is asked for at once, and has answered within this. */
export const PATIENCE_MS = 4000
/** Two who are asked in one round are asked at about the same time. */
const ROUND_MS = 500

export interface Elsewhere {
  /** `null`: nobody elsewhere could be asked. */
  readonly outcome: VantageObservation['outcome'] | null
  /** Whether somebody was shown a wrong certificate there, and nobody since the right one. */
  readonly isWrongThere: boolean
  /** Whether somebody may still tell, or it has just changed for everybody. */
  readonly isPending: boolean
}

/**
 * What somebody elsewhere met at this address meanwhile, or at another address of this provider's where nobody was let in at any: where one
 * machine is dark for everybody, so may those beside it be.
 */
export function seenFromElsewhere(
  scene: Scene,
  { endpoint, address, provider }: { readonly endpoint: string; readonly address: string; readonly provider: string },
  row: Row,
): Elsewhere {
  const there = new Set(scene.context.endpoints.filter((one) => one.provider === provider).map(({ id }) => id))
  const met = scene.vantage
    .flatMap(({ all }) => all)
    .filter((o) => o.outcome.kind !== 'no-vantage' && there.has(o.endpoint))
    .filter((o) => endOf(o) >= Math.max(row.since, row.until - CONTROL_WINDOW_MS))
    .toSorted(byEnd)
  const here = met.filter((o) => o.endpoint === endpoint && o.address === address)
  const failing = ({ outcome }: VantageObservation) => outcome.kind !== 'established'
  const opened = met.findLast((o) => !failing(o))
  // It failed there as well until it was mended, and we have not looked since.
  const isMended = opened !== undefined && opened.at >= row.until - ROUND_MS && met.some((o) => failing(o) && o.at < opened.at - ROUND_MS)
  if (isMended) return { outcome: null, isWrongThere: false, isPending: true }
  const beside = opened === undefined ? met : []
  const outcome = (here.findLast((o) => !failing(o)) ?? here.at(-1) ?? beside.at(-1))?.outcome ?? null
  const isWrongThere = outcome?.kind !== 'established' && met.some((o) => o.outcome.kind === 'certificate')
  return { outcome, isWrongThere, isPending: outcome === null && scene.context.now - row.since < PATIENCE_MS }
}
