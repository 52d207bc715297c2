/**
 * The way back: entries of a file as observations that verdicts are computed from. What stands as a number in brackets gets an address that
 * behaves as the one it stands for did: one that can be somebody's or one that cannot, of its kind, in its range.
 */
import type { MeasuredEvidence } from '../../../shared/contract/measurement.ts'
import type { DnsObservation, HelloObservation, Observation, TcpObservation, TlsObservation } from '../diagnose/observation.ts'
import { codeOf, kindOf } from './failures.ts'
import type { Evidence } from './measurement-out.ts'
import { standIns } from './stand-ins.ts'

type Entry<K extends Exclude<keyof MeasuredEvidence, 'context'>> = MeasuredEvidence[K][number]
type Timed = Pick<Entry<'local'>, 't0' | 't' | 'x_plane' | 'x_role'>

/** `zero`: what the file's times count from, epoch ms. */
export function readEvidence(measured: MeasuredEvidence, zero: number): Evidence {
  const { context } = measured
  const place = standIns(measured)
  const ms = (seconds: number) => Math.round(seconds * 1_000_000) / 1000
  const seen = ({ t0, t, x_plane, x_role }: Timed) => ({ at: zero + ms(t0), ms: ms(t - t0), plane: x_plane, role: x_role })
  const there = ({ address, x_endpoint }: { address: string; x_endpoint: string }) => ({
    address: place(hostOf(address)),
    endpoint: x_endpoint,
  })
  const known = ({ x_provider, x_source }: Pick<Entry<'tcp_connect'>, 'x_provider' | 'x_source'>) => ({
    provider: x_provider,
    source: x_source,
  })
  const observations: Observation[] = [
    ...measured.queries.map(
      (entry): Observation => ({
        t: 'dns',
        ...seen(entry),
        name: entry.hostname,
        resolver: entry.x_resolver,
        resolverId: entry.x_resolver_id,
        ...(entry.x_near !== undefined && { near: entry.x_near }),
        ...(entry.x_made_up !== undefined && { madeUp: entry.x_made_up }),
        outcome: lookupIn(entry, place),
      }),
    ),
    ...measured.tcp_connect.map(
      (entry): Observation => ({
        t: 'tcp',
        ...seen(entry),
        ...known(entry),
        endpoint: entry.x_endpoint,
        address: place(entry.ip),
        port: entry.port,
        outcome: connectIn(entry.status.failure),
      }),
    ),
    ...measured.tls_handshakes.map(
      (entry): Observation => ({
        t: 'tls',
        ...seen(entry),
        ...there(entry),
        ...known(entry),
        sni: entry.server_name,
        outcome: handshakeIn(entry),
      }),
    ),
    ...measured.network_events.map(
      (entry): Observation => ({
        t: 'transfer',
        ...seen(entry),
        ...there(entry),
        provider: entry.x_provider,
        sni: entry.x_server_name,
        bytes: entry.num_bytes,
        kbps: entry.x_kbps,
        outcome: entry.x_outcome === 'failed' ? { kind: 'failed', code: codeOf(entry.failure) } : { kind: entry.x_outcome },
      }),
    ),
    ...measured.requests.map((entry) => requestIn(entry, { ...seen(entry), ...there(entry) })),
    ...measured.relay_hellos.map(
      (entry): Observation => ({
        t: 'hello',
        ...seen(entry),
        ...there(entry),
        ...known(entry),
        outcome: helloIn(entry),
      }),
    ),
    ...measured.vantages.map(
      (entry): Observation => ({
        t: 'vantage',
        ...seen(entry),
        ...there(entry),
        via: entry.via,
        outcome:
          entry.outcome === 'certificate'
            ? { kind: 'certificate', code: entry.x_fault ?? 'other', issuer: entry.x_issuer ?? '' }
            : entry.outcome === 'no-vantage'
              ? { kind: 'no-vantage', code: codeOf(entry.failure) }
              : { kind: entry.outcome },
      }),
    ),
    ...measured.local.map(
      (entry): Observation => ({
        t: 'local',
        ...seen(entry),
        up: entry.up,
        v6: entry.v6,
        settledMs: entry.settled_ms,
        clockSkewMs: entry.clock_skew_ms,
        ...(entry.installed && { installed: entry.installed }),
      }),
    ),
  ]
  return {
    observations,
    context: {
      now: zero + ms(context.t),
      relayAlive: context.relay_alive,
      endpoints: context.endpoints.map((endpoint) => ({ ...endpoint, addresses: endpoint.addresses.map(place) })),
      controls: context.controls,
      bogons: context.bogons,
      householdFilters: place.filters,
    },
  }
}

function hostOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(':'))
  return host.startsWith('[') && host.includes(':') ? host.slice(1, -1) : host
}

function lookupIn(entry: Entry<'queries'>, place: (text: string) => string): DnsObservation['outcome'] {
  const { failure, answers, x_soa, x_rcode, x_late_answers = [] } = entry
  if (failure === null) {
    const addresses = answers.map((answer) => place(answer.answer_type === 'A' ? answer.ipv4 : answer.ipv6))
    return { kind: 'answer', addresses, late: x_late_answers.map((list) => list.map(place)) }
  }
  if (failure === 'dns_nxdomain_error') return { kind: 'nxdomain', soa: x_soa ?? false }
  if (x_rcode !== undefined) return { kind: 'error', rcode: x_rcode }
  return kindOf(failure, ['timeout']) ? { kind: 'timeout' } : { kind: 'failed', reason: codeOf(failure) }
}

function connectIn(failure: string | null): TcpObservation['outcome'] {
  if (failure === null) return { kind: 'connected' }
  const kind = kindOf(failure, ['refused', 'reset', 'unreachable', 'timeout'])
  return kind ? { kind } : { kind: 'failed', code: codeOf(failure) }
}

function handshakeIn({ failure, x_fault, x_issuer }: Entry<'tls_handshakes'>): TlsObservation['outcome'] {
  if (failure === null) return { kind: 'established' }
  if (x_fault !== undefined) return { kind: 'certificate', code: x_fault, issuer: x_issuer ?? '' }
  const kind = kindOf(failure, ['reset', 'closed', 'timeout'])
  return kind ? { kind } : { kind: 'failed', code: codeOf(failure) }
}

interface SeenThere {
  readonly at: number
  readonly ms: number
  readonly plane: Observation['plane']
  readonly role: Observation['role']
  readonly address: string
  readonly endpoint: string
}

function requestIn(entry: Entry<'requests'>, seen: SeenThere): Observation {
  const { failure, response, x_asked, x_provider = '', x_elsewhere = false, x_skew_ms = null } = entry
  if (x_asked === 'portal') {
    const outcome =
      response.code === null
        ? ({ kind: 'failed', code: codeOf(failure) } as const)
        : ({ kind: 'status', status: response.code, elsewhere: x_elsewhere, skewMs: x_skew_ms } as const)
    return { t: 'portal', ...seen, outcome }
  }
  const outcome =
    response.code === null
      ? { kind: kindOf(failure, ['reset', 'closed', 'timeout']) ?? 'closed' }
      : ({ kind: 'status', status: response.code } as const)
  return { t: 'status', ...seen, provider: x_provider, outcome }
}

function helloIn({ outcome, detail }: Entry<'relay_hellos'>): HelloObservation['outcome'] {
  switch (outcome) {
    case 'unproven': {
      const reason = (['channel-mismatch', 'bad-signature', 'not-a-relay'] as const).find((one) => one === detail)
      return { kind: 'unproven', reason: reason ?? 'not-a-relay' }
    }
    case 'refused':
      return { kind: 'refused', code: String(detail ?? 'other') }
    case 'status':
      return { kind: 'status', status: typeof detail === 'number' ? detail : 0 }
    default:
      return { kind: outcome }
  }
}
