/** The move record as columns on one axis of time: what set it off above or between, what answered it below. Pure. */
import type { Move } from '../../../../shared/contract/lab.ts'

export interface Column {
  readonly atMs: number
  readonly story: string | null
  readonly above: readonly Move[]
  readonly between: readonly Move[]
  readonly below: readonly Move[]
}

/** A move of the censor or of the world opens a column; service, app and plain client answer in the one that is open. */
export function recordColumns(moves: readonly Move[]): readonly Column[] {
  const columns: { atMs: number; story: string | null; above: Move[]; between: Move[]; below: Move[] }[] = []
  for (const move of moves.toSorted((a, b) => a.atMs - b.atMs)) {
    const opens = move.side === 'censor' || move.side === 'world' || columns.length === 0
    if (opens) columns.push({ atMs: move.atMs, story: move.story ?? null, above: [], between: [], below: [] })
    const column = columns.at(-1)
    if (!column) continue
    if (move.side === 'censor') column.above.push(move)
    else if (move.side === 'world') column.between.push(move)
    else column.below.push(move)
  }
  return columns
}

export interface Costs {
  readonly strangersDown: readonly string[]
  readonly recorded: number | null
  /** Milliseconds without a path, summed over the switches of the run. */
  readonly lostMs: number
  readonly detours: number
  readonly bridgeUsed: boolean
}

/** What both sides paid so far, from the lab's own counts and the app's own moves. */
export function costs(lab: {
  readonly moves: readonly Move[]
  readonly collateral: readonly { readonly name: string; readonly up: boolean }[]
  readonly tracker: { readonly total: number } | null
}): Costs {
  const routes = lab.moves.filter((move) => move.side === 'app' && move.code === 'route-changed')
  const detours = routes.filter((move) => move.facts?.kind !== 'plain')
  return {
    strangersDown: lab.collateral.filter((each) => !each.up).map((each) => each.name),
    recorded: lab.tracker?.total ?? null,
    lostMs: detours.reduce((sum, move) => sum + (typeof move.facts?.ms === 'number' ? move.facts.ms : 0), 0),
    detours: detours.length,
    bridgeUsed: detours.some((move) => move.facts?.kind === 'proxy'),
  }
}
