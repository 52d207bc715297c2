/** Races for any plane: puts bundle, memory, lookups, proxies and recent failures into a plan, runs it, and learns from it. */
import type { TLSSocket } from 'node:tls'
import type { KnownRoute } from '../../../shared/contract/path.ts'
import type { Bundle, Endpoint, ProxyEntry } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Observation } from '../diagnose/observation.ts'
import type { Network } from '../net/network.ts'
import type { Transports } from '../net/transports/transports.ts'
import { attempt } from './attempt.ts'
import { type Candidate, type Choices, candidates, type LearnedAddress } from './candidates.ts'
import type { Cooldown } from './cooldown.ts'
import { lookUp } from './lookups.ts'
import type { NetworkMemory } from './memory.ts'
import { plan, type Start, staggerMs, usualMs } from './plan.ts'
import type { Preferences } from './preferences.ts'
import type { ProvenAddresses } from './proven-addresses.ts'
import { type Race, race } from './race.ts'
import type { Recipe } from './recipe.ts'

export interface WaysDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
  readonly memory: NetworkMemory
  readonly cooldown: Cooldown
  readonly proven: ProvenAddresses
  readonly handProxies: () => readonly ProxyEntry[]
  readonly preferences: Preferences
  readonly transports: Transports | null
  readonly observe: (observation: Observation) => void
  /** Ends lookups that outlive their race. */
  readonly closing: AbortSignal
}

export interface RaceRequest<S> {
  readonly plane: Endpoint['plane']
  readonly carrier: Recipe['carrier']
  readonly round: number
  /** Texts of recipes to start at once, before those remembered for this network. */
  readonly prefer: readonly string[]
  /** By the way to come back to alone: the plain one, or the one that the user pinned. */
  readonly onlyPlain: boolean
  /** Text of the one way that may be tried. */
  readonly only?: string | undefined
  /** Leaves out every other way, and asks no resolver. */
  readonly where?: ((candidate: Candidate) => boolean) | undefined
  /** The way in use has fallen silent: others are tried beside it at once. */
  readonly isUrgent: boolean
  readonly prove: ((tls: TLSSocket, candidate: Candidate, tlsMs: number, signal: AbortSignal) => Promise<S>) | null
  readonly wrap: (tls: TLSSocket, candidate: Candidate) => S
  readonly discard: (connection: S) => void
  readonly onChange: () => void
  readonly signal: AbortSignal
}

export interface Ways {
  run<S>(request: RaceRequest<S>): Race<S>
  /** Every way known for a plane, tried or not. */
  known(plane: Endpoint['plane'], carrier: Recipe['carrier']): KnownRoute[]
  /** Whether this is the way of the chat to come back to. */
  isHome(candidate: Candidate): boolean
  /** A connection that was up carried nothing any more, after so many bytes in both directions. */
  fellSilent(candidate: Candidate, plane: Endpoint['plane'], carried: number): void
  /** Another network: what lookups said does not count there. */
  forgetLookups(): void
}

/** Asking for the same name again sooner than this tells nothing new. */
const LOOKUP_EVERY_MS = 30_000
/** How long a way that failed or fell silent goes behind others of its kind. */
const DOUBT_MS = 180_000
/** A way that is tried alone keeps nobody waiting: on a line that loses a fifth of all packets it needs the time. */
const PATIENCE_ALONE = 2

