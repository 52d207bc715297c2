/**
 * Diagnosis at work: takes in what the race saw, looks for itself when something fails or the network changed, and says
 * what it thinks. The race never waits for it.
 */
import { X509Certificate } from 'node:crypto'
import type { Verdict } from '../../../shared/contract/path.ts'
import type { ProbeProgress } from '../../../shared/contract/why.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Network } from '../net/network.ts'
import { remember, runs } from './history.ts'
import { checkLink, type LinkCheck } from './link-check.ts'
import { createLooking } from './looking.ts'
import type { Observation, TcpObservation } from './observation.ts'
import { compare } from './probes/controls.ts'
import type { ProbeDeps } from './probes/parts.ts'
import { transferCheck } from './probes/transfers.ts'
import { lookRound } from './round.ts'
import { refusalIn } from './rules/status.ts'
import type { Context } from './scene.ts'
import type { Senses } from './senses.ts'
import { createTransferWatch } from './transfer-watch.ts'
import { diagnose, type Finding } from './verdict.ts'

export interface DiagnosisDeps {
  readonly network: Network
  readonly senses: Senses
  readonly clock: Clock
  readonly random: Random
  readonly bundle: () => Bundle
  readonly relayAlive: () => boolean
  readonly clockSkewMs: () => number | null
  /** Between looks at planes that carry no traffic of their own, ms. */
  readonly planeCheckMs: number
  /** Between looks at throughput, ms; absent: it is not looked at. */
  readonly transferCheckMs?: number
}

export type PlainVerdict = Omit<Verdict, 'actions' | 'exposure'>

export interface Diagnosis {
  observe(o: Observation): void
  verdicts(): readonly PlainVerdict[]
  onVerdicts(listener: (verdicts: readonly PlainVerdict[]) => void): () => void
  /** Looks again now; resolves when the round is through, or was stopped. How far it is, is told as long as it runs, then `null`. */
  probe(): Promise<void>
  stopProbe(): void
  onProgress(listener: (progress: ProbeProgress | null) => void): () => void
  /** What this network's lookup says about one of the service's hosts, checked before a link is followed. */
  checkLink(host: string): Promise<LinkCheck>
  /** The evidence as it was when last judged, for export: `diagnose` of it gives the same verdicts. */
  evidence(): { readonly observations: readonly Observation[]; readonly context: Context }
  start(): void
  close(): void
}

/** How long a network may take to say that it is up. */
const UNTOLD_MS = 1500

