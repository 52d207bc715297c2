/** The moves of a run as marks on one axis of time. Pure. */
import type { Move } from '../../../../shared/contract/lab.ts'
import { exchanges, type Line } from './record-model.ts'

export type Lane = 'censor' | 'world' | 'answer'

export interface Lanes {
  /** `share`: how far along the axis. */
  readonly marks: readonly { readonly line: Line; readonly share: number }[]
  readonly ticks: readonly { readonly ms: number; readonly share: number }[]
}

/** Of the axis' beginning; an open play grows beyond it. */
const LEAST_MS = 20_000
const STEPS_MS = [5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const
const MOST_TICKS = 6

export function laneOf({ side }: Move): Lane {
  return side === 'censor' || side === 'world' ? side : 'answer'
}

export function lanes(moves: readonly Move[], lastsMs: number): Lanes {
  const span = Math.max(LEAST_MS, lastsMs, ...moves.map((move) => move.atMs))
  const step = STEPS_MS.find((each) => span / each <= MOST_TICKS) ?? span
  return {
    marks: exchanges(moves)
      .flatMap(({ opened, answered }) => [...opened, ...answered])
      .map((line) => ({ line, share: Math.max(0, line.move.atMs) / span })),
    ticks: Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => ({ ms: i * step, share: (i * step) / span })),
  }
}
