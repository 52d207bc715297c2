/** The few measurements that diagnosis makes of its own. Each is bounded, cancellable, and answers with an outcome instead of throwing. */
import type { DnsObservation, TcpObservation, TlsObservation } from './observation.ts'

export interface Senses {
  /** Asks the resolver this network told us to use, over UDP, and listens on for a second, different answer. */
  lookupHere(name: string, signal: AbortSignal): Promise<{ resolverId: string; outcome: DnsObservation['outcome'] }>
  /** Asks public resolvers over HTTPS at literal addresses; the first that answers. `null` when the bundle names none. */
  lookupElsewhere(name: string, signal: AbortSignal): Promise<{ resolverId: string; outcome: DnsObservation['outcome'] } | null>
  /** Opens TCP to a literal address and closes it again. */
  reach(address: string, port: number, signal: AbortSignal): Promise<TcpObservation['outcome']>
  /** TCP, then a TLS handshake with the given name (`null`: none sent), checked against the bundle's roots for `host`; then closes. */
  greet(address: string, port: number, sni: string | null, host: string, signal: AbortSignal): Promise<Greeting>
}

/** What became of the two steps; the second is `null` if the first failed. Times in ms. */
export interface Greeting {
  readonly tcp: { readonly ms: number; readonly outcome: TcpObservation['outcome'] }
  readonly tls: { readonly ms: number; readonly outcome: TlsObservation['outcome'] } | null
}
