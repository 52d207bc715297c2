/**
 * The file that a person hands to whoever helps: what the Path view shows, without what tells who or where they are. Every text in it
 * is one of a closed list, or made of the relay's public names and addresses; everything else stands as a number in brackets,
 * the same number for the same thing. docs/DIAGNOSTICS.md says it in words.
 */
import * as v from 'valibot'
import { controlCodes, evidenceCodes } from './evidence-codes.ts'
import {
  actionCodes,
  ConfidenceWord,
  exposureCodes,
  Mechanism,
  PhaseName,
  Place,
  Plane,
  routeKinds,
  startCauses,
  VerdictKind,
} from './path.ts'

/** Why a step failed; `other` for what no list has. */
export const reasons = [
  'timeout',
  'reset',
  'refused',
  'unreachable',
  'certificate',
  'closed',
  'unproven',
  'denied',
  'proxy-refused',
  'superseded',
  'failed',
  'dns',
  'other',
] as const
const Reason = v.picklist(reasons)

/** Facts of evidence: counted ones as they are, named ones with all that is not public replaced. */
export const countedFacts = [
  'port',
  'ms',
  'skewMs',
  'status',
  'strangers',
  'controls',
  'addresses',
  'abroad',
  'domestic',
  'names',
  'tries',
  'passed',
  'signs',
  'redirected',
  'selfSigned',
  'bytes',
  'kbps',
  'otherKbps',
] as const
export const namedFacts = [
  'address',
  'answer',
  'expected',
  'second',
  'resolver',
  'name',
  'sni',
  'provider',
  'issuer',
  'fault',
  'reason',
] as const
const Facts = v.strictObject({
  ...v.entriesFromList(countedFacts, v.optional(v.number())),
  ...v.entriesFromList(namedFacts, v.optional(v.string())),
})

const Kind = v.picklist(routeKinds)
/** A recipe as the Path view writes it, bridges and what lookups said replaced. */
const Way = v.string()
const Ago = v.number()

export const Diagnostics = v.strictObject({
  format: v.literal('throughline diagnostics 1'),
  /** The hour in which it was made, ISO 8601, UTC. All other times are milliseconds before that moment. */
  made: v.string(),
  bundleVersion: v.number(),
  network: v.strictObject({ kind: v.picklist(['real', 'simulated']), up: v.boolean(), known: v.boolean() }),
  status: v.strictObject({ value: v.picklist(['offline', 'looking', 'connected']), forMs: v.number(), isQuiet: v.boolean() }),
  route: v.nullable(v.strictObject({ recipe: Way, kind: Kind, connectMs: v.number(), forMs: v.number() })),
  standby: v.nullable(v.strictObject({ recipe: Way, kind: Kind, forMs: v.number() })),
  returning: v.nullable(v.strictObject({ inMs: v.number(), holdMs: v.number() })),
  lastSwitch: v.nullable(v.strictObject({ agoMs: Ago, gapMs: v.number(), kind: Kind })),
  nextTryInMs: v.nullable(v.number()),
  clockSkewMs: v.nullable(v.number()),
  findings: v.array(
    v.strictObject({
      plane: Plane,
      kind: VerdictKind,
      mechanisms: v.array(Mechanism),
      confidence: v.number(),
      word: ConfidenceWord,
      place: v.nullable(Place),
      sinceAgoMs: Ago,
      actions: v.array(v.picklist(actionCodes)),
      exposure: v.array(v.picklist(exposureCodes)),
      evidence: v.array(
        v.strictObject({
          code: v.picklist(evidenceCodes),
          control: v.picklist(controlCodes),
          layer: v.picklist(['local', 'dns', 'tcp', 'tls', 'hello', 'transfer']),
          level: v.picklist(['none', 'discarded', 'scored']),
          agoMs: Ago,
          facts: Facts,
        }),
      ),
    }),
  ),
  race: v.strictObject({
    agoMs: v.nullable(Ago),
    attempts: v.array(
      v.strictObject({
        id: v.number(),
        recipe: Way,
        kind: Kind,
        startMs: v.number(),
        why: v.nullable(v.strictObject({ cause: v.picklist(startCauses), by: v.nullable(v.number()) })),
        outcome: v.picklist(['running', 'won', 'failed', 'cancelled']),
        reason: v.nullable(Reason),
        phases: v.array(
          v.strictObject({
            phase: PhaseName,
            startMs: v.number(),
            endMs: v.nullable(v.number()),
            outcome: v.picklist(['running', 'ok', 'failed', 'cancelled']),
            reason: v.nullable(Reason),
          }),
        ),
      }),
    ),
  }),
  routes: v.array(
    v.strictObject({
      recipe: Way,
      kind: Kind,
      source: v.picklist(['bundle', 'lookup', 'hand']),
      last: v.nullable(v.strictObject({ ok: v.boolean(), ms: v.nullable(v.number()), reason: v.nullable(Reason), agoMs: Ago })),
      isRemembered: v.boolean(),
      choice: v.nullable(v.picklist(['pinned', 'banned'])),
    }),
  ),
  remembered: v.array(v.strictObject({ recipe: Way, plane: Plane, ms: v.number(), agoMs: Ago, failures: v.number() })),
})
export type Diagnostics = v.InferOutput<typeof Diagnostics>
