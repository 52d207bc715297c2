/** What a schedule of connects is made of: the steps that cost round trips. Over the lab (lab-kit.ts), or free of cost (free-kit.ts) to check the schedule alone. */
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'

export interface Answer {
  readonly addresses: readonly string[]
  /** How many SOA records came with it: an honest resolver sends exactly one with an empty answer (RFC 2308 section 3). */
  readonly soas: number
}

/** One connection. All reject with the signal's reason, and when the connection breaks. */
export interface Link {
  encrypt(name: string, signal: AbortSignal): Promise<void>
  /** One HTTPS request and its answer, over what `encrypt` made. */
  request(signal: AbortSignal): Promise<void>
  /** WebSocket upgrade and namespace CONNECT, over what `encrypt` made: the service has answered, and the race is over. */
  login(signal: AbortSignal): Promise<void>
  close(): void
}

export interface Kit {
  readonly clock: Clock
  readonly random: Random
  /** `system`: one datagram to the resolver that this network names. A number: that operator, over HTTPS, connection and all. */
  ask(resolver: 'system' | number, name: string, type: 'A' | 'CNAME', signal: AbortSignal): Promise<Answer>
  /** TCP; by way of a SOCKS5 proxy if one is given. */
  open(address: string, signal: AbortSignal, proxy?: string): Promise<Link>
}
