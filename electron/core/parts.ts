/** What the engine is made of and what it gives, as interfaces: tests put a small double behind getting through and diagnosis. */
import type { CoreHandlers, EventName, EventPayload, Settings } from '../../shared/contract/api.ts'
import type { PathState, Verdict } from '../../shared/contract/path.ts'
import type { Port } from '../../shared/contract/port.ts'
import type { ProbeProgress } from '../../shared/contract/why.ts'
import type { Bundle } from '../../shared/protocol/bundle.ts'
import type { Clock } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'
import type { Evidence } from './export/measurement-out.ts'
import type { HistoryPart } from './finding-log.ts'
import type { LinkChecker } from './links/types.ts'
import type { Log } from './log.ts'
import type { BundleDesk } from './reach/bundle-desk.ts'
import type { Identity, RelayLink } from './reach/relay-link.ts'
import type { RouteChoices } from './reach/route-choices.ts'
import type { Store } from './store/store.ts'
import type { Witness } from './store/witness.ts'

export interface ReachPart extends RouteChoices {
  readonly link: RelayLink
  state(): Omit<PathState, 'verdicts'>
  onState(listener: () => void): () => void
  start(): void
  close(): Promise<void> | void
  retry(): void
  /** Back to the plain path now. */
  returnNow(): void
  /** When a second connection is kept ready. */
  chooseStandby(choice: Settings['standby']): void
  readonly bundles: BundleDesk
}

export interface DiagnosisPart {
  verdicts(): readonly Omit<Verdict, 'actions' | 'exposure'>[]
  onVerdicts(listener: () => void): () => void
  probe(): Promise<void>
  stopProbe(): void
  onProgress(listener: (progress: ProbeProgress | null) => void): () => void
  /** What the verdicts that stand were computed from. */
  evidence(): Evidence
  readonly checkLink: LinkChecker
  start(): void
  close(): void
}

export interface CoreDeps {
  /** Of this program, for the diagnostics file. */
  readonly version: string
  /** Open, and closed by `close`. */
  readonly store: Store
  readonly identity: Identity
  /** Its key lies beside it. */
  readonly practice: boolean
  readonly witness: Witness
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** The newest one held. */
  readonly bundle: () => Bundle
  /** Not yet started; started by `start`, closed by `close`. */
  readonly parts: { readonly reach: ReachPart; readonly diagnosis: DiagnosisPart; readonly history: HistoryPart }
}

export type CoreEvent = { [E in EventName]: { readonly name: E; readonly payload: EventPayload<E> } }[EventName]

export interface Core {
  /** What one needs to add this user: `handle:key`. */
  readonly card: string
  readonly handlers: CoreHandlers
  onEvent(listener: (event: CoreEvent) => void): () => void
  /** Answers the contract's core calls on `port` and sends it every event, until it closes. */
  serve(port: Port): void
  /** Begins to get through. */
  start(): void
  /** Nothing accepted is lost; the store is closed when it resolves. */
  close(): Promise<void>
}
