/**
 * What was measured, in the words of OONI's data formats where they have one (github.com/ooni/spec, data-formats: df-002-dnst,
 * df-005-tcpconnect, df-006-tlshandshake, df-008-netevents; failures as in df-007-errors and its probe). What is ours inside an entry of theirs begins
 * with `x_`, as their experimental keys do. All times are seconds since `measurement_start_time`. docs/DIAGNOSTICS.md says it in words.
 */
import * as v from 'valibot'
import { Plane } from './path.ts'

/** Of each kind, in one file. */
export const MOST_ENTRIES = 4000
const Text = v.pipe(v.string(), v.maxLength(300))
const Seconds = v.pipe(v.number(), v.finite())
const Count = v.pipe(v.number(), v.finite())
const many = <const S extends v.GenericSchema>(entry: S) => v.pipe(v.array(entry), v.maxLength(MOST_ENTRIES))

/** `null`: none. OONI's word, or `unknown_failure: ` and what the system called it. */
export const Failure = v.nullable(v.pipe(v.string(), v.regex(/^([a-z_]{3,40}|unknown_failure: [A-Za-z0-9_.-]{1,60})$/)))

const seen = { t0: Seconds, t: Seconds, x_plane: Plane, x_role: v.picklist(['target', 'control']) }
/** `address`: host and port, as OONI writes them. */
const there = { address: Text, x_endpoint: Text }
const known = { x_provider: Text, x_source: v.picklist(['bundle', 'system', 'doh', 'proxy']) }

export const QueryEntry = v.strictObject({
  ...seen,
  hostname: Text,
  /** Addresses of both kinds are asked for, as a system's lookup does. */
  query_type: v.literal('ANY'),
  engine: v.picklist(['udp', 'doh']),
  /** Left out: it would tell the network. */
  resolver_address: v.literal(''),
  failure: Failure,
  answers: many(
    v.union([v.strictObject({ answer_type: v.literal('A'), ipv4: Text }), v.strictObject({ answer_type: v.literal('AAAA'), ipv6: Text })]),
  ),
  x_resolver: v.picklist(['system', 'other', 'doh']),
  x_resolver_id: Text,
  x_near: v.optional(v.boolean()),
  x_made_up: v.optional(v.boolean()),
  /** With `dns_nxdomain_error`: whether the denial named whose zone it is. */
  x_soa: v.optional(v.boolean()),
  /** The resolver's own word for a failure. */
  x_rcode: v.optional(Text),
  /** Further, different answers to the same question. */
  x_late_answers: v.optional(many(many(Text))),
})

export const TcpEntry = v.strictObject({
  ...seen,
  ...known,
  ip: Text,
  port: v.pipe(v.number(), v.integer()),
  status: v.strictObject({ failure: Failure, success: v.boolean() }),
  x_endpoint: Text,
})

export const TlsEntry = v.strictObject({
  ...seen,
  ...there,
  ...known,
  /** The name in clear; `null`: none was shown. */
  server_name: v.nullable(Text),
  failure: Failure,
  no_tls_verify: v.literal(false),
  /** With a certificate that was not accepted: what the TLS library called it, and who signed it. */
  x_fault: v.optional(Text),
  x_issuer: v.optional(Text),
})

/** A download of known size. */
export const TransferEntry = v.strictObject({
  ...seen,
  ...there,
  operation: v.literal('bytes_received_cumulative'),
  proto: v.literal('tcp'),
  num_bytes: Count,
  failure: Failure,
  x_provider: Text,
  x_server_name: v.nullable(Text),
  x_kbps: v.nullable(Count),
  x_outcome: v.picklist(['whole', 'stalled', 'cut', 'slow', 'failed']),
})

/** One request: inside TLS of the service (`status`), or in clear, as browsers ask a new network (`portal`). No body is read. */
export const RequestEntry = v.strictObject({
  ...seen,
  ...there,
  x_asked: v.picklist(['status', 'portal']),
  x_provider: v.optional(Text),
  failure: Failure,
  response: v.strictObject({ code: v.nullable(v.pipe(v.number(), v.integer())) }),
  /** It sends on to another host; and its clock minus ours. */
  x_elsewhere: v.optional(v.boolean()),
  x_skew_ms: v.optional(v.nullable(Count)),
})

/** The relay's own proof over a finished TLS session. */
export const HelloEntry = v.strictObject({
  ...seen,
  ...there,
  ...known,
  failure: Failure,
  outcome: v.picklist(['proven', 'unproven', 'refused', 'status', 'reset', 'closed', 'timeout']),
  detail: v.nullable(v.union([Text, v.number()])),
})

/** What somebody elsewhere met at the same address. */
export const VantageEntry = v.strictObject({
  ...seen,
  ...there,
  via: Text,
  failure: Failure,
  outcome: v.picklist(['established', 'silent', 'refused', 'cut', 'certificate', 'no-vantage']),
  x_fault: v.optional(Text),
  x_issuer: v.optional(Text),
})

export const LocalEntry = v.strictObject({
  ...seen,
  up: v.boolean(),
  v6: v.boolean(),
  settled_ms: Count,
  clock_skew_ms: v.nullable(Count),
  installed: v.optional(many(Text)),
})

/** What the verdicts were computed with beside the observations: the public part of the relay's signed list. */
export const MeasurementContext = v.strictObject({
  /** The moment of judging. */
  t: Seconds,
  relay_alive: v.boolean(),
  endpoints: many(
    v.strictObject({
      id: Text,
      plane: Plane,
      host: Text,
      port: v.number(),
      addresses: v.pipe(v.array(Text), v.maxLength(64)),
      provider: Text,
    }),
  ),
  controls: many(v.strictObject({ id: Text, host: Text, address: Text, port: v.number(), provider: Text, domestic: v.boolean() })),
  /** Ranges that no honest answer holds in this world. */
  bogons: many(Text),
})

/** The part of `test_keys` that verdicts are computed from. */
export const evidenceKeys = {
  queries: many(QueryEntry),
  tcp_connect: many(TcpEntry),
  tls_handshakes: many(TlsEntry),
  network_events: many(TransferEntry),
  requests: many(RequestEntry),
  relay_hellos: many(HelloEntry),
  vantages: many(VantageEntry),
  local: many(LocalEntry),
  context: MeasurementContext,
} as const
export const MeasuredEvidence = v.strictObject(evidenceKeys)
export type MeasuredEvidence = v.InferOutput<typeof MeasuredEvidence>
