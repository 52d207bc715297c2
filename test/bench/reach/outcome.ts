/** One run: what it was, and how long each connect took. */
import * as v from 'valibot'

export const Outcome = v.object({
  block: v.string(),
  who: v.string(),
  /** Ms; `null`: not within the limit. */
  first: v.nullable(v.number()),
  /** Where the first was not in time nobody asks for a second. */
  later: v.nullable(v.number()),
})
export type Outcome = v.InferOutput<typeof Outcome>