export function createDiagnosis(deps: DiagnosisDeps): Diagnosis {
  const { clock } = deps
  const changed = createEvents<readonly PlainVerdict[]>()
  let history: readonly Observation[] = []
  let verdicts: readonly PlainVerdict[] = []
  const closing = new AbortController()
  let offNetwork: () => void = () => {}

  const context = (): Context => {
    const bundle = deps.bundle()
    return {
      now: clock.now(),
      endpoints: bundle.endpoints,
      controls: bundle.controls,
      bogons: bundle.bogons,
      householdFilters: bundle.householdFilters ?? [],
      relayAlive: deps.relayAlive(),
    }
  }

  let judged = context()

  const judge = () => {
    const now = clock.now()
    judged = context()
    const findings = diagnose(history, judged)
    const next = findings.map((finding) => ({
      ...finding,
      at: now,
      since: verdicts.find((old) => sameFinding(old, finding))?.since ?? now,
    }))
    const differs =
      next.length !== verdicts.length ||
      next.some((verdict, i) => JSON.stringify({ ...verdict, at: 0 }) !== JSON.stringify({ ...verdicts[i], at: 0 }))
    verdicts = next
    if (differs) changed.emit(next)
  }

  const observe = (o: Observation) => {
    history = remember(history, o)
    judge()
    if (o.role === 'target' && isFailure(o)) looking.trouble()
  }

  const probes: ProbeDeps = { senses: deps.senses, clock, random: deps.random, observe }

  const lookLocally = () => {
    const facts = deps.network.facts()
    observe({
      t: 'local',
      at: clock.now(),
      ms: 0,
      plane: 'chat',
      role: 'target',
      up: facts.up,
      v6: facts.v6,
      settledMs: clock.monotonic() - facts.changedAt,
      clockSkewMs: facts.clockSkewMs !== undefined ? -facts.clockSkewMs : deps.clockSkewMs(),
      installed: (facts.installedRoots ?? []).map(subjectOf),
    })
  }

  const looking = createLooking({
    clock,
    everyMs: deps.planeCheckMs,
    async look(onProgress, signal) {
      lookLocally()
      if (!deps.network.facts().up && !deps.relayAlive()) return
      await lookRound(probes, context(), { v6: deps.network.facts().v6, failing: failingAddresses(history), onProgress }, signal)
    },
    compare: (signal) => compare(probes, context().controls, signal),
    isTroubled: () => verdicts.some(({ kind }) => kind !== 'ok'),
    isUnsure: () => verdicts.some(({ kind, word }) => kind !== 'ok' && word !== 'confirmed'),
    onEnd: judge,
  })

  const media = () => deps.bundle().endpoints.find(({ plane }) => plane === 'media')
  const transfers = createTransferWatch({
    clock,
    everyMs: deps.transferCheckMs ?? Number.POSITIVE_INFINITY,
    // What cannot be reached has no rate.
    isDue: () => deps.network.facts().up && verdicts.some(({ plane, kind }) => plane === 'media' && withRate.has(kind)),
    check: async (signal) => {
      const endpoint = media()
      return endpoint ? transferCheck(probes, endpoint, deps.bundle().endpoints, signal) : false
    },
  })
  const startTransfers = () => deps.transferCheckMs !== undefined && transfers.start()

  return {
    observe,
    verdicts: () => verdicts,
    onVerdicts: (listener) => changed.on(listener),
    probe: looking.ask,
    stopProbe: looking.stop,
    onProgress: looking.onProgress,
    checkLink: (host) => {
      const endpoint = deps.bundle().endpoints.find((entry) => entry.host === host)
      return endpoint ? checkLink(probes, endpoint, closing.signal) : Promise.resolve('unknown-host')
    },
    evidence: () => ({ observations: history, context: judged }),
    start() {
      offNetwork = deps.network.onChange(() => {
        // What was seen on another network says nothing about this one.
        history = []
        looking.anew()
        startTransfers()
      })
      startTransfers()
      // A network that is not up yet may only not have told us; its change comes in time or not at all.
      if (deps.network.facts().up) looking.anew()
      else looking.schedule(UNTOLD_MS)
    },
    close() {
      offNetwork()
      transfers.stop()
      looking.close()
      closing.abort()
    },
  }
}

/** Verdicts under which a download can be tried, those about throughput itself among them. */
const withRate: ReadonlySet<string> = new Set(['ok', 'degraded', 'interference'])

function sameFinding(old: PlainVerdict, next: Finding): boolean {
  return old.plane === next.plane && old.kind === next.kind && old.mechanisms.join() === next.mechanisms.join()
}

function isFailure(o: Observation): boolean {
  switch (o.t) {
    case 'dns':
      return o.resolver === 'system' && o.outcome.kind !== 'answer'
    case 'tcp':
      return o.outcome.kind !== 'connected'
    case 'tls':
      return o.outcome.kind !== 'established'
    case 'hello':
      return o.outcome.kind !== 'proven'
    case 'status':
      return o.outcome.kind !== 'status' || refusalIn(o.outcome.status) !== null
    case 'local':
    case 'portal':
    case 'vantage':
    case 'transfer':
      return false
  }
}

/** Our own addresses whose newest try failed. */
function failingAddresses(history: readonly Observation[]): readonly TcpObservation[] {
  const own = history.filter((o): o is TcpObservation => o.t === 'tcp' && o.role === 'target' && o.source === 'bundle')
  return runs(own, (o) => o.outcome.kind)
    .filter((run) => run.last.outcome.kind !== 'connected')
    .map((run) => run.last)
}

/** How an authority names itself, as it stands as the issuer in what it signs. */
function subjectOf(pem: string): string {
  const { subject } = new X509Certificate(pem)
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject
}
