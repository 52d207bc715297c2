/** What getting through needs, and what the rest of core has of it. */
import type { StandbyChoice } from '../../../shared/contract/api.ts'
import type { PathState } from '../../../shared/contract/path.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Observation } from '../diagnose/observation.ts'
import type { Log } from '../log.ts'
import type { Network } from '../net/network.ts'
import type { Transports } from '../net/transports/transports.ts'
import type { ValueStore } from '../store/values.ts'
import type { BundleDesk } from './bundle-desk.ts'
import type { CursorSource, Identity, RelayLink } from './relay-link.ts'
import type { RouteChoices } from './route-choices.ts'

export interface ReachOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** The signed bundle as read from its file; not checked yet. */
  readonly bundle: unknown
  readonly values: ValueStore
  readonly identity: Identity
  readonly cursor: CursorSource
  readonly log: Log
  /** Absent: no programs are started. Closed by whoever made it. */
  readonly transports?: Transports
  /** `returnHoldMs`: how long the plain path must hold before the app moves back. */
  readonly tuning?: { readonly returnHoldMs?: number | undefined }
}

export type ReachState = Omit<PathState, 'verdicts'>

export interface Reach extends RouteChoices {
  readonly link: RelayLink
  state(): ReachState
  onState(listener: () => void): () => void
  onObservation(listener: (observation: Observation) => void): () => void
  /** The newest bundle held, and the desk where people bring and take some. */
  bundle(): Bundle
  readonly bundles: BundleDesk
  start(): void
  close(): void
  /** Tries everything again now, also what was left alone for a while. */
  retry(): void
  returnNow(): void
  /** Diagnosis no longer sees anything in the way of the plain path: worth a test, if a detour is in use. */
  plainSeemsFree(): void
  /** When a second connection is kept ready; not before this is said. */
  chooseStandby(choice: StandbyChoice): void
}
