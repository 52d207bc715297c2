/** What the engine needs of getting through and of diagnosis, as interfaces: tests put a small double behind them. */
import type { PathState, Verdict } from '../../shared/contract/path.ts'
import type { LinkChecker } from './links/types.ts'
import type { RelayLink } from './reach/relay-link.ts'

export interface ReachPart {
  readonly link: RelayLink
  state(): Omit<PathState, 'verdicts'>
  onState(listener: () => void): () => void
  start(): void
  close(): Promise<void> | void
  retry(): void
  /** Back to the plain path now. */
  returnNow(): void
  /** Throws `bad-input` for what is no proxy, `already-there`. */
  addProxy(url: string): void
  /** Throws `no-such-route`. */
  removeProxy(proxyId: string): void
}

export interface DiagnosisPart {
  verdicts(): readonly Omit<Verdict, 'actions' | 'exposure'>[]
  onVerdicts(listener: () => void): () => void
  probe(): Promise<void>
  readonly checkLink: LinkChecker
  start(): void
  close(): void
}
