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
  /** `system`: the resolver this network told us to use. `other`: another plain one. `doh`: over HTTPS, authenticated. */
  readonly resolver: 'system' | 'other' | 'doh'
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
  /** Proven relay time minus ours; `null` when unknown. */
  readonly clockSkewMs: number | null
}

export type Observation = DnsObservation | TcpObservation | TlsObservation | HelloObservation | LocalObservation
