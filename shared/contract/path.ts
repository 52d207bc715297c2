/** What the screens know about how we are connected: routes, attempts, findings. Facts and codes only; sentences live in the renderer. */
import * as v from 'valibot'
import { controlCodes, evidenceCodes } from './evidence-codes.ts'

export const planes = ['bootstrap', 'chat', 'media', 'links', 'web'] as const
export const Plane = v.picklist(planes)
export type Plane = v.InferOutput<typeof Plane>

export const verdictKinds = [
  'ok',
  'offline',
  'captive_portal',
  'local_filter',
  'clock_wrong',
  'ipv6_broken',
  'service_fault',
  'overload',
  'server_side_denial',
  'degraded',
  'interference',
  'inconclusive',
] as const
export const VerdictKind = v.picklist(verdictKinds)
export type VerdictKind = v.InferOutput<typeof VerdictKind>

export const mechanisms = [
  'dns_lie',
  'dns_injection',
  'dns_nxdomain',
  'dns_silence',
  'dns_bogon',
  'ip_drop',
  'ip_reset',
  'ip_unreachable',
  'prefix_block',
  'sni_reset',
  'sni_close',
  'sni_drop',
  'sni_throttle',
  'tls_mitm',
  'http_blockpage',
  'http_host_reset',
  'http_host_drop',
  'http_host_close',
  'protocol_block',
  'rate_limit',
  'byte_freeze',
  'selective_media',
  'allow_list',
  'possible_shutdown',
] as const
export const Mechanism = v.picklist(mechanisms)
export type Mechanism = v.InferOutput<typeof Mechanism>

export const confidenceWords = ['none', 'suspected', 'likely', 'confirmed'] as const
export const ConfidenceWord = v.picklist(confidenceWords)
export type ConfidenceWord = v.InferOutput<typeof ConfidenceWord>

/** Where on the line the trouble sits; the stops of the Path view. */
export const Place = v.picklist(['device', 'network', 'resolver', 'way', 'service'])
export type Place = v.InferOutput<typeof Place>

/** What the app did about a finding, and whom that showed something. */
export const actionCodes = ['other-address', 'other-lookup', 'disguise', 'sibling', 'proxy', 'waiting'] as const
export const exposureCodes = ['resolver-saw-name', 'public-lookup-saw-name', 'proxy-sees-address', 'way-saw-name'] as const

/** One decisive line of evidence: a stable rule id, what was seen, and what the control saw. */
export const EvidenceLine = v.strictObject({
  rule: v.string(),
  layer: v.picklist(['local', 'dns', 'tcp', 'tls', 'hello', 'transfer']),
  code: v.picklist(evidenceCodes),
  /** Addresses, names, counts and times behind the code: the raw observation. */
  facts: v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])),
  /** What the comparison saw, as a code; `none` when nothing could be compared. */
  control: v.picklist(controlCodes),
  level: v.picklist(['none', 'discarded', 'scored']),
  at: v.number(),
})
export type EvidenceLine = v.InferOutput<typeof EvidenceLine>

export const Verdict = v.strictObject({
  plane: Plane,
  kind: VerdictKind,
  mechanisms: v.array(Mechanism),
  /** 0 to 1. */
  confidence: v.number(),
  word: ConfidenceWord,
  place: v.nullable(Place),
  evidence: v.array(EvidenceLine),
  actions: v.array(v.picklist(actionCodes)),
  exposure: v.array(v.picklist(exposureCodes)),
  /** When this verdict was reached and since when it holds, epoch ms. */
  at: v.number(),
  since: v.number(),
})
export type Verdict = v.InferOutput<typeof Verdict>

export const phases = ['lookup', 'reach', 'encrypt', 'recognise'] as const
export const PhaseName = v.picklist(phases)
export type PhaseName = v.InferOutput<typeof PhaseName>

/** How one attempt's step went; `ms` from the start of the attempt. */
export const PhaseTrace = v.strictObject({
  phase: PhaseName,
  startMs: v.number(),
  endMs: v.nullable(v.number()),
  outcome: v.picklist(['running', 'ok', 'failed', 'cancelled']),
  /** `timeout`, `reset`, `refused`, `unreachable`, `certificate`, `closed`, `unproven`, `denied`, `proxy-refused`, `superseded`, `dns-…`; absent while fine. */
  reason: v.optional(v.string()),
})
export type PhaseTrace = v.InferOutput<typeof PhaseTrace>

/** `disguise`: to the usual address, with another name in clear, none, or a handshake in pieces. */
export const routeKinds = ['plain', 'address', 'disguise', 'sibling', 'proxy'] as const
const RouteKind = v.picklist(routeKinds)

