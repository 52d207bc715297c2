/** A censor's rule as data: what it looks at (match) and what it does (act). Evaluated by judge.ts, per flow. */
import * as v from 'valibot'
import { AddressLiteral, Id, Name, Port, Prefix, VirtualAddress } from '../engine/world.ts'

const Text = v.pipe(v.string(), v.minLength(1), v.maxLength(253))
const Pattern = v.strictObject({ how: v.picklist(['exact', 'suffix', 'contains']), text: Text })
export type Pattern = v.InferOutput<typeof Pattern>

export const payloadClasses = ['tls', 'http', 'ssh', 'printable', 'opaque'] as const

/** All that is named must hold. Nothing named: every packet that passes the box. */
export const Match = v.strictObject({
  /** Where the box stands: the client's provider, or the transit it leaves by; for answers of a resolver, the resolver's. */
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
  /** What the first bytes of the client look like; `opaque`: the published rule against fully encrypted traffic. */
  payload: v.optional(v.array(v.picklist(payloadClasses))),
})
export type Match = v.InferOutput<typeof Match>

/** What an allow-list of protocols can tell apart. */
const protocols = ['dns', 'http', 'tls'] as const
export type Protocol = (typeof protocols)[number]

const Bytes = v.pipe(v.number(), v.minValue(0))
/** A timer can wait no longer. */
const Span = v.pipe(v.number(), v.minValue(0), v.maxValue(2_147_483_647))
const Positive = v.pipe(v.number(), v.minValue(1))
const Share = v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1)), 1)
const Ttl = v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(604_800)), 60)

export const Act = v.variant('do', [
  /** The resolver itself answers with these addresses; none: that there is no such name. */
  v.strictObject({ do: v.literal('lie'), addresses: v.array(AddressLiteral), ttl: Ttl }),
  /**
   * Forged answers from on the way, racing the true one, which still arrives: these addresses, or one drawn for each answer from
   * the prefixes of the pool, of the family that was asked for. Neither: that there is no such name.
   */
  v.strictObject({
    do: v.literal('inject'),
    addresses: v.optional(v.array(AddressLiteral), []),
    pool: v.optional(v.array(Prefix), []),
    /** Boxes one behind the other, each with an answer of its own. */
    answers: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)), 1),
    ttl: Ttl,
  }),
  /** The question is not answered. */
  v.strictObject({ do: v.literal('silence') }),
  v.strictObject({ do: v.literal('drop') }),
  /** RST to both sides; on a SYN the client sees a refusal. */
  v.strictObject({ do: v.literal('reset') }),
  /** FIN to both sides. */
  v.strictObject({ do: v.literal('close') }),
  v.strictObject({ do: v.literal('unreachable'), code: v.optional(v.picklist(['EHOSTUNREACH', 'ENETUNREACH']), 'EHOSTUNREACH') }),
  /** Policed to this rate in each direction: what is more is dropped. */
  v.strictObject({ do: v.literal('throttle'), kbps: v.pipe(v.number(), v.minValue(1)) }),
  /** Everything is dropped once so many bytes went by, both directions together; `upToBytes`: drawn for each flow from the two on. */
  v.strictObject({ do: v.literal('freeze'), afterBytes: Bytes, upToBytes: v.optional(Bytes) }),
  /** A plain HTTP request is answered by the box. */
  v.strictObject({
    do: v.literal('blockpage'),
    status: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
    location: v.optional(Text),
    body: v.optional(v.string(), ''),
  }),
  /** TLS ends at the box, which forwards in clear to itself and anew to the server. `trusted`: with a certificate the client accepts. */
  v.strictObject({ do: v.literal('intercept'), ca: v.picklist(['trusted', 'own']) }),
  /** False routes: what is sent to the addresses goes to this machine instead, which answers in their place and knows of nothing open. */
  v.strictObject({ do: v.literal('reroute'), to: VirtualAddress }),
  /** Everything is dropped except to these. */
  v.strictObject({ do: v.literal('allowlist'), prefixes: v.array(Prefix) }),
  /** A flow whose first two packets from the client are none of these goes silent, for so long after its last packet. */
  v.strictObject({
    do: v.literal('protocol'),
    allow: v.optional(v.array(v.picklist(protocols)), [...protocols]),
    silenceMs: v.optional(Span, 60_000),
  }),
  /** The censor connects to where the flow goes, says what proxies answer to, and drops the address if one answers. */
  v.strictObject({ do: v.literal('probe'), delayMs: v.optional(Span, 1000), blockMs: v.optional(Span, 3_600_000) }),
  /** No censor's doing on the way but a flood at the far end: so many requests a second where so many can be served, and a queue. */
  v.strictObject({
    do: v.literal('load'),
    served: v.optional(Positive, 200),
    offered: v.optional(Positive, 1000),
    queue: v.optional(Positive, 400),
  }),
])
export type Act = v.InferOutput<typeof Act>

/** The machine that a rule runs on. */
const Box = v.strictObject({
  /** What it can put together again before it reads. */
  segments: v.optional(v.boolean(), true),
  records: v.optional(v.boolean(), true),
  /** How many flows it can remember; one more, and the one that was quiet longest is forgotten. */
  flows: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 65_536),
  /** A flow that was quiet for so long is forgotten. */
  idleMs: v.optional(Span, 300_000),
})

export const Rule = v.strictObject({
  id: Id,
  /** For the map: what it does, in a few words. */
  label: v.string(),
  match: Match,
  act: Act,
  /** Share of flows, or of clients for look-ups, that it is applied to. */
  share: Share,
  /** `destinations`: of addresses; all flows to one then fare alike. */
  shareOf: v.optional(v.picklist(['flows', 'destinations']), 'flows'),
  box: v.optional(Box, {}),
  /** After it fired: new flows between the same two, to the same port, meet the same fate for so long; and what share of them. */
  residualMs: v.optional(Span),
  residualShare: Share,
})
export type Rule = v.InferOutput<typeof Rule>
export type RuleInput = v.InferInput<typeof Rule>
