/**
 * The file that a person hands to whoever helps: what the Path view shows and what it rests on, without what tells who or where they are, in the
 * shape of an OONI measurement. Every text in it is one of a closed list, or made of the relay's public names and addresses; everything
 * else stands as a number in brackets, the same number for the same thing. docs/DIAGNOSTICS.md says it in words.
 */
import * as v from 'valibot'
import { controlCodes, evidenceCodes } from './evidence-codes.ts'
import { historyEnds } from './history.ts'
import { evidenceKeys, Failure } from './measurement.ts'
import {
  actionCodes,
  ConfidenceWord,
  exposureCodes,
  Mechanism,
  PhaseName,
  Place,
  Plane,
  planes,
  routeKinds,
  startCauses,
  VerdictKind,
} from './path.ts'

/** What fits into one frame from a screen. Half an hour of measuring is a third of it; of more, what is written has the newest of each thing. */
export const MAX_DIAGNOSTICS_CHARS = 900_000

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
  ...v.entriesFromList(namedFacts, v.optional(v.pipe(v.string(), v.maxLength(2000)))),
})

const Kind = v.picklist(routeKinds)
/** A recipe as the Path view writes it, bridges and what lookups said replaced. */
const Way = v.pipe(v.string(), v.maxLength(2000))
/** Seconds since `measurement_start_time`; what was before it is negative. */
const T = v.pipe(v.number(), v.finite())
export const MOST_LISTED = 500
const list = <const S extends v.GenericSchema>(entry: S) => v.pipe(v.array(entry), v.maxLength(MOST_LISTED))

export const RuleId = v.pipe(v.string(), v.regex(/^([A-Z][0-9]{1,2}[a-z]?|other)$/))

export const PlaneFinding = v.strictObject({
  kind: VerdictKind,
  mechanisms: list(Mechanism),
  confidence: v.number(),
  word: ConfidenceWord,
  place: v.nullable(Place),
  /** Since when it holds. */
  t0: T,
  actions: list(v.picklist(actionCodes)),
  exposure: list(v.picklist(exposureCodes)),
  evidence: list(
    v.strictObject({
      rule: RuleId,
      layer: v.picklist(['local', 'dns', 'tcp', 'tls', 'hello', 'transfer']),
      code: v.picklist(evidenceCodes),
      control: v.picklist(controlCodes),
      level: v.picklist(['none', 'discarded', 'scored']),
      t: T,
      facts: Facts,
    }),
  ),
})
export type PlaneFinding = v.InferOutput<typeof PlaneFinding>

const Phase = v.strictObject({
  phase: PhaseName,
  t0: T,
  t: v.nullable(T),
  outcome: v.picklist(['running', 'ok', 'failed', 'cancelled']),
  failure: Failure,
})

export const Diagnostics = v.strictObject({
  data_format_version: v.literal('0.2.0'),
  software_name: v.literal('throughline'),
  /** Of the program that wrote it; files of test version 2.0.0 have none. */
  software_version: v.optional(v.pipe(v.string(), v.regex(/^\d{1,5}\.\d{1,5}\.\d{1,5}(-[0-9A-Za-z.-]{1,30})?$/))),
  test_name: v.literal('throughline'),
  test_version: v.picklist(['2.0.0', '2.1.0']),
  /** The hour in which it began, UTC; what the times count from lies within it. */
  measurement_start_time: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d \d\d:00:00$/)),
  /** Seconds from the oldest observation to the newest. */
  test_runtime: v.number(),
  input: v.null(),
  /** OONI's values for what is left out. */
  probe_asn: v.literal('AS0'),
  probe_cc: v.literal('ZZ'),
  probe_ip: v.literal('127.0.0.1'),
  annotations: v.strictObject({ network: v.picklist(['real', 'simulated']), bundle_version: v.number() }),
  test_keys: v.strictObject({
    ...evidenceKeys,
    /** Observations that the verdicts rested on too and that the file has no room for, older ones of what it has newer ones of. */
    left_out: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
    planes: v.partial(v.strictObject(v.entriesFromList(planes, PlaneFinding))),
    history: list(
      v.strictObject({
        plane: Plane,
        kind: VerdictKind,
        mechanisms: list(Mechanism),
        word: ConfidenceWord,
        place: v.nullable(Place),
        t0: T,
        t: T,
        end: v.picklist(historyEnds),
      }),
    ),
    connection: v.strictObject({
      status: v.picklist(['offline', 'looking', 'connected']),
      t0: T,
      is_quiet: v.boolean(),
      network_up: v.boolean(),
      network_known: v.boolean(),
      clock_skew_ms: v.nullable(v.number()),
      next_try_t: v.nullable(T),
      route: v.nullable(v.strictObject({ recipe: Way, kind: Kind, connect_ms: v.number(), t0: T })),
      standby: v.nullable(v.strictObject({ recipe: Way, kind: Kind, t0: T })),
      returning: v.nullable(v.strictObject({ ready_t: T, hold_ms: v.number() })),
      last_switch: v.nullable(v.strictObject({ t: T, gap_ms: v.number(), kind: Kind })),
    }),
    race: v.strictObject({
      t0: v.nullable(T),
      attempts: list(
        v.strictObject({
          id: v.number(),
          recipe: Way,
          kind: Kind,
          t0: T,
          why: v.nullable(v.strictObject({ cause: v.picklist(startCauses), by: v.nullable(v.number()) })),
          outcome: v.picklist(['running', 'won', 'failed', 'cancelled']),
          failure: Failure,
          phases: list(Phase),
        }),
      ),
    }),
    routes: list(
      v.strictObject({
        recipe: Way,
        kind: Kind,
        source: v.picklist(['bundle', 'lookup', 'hand']),
        last: v.nullable(v.strictObject({ ok: v.boolean(), ms: v.nullable(v.number()), failure: Failure, t: T })),
        is_remembered: v.boolean(),
        choice: v.nullable(v.picklist(['pinned', 'banned'])),
      }),
    ),
    remembered: list(v.strictObject({ recipe: Way, plane: Plane, ms: v.number(), t: T, failures: v.number() })),
  }),
})
export type Diagnostics = v.InferOutput<typeof Diagnostics>
