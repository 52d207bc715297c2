/** What befell a plane on one network, from when to when. Facts and codes only; the sentences are the renderer's. */
import * as v from 'valibot'
import { ConfidenceWord, Mechanism, Place, Plane, VerdictKind } from './path.ts'

/**
 * `open`: it goes on. `over`: another finding ended it. `unseen`: this computer looked away, by leaving the network or ending the app. `unclear`:
 * it looked on, and for minutes nothing could be told.
 */
export const historyEnds = ['open', 'over', 'unseen', 'unclear'] as const

export const HistoryLine = v.strictObject({
  plane: Plane,
  kind: VerdictKind,
  mechanisms: v.array(Mechanism),
  /** The surest that was said of it. */
  word: ConfidenceWord,
  place: v.nullable(Place),
  /** When it began, and when it ended or was seen last, epoch ms. */
  from: v.number(),
  until: v.number(),
  end: v.picklist(historyEnds),
})
export type HistoryLine = v.InferOutput<typeof HistoryLine>

/** Newest first, of the network in use or, while there is none, of the last one. */
export const History = v.strictObject({
  network: v.nullable(v.picklist(['real', 'simulated'])),
  lines: v.array(HistoryLine),
})
export type History = v.InferOutput<typeof History>
