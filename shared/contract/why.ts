/** Why a finding is what it is: the rule that decided, and what would have to be seen for another finding, computed and not guessed. */
import * as v from 'valibot'
import { ConfidenceWord, Mechanism, Place, Plane, VerdictKind } from './path.ts'

/** What is supposed for the sake of argument; the catalogue has a sentence for each. */
export const suppositions = [
  'proves-itself',
  'lookup-true',
  'seen-again',
  'answers-elsewhere',
  'fails-elsewhere',
  'other-name-passes',
  'falls-silent',
  'lookup-false',
  'nobody-answers',
  'nothing-compared',
] as const

export const Supposed = v.strictObject({
  what: v.picklist(suppositions),
  /** Which address or name it is about; `null` where it is about none. */
  about: v.nullable(v.string()),
  kind: VerdictKind,
  mechanisms: v.array(Mechanism),
  word: ConfidenceWord,
  place: v.nullable(Place),
})
export type Supposed = v.InferOutput<typeof Supposed>

export const Why = v.strictObject({
  /** The stable id of the decisive rule; `null` while nothing is claimed. */
  rule: v.nullable(v.string()),
  changes: v.array(Supposed),
})
export type Why = v.InferOutput<typeof Why>

/** Where a check that the person asked for stands. */
export const probeSteps = ['plane', 'again', 'other-way', 'compare', 'last'] as const
export const ProbeProgress = v.strictObject({
  done: v.number(),
  of: v.number(),
  /** The measurement that is waited for; several run side by side. */
  step: v.picklist(probeSteps),
  plane: v.nullable(Plane),
})
export type ProbeProgress = v.InferOutput<typeof ProbeProgress>
