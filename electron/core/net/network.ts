/**
 * The one way core reaches the world. `systemNetwork` is the real one, `labNetwork` carries the same bytes to the lab;
 * nothing above can tell which it got. No name is ever resolved here: connections go to address literals only.
 */
import type { Duplex } from 'node:stream'

export interface SocketAddress {
  readonly address: string
  readonly port: number
}

export interface NetworkFacts {
  readonly kind: 'real' | 'simulated'
  /** What tells this network from others, for a local salted hash only; never sent, never stored in clear. */
  readonly id: string
  readonly up: boolean
  readonly gateway: string | null
  /** The resolvers this computer was told to use. */
  readonly resolvers: readonly SocketAddress[]
  readonly v6: boolean
  /** Of a rehearsed computer: how far its own clock is ahead of the true time; absent: nobody knows. */
  readonly clockSkewMs?: number
  /** Of a rehearsed computer: authorities (PEM) that it was told to trust beside the usual ones. */
  readonly installedRoots?: readonly string[]
  /** Monotonic time of the last change, ms: right after one, nobody draws conclusions. */
  readonly changedAt: number
}

export interface DatagramReply {
  readonly bytes: Uint8Array
  readonly from: SocketAddress
}

export interface Network {
  facts(): NetworkFacts
  onChange(listener: (facts: NetworkFacts) => void): () => void
  /**
   * Opens a TCP connection to a literal address. Resolves once established. Rejects with a Node-style error: `code`
   * (ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ECONNRESET, …) and `syscall: 'connect'`; with the signal's reason on abort.
   * Never times out by itself. A later reset destroys the stream with code ECONNRESET and syscall `read`.
   */
  connect(to: SocketAddress, signal: AbortSignal): Promise<Duplex>
  /** Sends one datagram from a fresh port and yields whatever comes back to that port, until `signal` aborts (which ends it, not throws). */
  exchange(to: SocketAddress, message: Uint8Array, signal: AbortSignal): AsyncIterable<DatagramReply>
  close(): void
}
