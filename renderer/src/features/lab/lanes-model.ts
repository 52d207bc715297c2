/** The moves of a run as marks on one axis of time. Pure. */
import type { Move } from '../../../../shared/contract/lab.ts'
import { exchanges, type Line } from './record-model.ts'

export type Lane = 'censor' | 'world' | 'answer'

export interface Lanes {
  /** `share`: how far along the axis. `leads`: far enough behind the one before it in its lane to be pressed by itself. */
  readonly marks: readonly { readonly line: Line; readonly share: number; readonly leads: boolean }[]
  readonly ticks: readonly { readonly ms: number; readonly share: number }[]
}

/** Of the axis' beginning; an open play grows beyond it. */
const LEAST_MS = 20_000
const STEPS_MS = [5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const
const MOST_TICKS = 6
/** What a finger needs (24 px, WCAG 2.5.8) of the narrowest axis, that of a window of 320 px. */
const APART = 0.13

export function laneOf({ side }: Move): Lane {
  return side === 'censor' || side === 'world' ? side : 'answer'
}

export function lanes(moves: readonly Move[], lastsMs: number): Lanes {
  const span = Math.max(LEAST_MS, lastsMs, ...moves.map((move) => move.atMs))
  const step = STEPS_MS.find((each) => span / each <= MOST_TICKS) ?? span
  const leading: Partial<Record<Lane, number>> = {}
  return {
    marks: exchanges(moves)
      .flatMap(({ opened, answered }) => [...opened, ...answered])
      .toSorted((a, b) => a.move.atMs - b.move.atMs)
      .map((line) => {
        const share = Math.max(0, line.move.atMs) / span
        const lane = laneOf(line.move)
        const leads = share - (leading[lane] ?? Number.NEGATIVE_INFINITY) >= APART
        if (leads) leading[lane] = share
        return { line, share, leads }
      }),
    ticks: Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => ({ ms: i * step, share: (i * step) / span })),
  }
}
