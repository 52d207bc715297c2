/**
 * The diagnostics file as a text that every Throughline takes in again: as many of the observations as fit. What is left out first is what was
 * measured most often since, so that of each thing the newest stays as long as anything does.
 */
import { type Diagnostics, MAX_DIAGNOSTICS_CHARS } from '../../../shared/contract/diagnostics.ts'
import { MOST_ENTRIES } from '../../../shared/contract/measurement.ts'
import { byEnd, keyOf } from '../diagnose/history.ts'
import type { Observation } from '../diagnose/observation.ts'
import { type DiagnosticsInput, diagnosticsOf } from './diagnostics.ts'

/** Of those that seemed to fit, for texts differ in length. */
const SPARE = 0.95

export interface Exported {
  readonly file: Diagnostics
  readonly text: string
}

export function exported(input: DiagnosticsInput): Exported {
  const { context, observations } = input.evidence
  const worth = byWorth(observations)
  const first = (count: number): Exported => {
    const kept = new Set(worth.slice(0, count))
    const file = diagnosticsOf(
      { ...input, evidence: { context, observations: observations.filter((o) => kept.has(o)) } },
      observations.length - count,
    )
    const readable = `${JSON.stringify(file, null, 1)}\n`
    return { file, text: readable.length <= MAX_DIAGNOSTICS_CHARS ? readable : JSON.stringify(file) }
  }
  let count = Math.min(worth.length, MOST_ENTRIES)
  let made = first(count)
  while (made.text.length > MAX_DIAGNOSTICS_CHARS && count > 0) {
    count = Math.floor((count * SPARE * MAX_DIAGNOSTICS_CHARS) / made.text.length)
    made = first(count)
  }
  return made
}

/** The newest of each thing measured, then the one before of each, and so on. */
function byWorth(observations: readonly Observation[]): readonly Observation[] {
  const times = new Map<string, number>()
  const ranked = observations
    .toSorted((a, b) => byEnd(b, a))
    .map((o) => {
      const rank = times.get(keyOf(o)) ?? 0
      times.set(keyOf(o), rank + 1)
      return { o, rank }
    })
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ o }) => o)
}
