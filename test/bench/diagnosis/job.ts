/** One run to be made, and what came of it, as they go between the processes that share the work. */
import * as v from 'valibot'
import { Verdict } from '../../../shared/contract/path.ts'
import type { Played } from './stage.ts'

const Line = v.strictObject({ rttMs: v.number(), loss: v.number() })

export const Job = v.variant('of', [
  v.strictObject({ of: v.literal('scenario'), id: v.string(), line: Line, seed: v.number() }),
  /** A network on which nothing is wrong. */
  v.strictObject({ of: v.literal('clean'), line: Line, seed: v.number() }),
  v.strictObject({ of: v.literal('random'), seed: v.number() }),
])
export type Job = v.InferOutput<typeof Job>

export const Result: v.GenericSchema<Played> = v.strictObject({
  moments: v.array(
    v.strictObject({ atMs: v.number(), verdicts: v.array(v.pick(Verdict, ['plane', 'kind', 'mechanisms', 'word', 'place'])) }),
  ),
  cost: v.strictObject({ connections: v.number(), questions: v.number(), bytes: v.number(), packets: v.number() }),
})

/** `null`: it did not come to its end. */
export interface Run<J extends Job = Job> {
  readonly job: J
  readonly result: Played | null
}
