/** Two places beside each other: for each plane both findings and what was seen otherwise, from a diagnostics file or another user of the same lab. */
import * as v from 'valibot'
import { ConfidenceWord, Mechanism, Place, Plane, VerdictKind } from './path.ts'

const Side = v.strictObject({
  kind: VerdictKind,
  mechanisms: v.array(Mechanism),
  word: ConfidenceWord,
  place: v.nullable(Place),
})

/** What was asked, and how it came out. */
export const comparedThings = [
  'lookup',
  'other-lookup',
  'connect',
  'handshake',
  'nameless',
  'hello',
  'request',
  'elsewhere',
  'transfer',
  'stranger',
] as const
export const comparedOutcomes = [
  'answers',
  'true-answer',
  'other-answer',
  'no-such-name',
  'silent',
  'refused',
  'reset',
  'closed',
  'unreachable',
  'wrong-certificate',
  'proven',
  'unproven',
  'turned-away',
  'whole',
  'slow',
  'stops',
  'failed',
] as const

export const Difference = v.strictObject({
  what: v.picklist(comparedThings),
  /** The address or name. */
  about: v.string(),
  mine: v.picklist(comparedOutcomes),
  theirs: v.picklist(comparedOutcomes),
  /** Had this alone been seen there as here, or here as there, that finding would be another. */
  decides: v.boolean(),
})
export type Difference = v.InferOutput<typeof Difference>

export const PlaneComparison = v.strictObject({
  plane: Plane,
  mine: v.nullable(Side),
  theirs: v.nullable(Side),
  isSame: v.boolean(),
  differences: v.array(Difference),
})
export type PlaneComparison = v.InferOutput<typeof PlaneComparison>

/** `foreign`: of another program, or about another relay. `older`: of a version that held no evidence. */
export const compareRefusals = ['too-large', 'not-json', 'foreign', 'older', 'malformed'] as const

export const Comparison = v.variant('outcome', [
  v.strictObject({ outcome: v.literal('refused'), reason: v.picklist(compareRefusals) }),
  v.strictObject({
    outcome: v.literal('compared'),
    /** The hour of the other's measurement, epoch ms. */
    theirsAt: v.number(),
    theirNetwork: v.picklist(['real', 'simulated']),
    planes: v.array(PlaneComparison),
  }),
])
export type Comparison = v.InferOutput<typeof Comparison>