export function createWays(deps: WaysDeps): Ways {
  const { network, clock, bundle, memory, cooldown, preferences } = deps
  const learned = new Map<string, LearnedAddress[]>()
  const askedAt = new Map<string, number>()
  const last = new Map<string, NonNullable<KnownRoute['last']>>()
  let ids = 0

  /** A transport without its program is no way here. */
  const isUsable = ({ kind, transport }: ProxyEntry) => kind !== 'transport' || (deps.transports?.isThere(transport ?? '') ?? false)
  const endpointsOf = (plane: Endpoint['plane']) => bundle().endpoints.filter((endpoint) => endpoint.plane === plane)
  /** What lookups say now, and what proved itself here after earlier ones. */
  const learnedOf = (plane: Endpoint['plane']): LearnedAddress[] => {
    const said = learned.get(plane) ?? []
    const before = deps.proven.of(network.facts().id, endpointsOf(plane)[0]?.host ?? '')
    return [
      ...said,
      ...before.filter((address) => !said.some((each) => each.address === address)).map((address) => ({ address, source: 'doh' as const })),
    ]
  }
  const choices = (plane: Endpoint['plane'], carrier: Recipe['carrier'], round: number, prefer: readonly string[]): Choices => ({
    endpoints: endpointsOf(plane),
    // The user's own first: they were added for a reason.
    proxies: [...deps.handProxies(), ...bundle().proxies].filter(isUsable),
    carrier,
    freezes: cooldown.freezes(),
    v6: network.facts().v6,
    learned: learnedOf(plane),
    remembered: [...new Set([...prefer, ...memory.recall(network.facts().id, plane)])],
    doubted: new Set([...last].filter(([, { ok, at }]) => !ok && clock.now() - at < DOUBT_MS).map(([text]) => text)),
    round,
    pinned: preferences.pinned,
    allows: (recipe) => preferences.choiceOf(recipe) !== 'banned',
  })
  const askFor = (plane: Endpoint['plane'], stagger: number, onLearned: () => void) => {
    const { host: name, addresses = [] } = endpointsOf(plane)[0] ?? {}
    const before = askedAt.get(plane)
    if (name === undefined || (before !== undefined && clock.monotonic() - before < LOOKUP_EVERY_MS)) return
    askedAt.set(plane, clock.monotonic())
    void lookUp({
      ...deps,
      bundle: bundle(),
      plane,
      name,
      known: [...addresses, ...deps.proven.of(network.facts().id, name)],
      dohAtMs: 2 * stagger,
      onLearned: (more) => {
        const known = learned.get(plane) ?? []
        learned.set(plane, [...known, ...more.filter(({ address }) => !known.some((one) => one.address === address))])
        onLearned()
      },
      signal: deps.closing,
    })
  }

  return {
    run(request) {
      const { plane, carrier, round, prefer, onlyPlain, only, where = () => true } = request
      const { id } = network.facts()
      const stagger = staggerMs(memory.tcpMs(id))
      const known = choices(plane, carrier, round, only === undefined ? prefer : [only])
      const all = candidates(known)
      const alone = only === undefined ? all.filter((each) => preferences.isHome(each, all)) : all.filter(({ text }) => text === only)
      const isAlone = onlyPlain || only !== undefined
      const starts: readonly Start[] = isAlone
        ? alone.map((candidate): Start => ({ atMs: 0, candidate, because: candidate.text === preferences.pinned ? 'pinned' : 'first' }))
        : cooldown.sift(plan(known, { s: stagger, isUrgent: request.isUrgent })).filter(({ candidate }) => where(candidate))
      const running = race({
        clock,
        starts,
        nextId: () => ++ids,
        attempt: (candidate, report, signal) =>
          attempt(
            {
              ...request,
              network,
              clock,
              random: deps.random,
              roots: () => bundle().roots,
              transports: deps.transports,
              observe: deps.observe,
              onReached: (ms) => memory.reached(id, ms),
              usualTcpMs: usualMs(memory.tcpMs(id)),
              patience: isAlone ? PATIENCE_ALONE : 1,
            },
            candidate,
            report,
            signal,
          ),
        discard: request.discard,
        onChange: request.onChange,
        onFailed(candidate, phase, { reason }) {
          last.set(candidate.text, { ok: false, ms: null, reason, at: clock.now() })
          cooldown.failed(candidate, phase, reason)
          // Without a network nothing is said about any way.
          if (network.facts().up) memory.failed(id, plane, candidate.text, reason)
        },
        signal: request.signal,
      })
      void running.result.then((won) => {
        if (won && !won.candidate.proxy && (won.candidate.source === 'system' || won.candidate.source === 'doh'))
          deps.proven.proved(id, won.candidate.recipe.host, won.candidate.recipe.address)
        if (won) last.set(won.candidate.text, { ok: true, ms: Math.round(won.attemptMs), at: clock.now() })
      })
      if (!isAlone && !request.where) {
        askFor(plane, stagger, () => {
          // An answer over HTTPS was authenticated; one in clear may be anybody's, and waits for the siblings.
          for (const candidate of candidates(choices(plane, carrier, round, prefer))) {
            if (candidate.source === 'system' || candidate.source === 'doh')
              running.add({ atMs: candidate.source === 'doh' ? stagger : 3 * stagger, candidate })
          }
        })
      }
      return running
    },
    known(plane, carrier) {
      const remembered = memory.recall(network.facts().id, plane)
      const decided = [...(preferences.pinned === null ? [] : [preferences.pinned]), ...preferences.banned]
      // What the user banned is known all the same.
      const all = candidates({ ...choices(plane, carrier, 0, decided), allows: () => true })
      return all.map(({ recipe, text, endpoint, kind, source, proxy }) => ({
        recipe: text,
        endpoint: endpoint.id,
        kind,
        ...(proxy ? { proxyId: proxy.id } : {}),
        source: proxy && deps.handProxies().includes(proxy) ? 'hand' : source === 'system' || source === 'doh' ? 'lookup' : 'bundle',
        last: last.get(text) ?? null,
        remembered: remembered.includes(text),
        choice: preferences.choiceOf(recipe),
      }))
    },
    isHome: (candidate) => preferences.isHome(candidate, candidates(choices('chat', 'ws', 0, []))),
    fellSilent(candidate, plane, carried) {
      cooldown.fellSilent(candidate, carried)
      last.set(candidate.text, { ok: false, ms: null, reason: 'timeout', at: clock.now() })
      memory.failed(network.facts().id, plane, candidate.text, 'timeout')
    },
    forgetLookups() {
      learned.clear()
      askedAt.clear()
    },
  }
}
