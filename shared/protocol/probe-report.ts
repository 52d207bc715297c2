/**
 * What `cli probe --json` answers: one diagnosis on one line, for programs. The fields of a plane are those of the diagnostics file
 * (shared/contract/diagnostics.ts), with the raw facts: it goes to whoever asked, and is not redacted. docs/DIAGNOSTICS.md says it in words.
 */
import * as v from 'valibot'
import { Attempt, EvidenceLine, Plane, planes, Verdict } from '../contract/path.ts'

const { kind, mechanisms, confidence, word, place } = Verdict.entries
const { recipe, startMs, phases, outcome } = Attempt.entries

export const ProbeReport = v.strictObject({
  test_name: v.literal('throughline'),
  /** When looking began: UTC, as `2026-05-13 09:12:44`. */
  measurement_start_time: v.string(),
  /** Seconds. */
  test_runtime: v.number(),
  planes: v.partial(
    v.strictObject(
      v.entriesFromList(
        planes,
        v.strictObject({
          kind,
          mechanisms,
          confidence,
          word,
          place,
          /** The decisive line first. */
          evidence: v.array(EvidenceLine),
          /** From the start until this was said. */
          ms: v.number(),
        }),
      ),
    ),
  ),
  attempts: v.array(v.strictObject({ recipe, startMs, phases, outcome })),
  /** The way that carries now. */
  path: v.nullable(v.string()),
  /** Time was up before every plane had a finding that will not grow. */
  timed_out: v.boolean(),
  /** Those planes, of the ones that were asked for; all of them where nothing was said of any. */
  unsettled: v.array(Plane),
  exit_code: v.picklist([0, 3, 4, 5]),
})
export type ProbeReport = v.InferOutput<typeof ProbeReport>
