/** The adaptive censor as the Lab view sees it: how it is set, what it believes, what it spent, what it will do next. */
import * as v from 'valibot'

/** Services of strangers that it may break at once. */
export const MAX_BUDGET = 12
/** Between two moves, in ms: what takes hours to days, so that a person can follow it. */
export const paceMs = { slow: 16_000, steady: 8_000, fast: 4_000 } as const

export const AdaptivePace = v.picklist(['slow', 'steady', 'fast'])
export type AdaptivePace = v.InferOutput<typeof AdaptivePace>

export const AdaptiveWish = v.strictObject({
  vantage: v.string(),
  budget: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_BUDGET)),
  pace: AdaptivePace,
})
export type AdaptiveWish = v.InferOutput<typeof AdaptiveWish>

/** From the mildest on; `probe`: it sends somebody of its own to look. */
export const Rung = v.picklist(['lookup', 'addresses', 'prefix', 'name', 'protocol', 'probe'])
export type Rung = v.InferOutput<typeof Rung>

const Step = { rung: Rung, target: v.string(), cost: v.number() }

/** One step as it came out: what the censor reckoned with, and what the lab measured. */
export const Bill = v.strictObject({
  atMs: v.number(),
  ...Step,
  /** Strangers' services that fell by it, and for how long so far. */
  fell: v.array(v.strictObject({ name: v.string(), ms: v.number() })),
  lifted: v.boolean(),
})
export type Bill = v.InferOutput<typeof Bill>

export const AdaptiveState = v.strictObject({
  ...AdaptiveWish.entries,
  /** False once it was stopped: what it did is still shown. */
  on: v.boolean(),
  suspects: v.array(
    v.strictObject({
      address: v.string(),
      sure: v.boolean(),
      cut: v.boolean(),
      /** The strongest last: what it rests on, and the name, port or people it is about. */
      reasons: v.array(
        v.strictObject({
          code: v.picklist(['answered', 'named', 'asks', 'reconnect', 'stayed', 'lasting', 'probed']),
          what: v.string(),
        }),
      ),
    }),
  ),
  /** Strangers' services that it reckons broken now. */
  spent: v.array(v.string()),
  next: v.nullable(v.strictObject({ ...Step, inMs: v.number() })),
  /** The cheapest step that the budget forbids. */
  beyond: v.nullable(v.strictObject(Step)),
  /** Where it stands when it has no move left. */
  outcome: v.nullable(v.picklist(['open', 'shut', 'quiet'])),
  bills: v.array(Bill),
})
export type AdaptiveState = v.InferOutput<typeof AdaptiveState>
