/** The last race as rows on one axis of milliseconds. Pure: attempts and a moment in, bars out; the moment makes the slow replay. */
import type { Attempt, PathState, PhaseName } from '../../../../shared/contract/path.ts'

export interface Bar {
  readonly phase: PhaseName
  /** Milliseconds since the race began. */
  readonly from: number
  readonly to: number
  readonly outcome: 'running' | 'ok' | 'failed' | 'cancelled'
}

export interface Row {
  readonly attempt: Attempt
  /** Its place in the order of starts, from 1. */
  readonly number: number
  readonly bars: readonly Bar[]
  /** What is known of the attempt at that moment. */
  readonly outcome: Attempt['outcome'] | 'waiting'
  /** When it ended, or the moment shown; ms since the race began. */
  readonly end: number
}

export interface Waterfall {
  readonly spanMs: number
  readonly ticks: readonly number[]
  readonly rows: readonly Row[]
}

/** The route in use, where it is not the one that the last race found: it stood ready. `null` while a race is on, too. */
export function withoutRace({ attempts, route, raceAt }: Pick<PathState, 'attempts' | 'route' | 'raceAt'>): PathState['route'] {
  if (!route || raceAt === null || route.since < raceAt || attempts.some(({ outcome }) => outcome === 'running')) return null
  return attempts.some(({ outcome, recipe }) => outcome === 'won' && recipe === route.recipe) ? null : route
}

/** Length of the race: until its last known instant, or `now` while something runs. */
export function raceSpan(attempts: readonly Attempt[], nowMs: number): number {
  const ends = attempts.flatMap((attempt) => [
    attempt.startMs,
    ...attempt.phases.map((phase) => attempt.startMs + (phase.endMs ?? phase.startMs)),
  ])
  const running = attempts.some((attempt) => attempt.outcome === 'running')
  return Math.max(1, ...ends, running ? nowMs : 0)
}

/**
 * `nowMs`: ms since the race began, for what still runs. `momentMs`: shows the race as it stood then, on the same axis.
 */
export function waterfall(attempts: readonly Attempt[], nowMs: number, momentMs: number | null = null): Waterfall {
  const spanMs = raceSpan(attempts, nowMs)
  const moment = Math.min(momentMs ?? spanMs, spanMs)
  const rows = attempts
    .toSorted((a, b) => a.startMs - b.startMs || a.id - b.id)
    .map((attempt, index) => ({ ...rowAt(attempt, moment, nowMs), number: index + 1 }))
  return { spanMs, ticks: niceTicks(spanMs), rows }
}

function rowAt(attempt: Attempt, moment: number, nowMs: number): Omit<Row, 'number'> {
  const bars = attempt.phases.flatMap((trace): Bar[] => {
    const from = attempt.startMs + trace.startMs
    const ended = trace.endMs === null ? null : attempt.startMs + trace.endMs
    if (from > moment) return []
    const to = Math.max(from, Math.min(ended ?? nowMs, moment))
    return [{ phase: trace.phase, from, to, outcome: ended === null || ended > moment ? 'running' : trace.outcome }]
  })
  const lastEnd = Math.max(attempt.startMs, ...attempt.phases.map((trace) => attempt.startMs + (trace.endMs ?? nowMs)))
  if (attempt.startMs > moment) return { attempt, bars, outcome: 'waiting', end: attempt.startMs }
  if (lastEnd > moment) return { attempt, bars, outcome: 'running', end: moment }
  return { attempt, bars, outcome: attempt.outcome, end: lastEnd }
}

/** Four to eight round marks from zero up to `span`. */
export function niceTicks(span: number): readonly number[] {
  const rough = span / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => Math.round(index * step * 1000) / 1000)
}

/** The four timed steps of the attempt that won; `null` for a step it did not need. */
export function winningSteps(
  attempts: readonly Attempt[],
): { readonly attempt: Attempt; readonly ms: Readonly<Record<PhaseName, number | null>> } | null {
  const attempt = attempts.find((candidate) => candidate.outcome === 'won')
  if (attempt === undefined) return null
  const of = (name: PhaseName) => {
    const trace = attempt.phases.find((phase) => phase.phase === name && phase.endMs !== null)
    return trace === undefined || trace.endMs === null ? null : trace.endMs - trace.startMs
  }
  return { attempt, ms: { lookup: of('lookup'), reach: of('reach'), encrypt: of('encrypt'), recognise: of('recognise') } }
}
