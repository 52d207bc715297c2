/** Observations as entries of a file for strangers (shared/contract/measurement.ts): in OONI's words, and without what tells who or where somebody is. */
import { isIP } from 'node:net'
import type { MeasuredEvidence } from '../../../shared/contract/measurement.ts'
import type { DnsObservation, Observation } from '../diagnose/observation.ts'
import type { Context } from '../diagnose/scene.ts'
import { certificateFailure, failureOf, lookupFailure, unknownFailure } from './failures.ts'
import type { Redaction } from './redact.ts'

export interface Evidence {
  readonly observations: readonly Observation[]
  readonly context: Context
}

/** Seconds since `zero` (epoch ms), to the microsecond: below that no clock of ours tells anything. */
export const secondsSince = (zero: number) => (at: number) => Math.round((at - zero) * 1000) / 1_000_000

export function measuredEvidence({ observations, context }: Evidence, zero: number, redact: Redaction): MeasuredEvidence {
  const since = secondsSince(zero)
  const seen = ({ at, ms, plane, role }: Observation) => ({ t0: since(at), t: since(at + ms), x_plane: plane, x_role: role })
  const of = <K extends Observation['t']>(t: K) => observations.filter((o): o is Extract<Observation, { t: K }> => o.t === t)
  const portOf = (id: string) => [...context.endpoints, ...context.controls].find((one) => one.id === id)?.port ?? 443
  const address = (text: string, endpoint: string) => hostPort(redact.place(text), portOf(endpoint))
  const certificate = ({ code, issuer }: { code: string; issuer: string }) => ({
    failure: certificateFailure(code),
    x_fault: redact.fault(code),
    x_issuer: redact.party(issuer),
  })
  const failed = (code: string) => ({ failure: unknownFailure(redact.fault(code)) })
  const known = ({ provider, source }: { provider: string; source: Extract<Observation, { t: 'tcp' }>['source'] }) => ({
    x_provider: redact.party(provider),
    x_source: source,
  })
  const there = (o: { address: string; endpoint: string }) => ({
    address: address(o.address, o.endpoint),
    x_endpoint: redact.id('endpoint', o.endpoint),
  })

  return {
    queries: of('dns').map((o) => ({
      ...seen(o),
      hostname: redact.place(o.name),
      query_type: 'ANY',
      engine: o.resolver === 'doh' ? 'doh' : 'udp',
      resolver_address: '',
      x_resolver: o.resolver,
      x_resolver_id: resolverIds.includes(o.resolverId) ? o.resolverId : redact.id('resolver', o.resolverId),
      ...(o.near !== undefined && { x_near: o.near }),
      ...(o.madeUp !== undefined && { x_made_up: o.madeUp }),
      ...answered(o.outcome, redact),
    })),
    tcp_connect: of('tcp').map((o) => {
      const isOpen = redact.isPublic(o.address)
      const failure =
        o.outcome.kind === 'connected' ? null : o.outcome.kind === 'failed' ? failed(o.outcome.code).failure : failureOf(o.outcome.kind)
      return {
        ...seen(o),
        ...known(o),
        ip: redact.place(o.address, o.port),
        port: isOpen || o.port === portOf(o.endpoint) ? o.port : 0,
        status: { failure, success: failure === null },
        x_endpoint: redact.id('endpoint', o.endpoint),
      }
    }),
    tls_handshakes: of('tls').map((o) => ({
      ...seen(o),
      ...there(o),
      ...known(o),
      server_name: o.sni === null ? null : redact.place(o.sni),
      no_tls_verify: false,
      ...(o.outcome.kind === 'established'
        ? { failure: null }
        : o.outcome.kind === 'certificate'
          ? certificate(o.outcome)
          : o.outcome.kind === 'failed'
            ? failed(o.outcome.code)
            : { failure: failureOf(o.outcome.kind) }),
    })),
    network_events: of('transfer').map((o) => ({
      ...seen(o),
      ...there(o),
      operation: 'bytes_received_cumulative',
      proto: 'tcp',
      num_bytes: o.bytes,
      failure:
        o.outcome.kind === 'failed'
          ? failed(o.outcome.code).failure
          : o.outcome.kind === 'stalled'
            ? failureOf('timeout')
            : o.outcome.kind === 'cut'
              ? failureOf('reset')
              : null,
      x_provider: redact.party(o.provider),
      x_server_name: o.sni === null ? null : redact.place(o.sni),
      x_kbps: o.kbps,
      x_outcome: o.outcome.kind,
    })),
    requests: [
      ...of('status').map((o) => ({
        ...seen(o),
        ...there(o),
        x_asked: 'status' as const,
        x_provider: redact.party(o.provider),
        failure: o.outcome.kind === 'status' ? null : failureOf(o.outcome.kind),
        response: { code: o.outcome.kind === 'status' ? o.outcome.status : null },
      })),
      ...of('portal').map((o) => ({
        ...seen(o),
        ...there(o),
        x_asked: 'portal' as const,
        failure: o.outcome.kind === 'failed' ? failed(o.outcome.code).failure : null,
        response: { code: o.outcome.kind === 'status' ? o.outcome.status : null },
        ...(o.outcome.kind === 'status' && { x_elsewhere: o.outcome.elsewhere, x_skew_ms: o.outcome.skewMs }),
      })),
    ],
    relay_hellos: of('hello').map((o) => {
      const { outcome } = o
      const detail = outcome.kind === 'unproven' ? outcome.reason : outcome.kind === 'refused' ? redact.fault(outcome.code) : null
      const word = outcome.kind === 'reset' || outcome.kind === 'closed' || outcome.kind === 'timeout' ? failureOf(outcome.kind) : null
      return {
        ...seen(o),
        ...there(o),
        ...known(o),
        failure: outcome.kind === 'proven' ? null : (word ?? unknownFailure(outcome.kind)),
        outcome: outcome.kind,
        detail: outcome.kind === 'status' ? outcome.status : detail,
      }
    }),
    vantages: of('vantage').map((o) => ({
      ...seen(o),
      ...there(o),
      via: redact.id('vantage', o.via),
      outcome: o.outcome.kind,
      ...(o.outcome.kind === 'certificate'
        ? certificate(o.outcome)
        : { failure: o.outcome.kind === 'established' ? null : unknownFailure(o.outcome.kind) }),
    })),
    local: of('local').map((o) => ({
      ...seen(o),
      up: o.up,
      v6: o.v6,
      settled_ms: o.settledMs,
      clock_skew_ms: o.clockSkewMs,
      ...(o.installed && { installed: o.installed.map(redact.party) }),
    })),
    context: {
      t: since(context.now),
      relay_alive: context.relayAlive,
      endpoints: context.endpoints.map(({ id, plane, host, port, addresses, provider }) => ({
        id: redact.id('endpoint', id),
        plane,
        host: redact.place(host),
        port,
        addresses: addresses.map((each) => redact.place(each)),
        provider: redact.party(provider),
      })),
      controls: context.controls.map(({ id, host, address: at, port, provider, domestic }) => ({
        id,
        host,
        address: at,
        port,
        provider,
        domestic,
      })),
      bogons: [...context.bogons],
    },
  }
}

/** What the measurements call a resolver without telling which it is. */
const resolverIds: readonly string[] = ['system', 'second', 'other', 'none']

export function hostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

function answered(outcome: DnsObservation['outcome'], redact: Redaction) {
  switch (outcome.kind) {
    case 'answer':
      return {
        failure: null,
        answers: outcome.addresses.map((each) => {
          const place = redact.place(each)
          return isIP(each) === 6 ? { answer_type: 'AAAA' as const, ipv6: place } : { answer_type: 'A' as const, ipv4: place }
        }),
        ...(outcome.late.length > 0 && { x_late_answers: outcome.late.map((list) => list.map((each) => redact.place(each))) }),
      }
    case 'nxdomain':
      return { failure: 'dns_nxdomain_error', answers: [], x_soa: outcome.soa }
    case 'error': {
      const rcode = /^[A-Z]{3,12}$/.test(outcome.rcode) ? outcome.rcode : 'OTHER'
      return { failure: lookupFailure(rcode), answers: [], x_rcode: rcode }
    }
    case 'timeout':
      return { failure: failureOf('timeout'), answers: [] }
    case 'failed':
      return { failure: unknownFailure(redact.fault(outcome.reason)), answers: [] }
  }
}