/** Why an attempt began when it did: at the beginning, as the plain path, pinned, or remembered; in its turn; or because another failed or fell silent. */
export const startCauses = ['first', 'pinned', 'remembered', 'turn', 'failed', 'silent'] as const

export const Attempt = v.strictObject({
  id: v.number(),
  recipe: v.string(),
  endpoint: v.string(),
  kind: RouteKind,
  /** Start of the attempt, ms since the race began. */
  startMs: v.number(),
  /** `by`: the attempt that failed or fell silent. */
  why: v.optional(v.strictObject({ cause: v.picklist(startCauses), by: v.optional(v.number()) })),
  phases: v.array(PhaseTrace),
  outcome: v.picklist(['running', 'won', 'failed', 'cancelled']),
  reason: v.optional(v.string()),
})
export type Attempt = v.InferOutput<typeof Attempt>

/** A way the app knows, whether or not it was tried. */
export const KnownRoute = v.strictObject({
  recipe: v.string(),
  endpoint: v.string(),
  kind: RouteKind,
  proxyId: v.optional(v.string()),
  /** Added by hand here, or listed in the signed bundle, or learned by lookup. */
  source: v.picklist(['bundle', 'lookup', 'hand']),
  last: v.nullable(v.strictObject({ ok: v.boolean(), ms: v.nullable(v.number()), reason: v.optional(v.string()), at: v.number() })),
  remembered: v.boolean(),
  /** What the user decided: tried before all others, or never used. */
  choice: v.optional(v.nullable(v.picklist(['pinned', 'banned']))),
})
export type KnownRoute = v.InferOutput<typeof KnownRoute>

/** How one try of one way went: how long until the relay proved itself, or the step at which it failed, and why. */
export const TryOutcome = v.strictObject({
  ok: v.boolean(),
  ms: v.number(),
  step: v.nullable(PhaseName),
  reason: v.nullable(v.string()),
})
export type TryOutcome = v.InferOutput<typeof TryOutcome>

export const RouteInUse = v.strictObject({
  recipe: v.string(),
  endpoint: v.string(),
  kind: RouteKind,
  proxyId: v.optional(v.string()),
  /** How long connecting took from the start of the race, ms. */
  connectMs: v.number(),
  since: v.number(),
})
export type RouteInUse = v.InferOutput<typeof RouteInUse>

/** A second proven connection that waits on a way of another cause, to take over without a pause. */
export const Standby = v.strictObject({
  recipe: v.string(),
  endpoint: v.string(),
  kind: RouteKind,
  /** Who runs the place it leads to first: the operator of the endpoint, or the id of the proxy. */
  provider: v.string(),
  since: v.number(),
})
export type Standby = v.InferOutput<typeof Standby>

/** What is kept about this network, best first for each plane. */
export const RememberedWay = v.strictObject({
  recipe: v.string(),
  plane: Plane,
  /** What connecting by it mostly takes, ms. */
  ms: v.number(),
  /** When it last worked, epoch ms. */
  at: v.number(),
  /** How often it failed since it last worked. */
  failures: v.pipe(v.number(), v.integer()),
})
export type RememberedWay = v.InferOutput<typeof RememberedWay>

export const PathState = v.strictObject({
  status: v.picklist(['offline', 'looking', 'connected']),
  /** When this status began, epoch ms. */
  since: v.number(),
  route: v.nullable(RouteInUse),
  /** The last time a live path was lost: how long until the next one carried, and what replaced it. */
  lastSwitch: v.nullable(v.strictObject({ at: v.number(), gapMs: v.number(), kind: RouteKind })),
  /** Set while a detour is in use and the plain path has been proving itself. */
  returning: v.nullable(v.strictObject({ readyAt: v.number(), holdMs: v.number() })),
  verdicts: v.array(Verdict),
  attempts: v.array(Attempt),
  /** When the last race began, epoch ms; `null` before the first. */
  raceAt: v.nullable(v.number()),
  /** What is in use answers no more, and others are tried beside it. */
  isQuiet: v.optional(v.boolean()),
  /** When the next try is due while nothing connects; `null` while one runs. */
  nextTryAt: v.nullable(v.number()),
  routes: v.array(KnownRoute),
  /** `null` while none is kept. */
  standby: v.nullable(Standby),
  remembered: v.array(RememberedWay),
  network: v.strictObject({
    kind: v.picklist(['real', 'simulated']),
    up: v.boolean(),
    /** Whether a winner is remembered for this network. */
    known: v.boolean(),
  }),
  /** Service clock minus ours, ms; `null` until a proven relay told us. */
  clockSkewMs: v.nullable(v.number()),
})
export type PathState = v.InferOutput<typeof PathState>
