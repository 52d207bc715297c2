/** The two ends of a flow as its users see them: the client's, and what stands at the far end. */
import type { Duplex } from 'node:stream'
import type { RefusedCode } from '../../shared/protocol/uplink.ts'

/** What the client of a flow is told. Mirrors the uplink's frames. */
export interface FlowSink {
  opened(): void
  refused(code: RefusedCode): void
  segment(bytes: Uint8Array): void
  fin(): void
  reset(): void
  credit(bytes: number): void
}

/** What the client of a flow may do. After `reset`, or both FINs: nothing happens. */
export interface FlowHandle {
  segment(bytes: Uint8Array): void
  fin(): void
  reset(): void
  /** The client took so many bytes and may be sent as many more. */
  credit(bytes: number): void
}

/** What stands at the far end of a SYN. */
export type FarEnd =
  | { readonly t: 'listening'; connect(): Duplex | Promise<Duplex> }
  | { readonly t: 'closed' }
  /** No answer at all. */
  | { readonly t: 'silent' }
