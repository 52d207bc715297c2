/** A censor's rule as data: what it looks at (match) and what it does (act). Evaluated by judge.ts, per flow. */
import * as v from 'valibot'
import { AddressLiteral, Id, Name, Port, Prefix } from '../engine/world.ts'

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(253))
const Pattern = v.strictObject({ how: v.picklist(['exact', 'suffix', 'contains']), text: Text })
export type Pattern = v.InferOutput<typeof Pattern>

export const payloadClasses = ['tls', 'http', 'ssh', 'printable', 'opaque'] as const

/** All that is named must hold. Nothing named: every packet that passes the box. */
export const Match = v.strictObject({
  /** Where the box stands: the client's provider; for answers of a resolver, the resolver's. */
  providers: v.optional(v.array(Id)),
  /** Only for clients standing here. */
  places: v.optional(v.array(Id)),
  /** Destination prefixes. */
  to: v.optional(v.array(Prefix)),
  toProviders: v.optional(v.array(Id)),
  ports: v.optional(v.array(Port)),
  /** A looked-up name: it or anything under it. */
  names: v.optional(v.array(Name)),
  /** The server name of a TLS ClientHello, read from the bytes. */
  sni: v.optional(v.array(Pattern)),
  /** The Host header of a plain HTTP request. */
  host: v.optional(v.array(Pattern)),
  /** What the first bytes of the client look like. */
  payload: v.optional(v.array(v.picklist(payloadClasses))),
})
export type Match = v.InferOutput<typeof Match>

const Ttl = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(604_800)), 60)

export const Act = v.variant('do', [
  /** The resolver itself answers with these addresses; none: that there is no such name. */
  v.strictObject({ do: v.literal('lie'), addresses: v.array(AddressLiteral), ttl: Ttl }),
  /** A forged answer from on the way, racing the true one, which still arrives. */
  v.strictObject({ do: v.literal('inject'), addresses: v.pipe(v.array(AddressLiteral), v.minLength(1)), ttl: Ttl }),
  /** The question is not answered. */
  v.strictObject({ do: v.literal('silence') }),
  v.strictObject({ do: v.literal('drop') }),
  /** RST to both sides; on a SYN the client sees a refusal. */
  v.strictObject({ do: v.literal('reset') }),
  /** FIN to both sides. */
  v.strictObject({ do: v.literal('close') }),
  v.strictObject({ do: v.literal('unreachable'), code: v.optional(v.picklist(['EHOSTUNREACH', 'ENETUNREACH']), 'EHOSTUNREACH') }),
  /** Policed to this rate in each direction. */
  v.strictObject({ do: v.literal('throttle'), kbps: v.pipe(v.number(), v.minValue(1)) }),
  /** Everything is dropped once so many bytes went by, both directions together. */
  v.strictObject({ do: v.literal('freeze'), afterBytes: v.pipe(v.number(), v.minValue(0)) }),
  /** A plain HTTP request is answered by the box. */
  v.strictObject({
    do: v.literal('blockpage'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    location: v.optional(Text),
    body: v.optional(v.string(), ''),
  }),
  /** TLS ends at the box, which forwards in clear to itself and anew to the server. `trusted`: with a certificate the client accepts. */
  v.strictObject({ do: v.literal('intercept'), ca: v.picklist(['trusted', 'own']) }),
  /** Everything is dropped except to these. */
  v.strictObject({ do: v.literal('allowlist'), prefixes: v.array(Prefix) }),
])
export type Act = v.InferOutput<typeof Act>

export const Rule = v.strictObject({
  id: Id,
  /** For the map: what it does, in a few words. */
  label: v.string(),
  match: Match,
  act: Act,
  /** Share of flows, or of clients for look-ups, that it is applied to. */
  share: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1),
  /** What the box can put together again before it reads. */
  box: v.optional(v.strictObject({ segments: v.optional(v.boolean(), true), records: v.optional(v.boolean(), true) }), {}),
  /** After it fired: new flows between the same two, to the same port, meet the same fate for so long. */
  residualMs: v.optional(v.pipe(v.number(), v.minValue(0))),
})
export type Rule = v.InferOutput<typeof Rule>
export type RuleInput = v.InferInput<typeof Rule>
