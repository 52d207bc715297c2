/** What came out of a scenario that was played headless: what the lab did, what became of every message, what the apps said. */
import * as v from 'valibot'

/** One statement about the run; what was expected and what was seen, in words. */
export const RunCheck = v.strictObject({ id: v.string(), ok: v.boolean(), expected: v.string(), seen: v.string() })
export type RunCheck = v.InferOutput<typeof RunCheck>

export const Delivery = v.strictObject({
  ok: v.boolean(),
  sent: v.number(),
  delivered: v.number(),
  lost: v.number(),
  duplicated: v.number(),
  /** Whether each reader has every writer's messages in the order they were written. */
  ordered: v.boolean(),
  /** The longest that a reader waited from one message to the next. */
  maxGapMs: v.number(),
})
export type Delivery = v.InferOutput<typeof Delivery>

export const VerdictStep = v.strictObject({
  at: v.number(),
  vantage: v.string(),
  plane: v.string(),
  expected: v.string(),
  observed: v.string(),
  ok: v.boolean(),
})
export type VerdictStep = v.InferOutput<typeof VerdictStep>

export const RunReport = v.strictObject({
  scenario: v.string(),
  seed: v.number(),
  /** From the lab's own log, whatever the apps made of it. */
  truth: v.strictObject({ ok: v.boolean(), checks: v.array(RunCheck) }),
  /** `links`: what became of the public link, in scenarios with a false page. */
  delivery: v.strictObject({ ...Delivery.entries, links: v.array(RunCheck) }),
  verdicts: v.strictObject({ ok: v.boolean(), steps: v.array(VerdictStep) }),
  /** `at` in milliseconds of the run. */
  moves: v.array(v.strictObject({ at: v.number(), side: v.string(), move: v.string(), effect: v.string() })),
  /** The recipe that the app went by at the end. */
  path: v.nullable(v.string()),
  connectMs: v.nullable(v.number()),
  plain: v.strictObject({ connected: v.boolean(), ms: v.number() }),
  collateral: v.array(v.strictObject({ name: v.string(), what: v.string(), cloud: v.string() })),
})
export type RunReport = v.InferOutput<typeof RunReport>
