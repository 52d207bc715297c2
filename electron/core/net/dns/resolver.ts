/** What every resolver does, whatever carries its questions. Each kind is one file that says what it defends against, and what not. */
import type { DnsOutcome } from './udp.ts'
import type { DnsReply, DnsType } from './wire.ts'

export interface Question {
  readonly name: string
  readonly types: readonly DnsType[]
}

export interface Resolver {
  readonly id: string
  /** `clear`: anybody on the way may have said it. `authenticated`: the resolver did, and may still be mistaken or lie. */
  readonly trust: 'clear' | 'authenticated'
  /**
   * All types, joined to one outcome. Rejects only with the signal's reason; `timeout` comes from the resolver's own patience or from a
   * deadline that the signal carries. `onFirst`: the first valid answer, where the resolver listens on for another.
   */
  lookUp(question: Question, signal: AbortSignal, onFirst?: (reply: DnsReply) => void): Promise<DnsOutcome>
}
