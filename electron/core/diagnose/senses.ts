/** The few measurements that diagnosis makes of its own. Each is bounded, cancellable, and answers with an outcome instead of throwing. */
import type { SocketAddress } from '../net/network.ts'
import type {
  DnsObservation,
  PortalObservation,
  StatusObservation,
  TcpObservation,
  TlsObservation,
  TransferObservation,
  VantageObservation,
} from './observation.ts'

export interface Lookup {
  readonly resolverId: string
  /** Whether the resolver stands in this very network. */
  readonly near?: boolean
  readonly outcome: DnsObservation['outcome']
}

/** A TLS server: where it is, the name shown in clear (`null`: none), and the name its certificate must carry. */
export interface TlsPlace extends SocketAddress {
  readonly sni: string | null
  readonly host: string
}

export interface Senses {
  /** Asks the resolver this network told us to use, over UDP, and listens on for a second, different answer. */
  lookupHere(name: string, signal: AbortSignal): Promise<Lookup>
  /** Asks the second resolver that this computer was told to use; `null` when there is none. */
  lookupBeside(name: string, signal: AbortSignal): Promise<Lookup | null>
  /** Asks public resolvers over HTTPS at literal addresses; the first that answers. `null` when the bundle names none. */
  lookupElsewhere(name: string, signal: AbortSignal): Promise<Lookup | null>
  /** Opens TCP to a literal address and closes it again. `onQuiet` is told once if nothing came for so many ms; the outcome may still come. */
  reach(address: string, port: number, signal: AbortSignal, onQuiet?: (ms: number) => void): Promise<TcpObservation['outcome']>
  /** TCP, then a TLS handshake, checked against the bundle's roots, and with `asks` one request inside it; then closes. */
  greet(to: TlsPlace, options: GreetOptions, signal: AbortSignal): Promise<Greeting>
  /** A plain request to `address` for the empty page that portals cannot help answering. Follows nothing, keeps nothing. */
  portal(address: string, host: string, signal: AbortSignal): Promise<PortalObservation['outcome']>
  /** The proxies of the bundle's that could be asked, in the order in which they should be. */
  vantages(): readonly string[]
  /** What whoever runs the proxy `via` meets at the same place. */
  askVantage(via: string, to: TlsPlace, signal: AbortSignal): Promise<VantageObservation['outcome']>
  /** Downloads the service's own sample and no more, asked for by the name `host` inside the session. */
  transfer(to: TlsPlace, host: string, signal: AbortSignal): Promise<Pick<TransferObservation, 'bytes' | 'kbps' | 'outcome'>>
}

export interface GreetOptions {
  /** The name in a request inside the session; absent: none is made. */
  readonly asks?: string
  readonly onQuiet?: (step: 'tcp' | 'tls', ms: number) => void
}

/** What became of the steps; each is `null` if the one before failed. Times in ms. */
export interface Greeting {
  readonly tcp: { readonly ms: number; readonly outcome: TcpObservation['outcome'] }
  readonly tls: { readonly ms: number; readonly outcome: TlsObservation['outcome'] } | null
  readonly status?: { readonly ms: number; readonly outcome: StatusObservation['outcome'] } | null
}
