/**
 * What one probe or one attempt saw. Plain data: verdicts are computed from a list of these and nothing else, so that
 * every verdict can be recomputed from its export. `role` tells the thing measured from what it is compared with.
 */
import type { Plane } from '../../../shared/contract/path.ts'

interface Seen {
  /** Epoch ms when it began, and how long it took. */
  readonly at: number
  readonly ms: number
  readonly plane: Plane
  readonly role: 'target' | 'control'
}

export interface DnsObservation extends Seen {
  readonly t: 'dns'
  readonly name: string
  /** `system`: the first resolver this computer was told to use. `other`: a further one it was told. `doh`: over HTTPS, authenticated. */
  readonly resolver: 'system' | 'other' | 'doh'
  /** Whether that resolver stands in this very network: at its gateway, or at an address of no other network. */
  readonly near?: boolean
  /** A name made up beside the one in question: an honest resolver knows that there is none, and says whose zone it is (SOA). */
  readonly madeUp?: boolean
  readonly resolverId: string
  readonly outcome:
    | { readonly kind: 'answer'; readonly addresses: readonly string[]; readonly late: readonly (readonly string[])[] }
    | { readonly kind: 'nxdomain'; readonly soa: boolean }
    | { readonly kind: 'error'; readonly rcode: string }
    | { readonly kind: 'timeout' }
    | { readonly kind: 'failed'; readonly reason: string }
}

export interface TcpObservation extends Seen {
  readonly t: 'tcp'
  readonly endpoint: string
  readonly provider: string
  readonly address: string
  readonly port: number
  /** Where the address came from. */
  readonly source: 'bundle' | 'system' | 'doh' | 'proxy'
  /** `timeout` with `ms` is silence so far; it may be followed by a later outcome of the same try. */
  readonly outcome:
    | { readonly kind: 'connected' }
    | { readonly kind: 'refused' | 'reset' | 'unreachable' | 'timeout' }
    | { readonly kind: 'failed'; readonly code: string }
}

export interface TlsObservation extends Seen {
  readonly t: 'tls'
  readonly endpoint: string
  readonly provider: string
  readonly address: string
  readonly sni: string | null
  readonly source: 'bundle' | 'system' | 'doh' | 'proxy'
  readonly outcome:
    | { readonly kind: 'established' }
    | { readonly kind: 'reset' | 'closed' | 'timeout' }
    /** `code` as Node gives it: SELF_SIGNED_CERT_IN_CHAIN, CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID…; `issuer` as it names itself. */
    | { readonly kind: 'certificate'; readonly code: string; readonly issuer: string }
    | { readonly kind: 'failed'; readonly code: string }
}

/** The relay's own proof, over a finished TLS session. */
export interface HelloObservation extends Seen {
  readonly t: 'hello'
  readonly endpoint: string
  readonly provider: string
  readonly address: string
  readonly source: 'bundle' | 'system' | 'doh' | 'proxy'
  readonly outcome:
    | { readonly kind: 'proven' }
    /** Somebody answered, but not with the relay's signature over this very TLS session. */
    | { readonly kind: 'unproven'; readonly reason: 'channel-mismatch' | 'bad-signature' | 'not-a-relay' }
    | { readonly kind: 'refused'; readonly code: string }
    | { readonly kind: 'status'; readonly status: number }
    | { readonly kind: 'reset' | 'closed' | 'timeout' }
}

export interface LocalObservation extends Seen {
  readonly t: 'local'
  readonly up: boolean
  readonly v6: boolean
  /** Ms since the network last changed, at `at`. */
  readonly settledMs: number
  /** The true time minus ours, as a proven relay or this computer itself tells; `null` when unknown. */
  readonly clockSkewMs: number | null
  /** Who signs for the authorities that this computer was told to trust beside the usual ones, as they name themselves. */
  readonly installed?: readonly string[]
}

/** One small request inside an authenticated TLS session: whether the service serves at all, whatever it serves. Its body is not read. */
export interface StatusObservation extends Seen {
  readonly t: 'status'
  readonly endpoint: string
  readonly provider: string
  readonly address: string
  readonly outcome: { readonly kind: 'status'; readonly status: number } | { readonly kind: 'reset' | 'closed' | 'timeout' }
}

/** The question that every browser asks a new network: a plain request whose one right answer is an empty 204. Nothing is followed or loaded. */
export interface PortalObservation extends Seen {
  readonly t: 'portal'
  readonly endpoint: string
  readonly address: string
  readonly outcome: /** `elsewhere`: it sends on to another host. `skewMs`: its clock minus ours, to the second; `null` if it told none. */
    | { readonly kind: 'status'; readonly status: number; readonly elsewhere: boolean; readonly skewMs: number | null }
    | { readonly kind: 'failed'; readonly code: string }
}

/** The same question asked from somewhere else: through somebody's proxy, who is reached by another way and sees the service for himself. */
export interface VantageObservation extends Seen {
  readonly t: 'vantage'
  readonly via: string
  readonly endpoint: string
  readonly address: string
  /** `no-vantage`: the proxy itself was not reached, or let nobody through: nothing is learnt. */
  readonly outcome:
    | { readonly kind: 'established' }
    | { readonly kind: 'silent' | 'refused' | 'cut' }
    | { readonly kind: 'certificate'; readonly code: string; readonly issuer: string }
    | { readonly kind: 'no-vantage'; readonly code: string }
}

/** A download of known size over one connection. */
export interface TransferObservation extends Seen {
  readonly t: 'transfer'
  readonly endpoint: string
  readonly provider: string
  readonly address: string
  readonly sni: string | null
  readonly bytes: number
  /** Of what came after the first 24 KiB, which a policer lets pass at once; of all of it where not even that much came; `null`: of nothing. */
  readonly kbps: number | null
  readonly outcome: { readonly kind: 'whole' | 'stalled' | 'cut' | 'slow' } | { readonly kind: 'failed'; readonly code: string }
}

export type Observation =
  | DnsObservation
  | TcpObservation
  | TlsObservation
  | HelloObservation
  | LocalObservation
  | StatusObservation
  | PortalObservation
  | VantageObservation
  | TransferObservation
