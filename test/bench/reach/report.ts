/** What was measured, as tables: every case of a line, all contestants side by side, and ours against the goals. */
import { percentile, type Row, reportTable } from '../table.ts'
import { type Block, blocks, distancesOf, GOAL_RTT_MS } from './blocks.ts'
import { CUT } from './cuts.ts'
import { cutFloor, cutWithStandbyFloor } from './floor.ts'
import { LIMIT_MS, OURS } from './measure.ts'
import type { Outcome } from './outcome.ts'
import type { Line } from './world.ts'

export interface Measured {
  readonly line: Line
  readonly outcomes: readonly Outcome[]
}

const kinds = ['first', 'later'] as const
type Kind = (typeof kinds)[number]

const nameOf = ({ rttMs, loss }: Line) => `${rttMs} ms, ${loss * 100} % lost`
/** The design sets them for lines without loss; with loss they are shown all the same. */
const goalOf = (block: Block, { rttMs }: Line, kind: Kind) => (rttMs === GOAL_RTT_MS ? block.goal[kind] : undefined)

function rowOf({ line, outcomes }: Measured, block: Block, who: string, kind: Kind): Row {
  const times = outcomes.filter((each) => each.block === block.id && each.who === who).map((each) => each[kind])
  const samples = times.filter((ms) => ms !== null)
  const runs = times.length - samples.length
  const goal = who === OURS ? goalOf(block, line, kind) : undefined
  return {
    name: `${block.title}, ${kind}: ${who}`,
    samples,
    floor: block.floor(distancesOf(line)),
    ...(goal !== undefined && { goal }),
    ...(runs > 0 && { missed: { runs, limit: LIMIT_MS } }),
  }
}

/** Every case, for the record. */
export function reportLine(measured: Measured, contestants: readonly string[]): void {
  const rows = blocks.flatMap((block) => kinds.flatMap((kind) => contestants.map((who) => rowOf(measured, block, who, kind))))
  reportTable({ title: `Reach ${nameOf(measured.line)}`, unit: 'ms', rows })
}

/** Median and 95th percentile in seconds, contestants side by side. */
export function reportMatrix(measured: Measured, contestants: readonly string[]): void {
  const lines = blocks.flatMap((block) =>
    kinds.map((kind) => {
      const distances = distancesOf(measured.line)
      const floors = [block.floor(distances), kind === 'first' ? block.inTurn(distances) : block.floor(distances)]
      return [`${block.title}, ${kind}`, ...floors.map(seconds), ...contestants.map((who) => spread(rowOf(measured, block, who, kind)))]
    }),
  )
  process.stdout.write(`\n${nameOf(measured.line)}: ${SPREAD}\n\n`)
  process.stdout.write(`${markdown(['', 'floor', 'in turn', ...contestants], lines)}\n`)
}

function spread(row: Row): string {
  const all = [...row.samples, ...Array.from({ length: row.missed?.runs ?? 0 }, () => Number.POSITIVE_INFINITY)]
  if (all.length === 0) return 'never'
  const [median, late] = [percentile(all, 0.5), percentile(all, 0.95)]
  return median === Number.POSITIVE_INFINITY ? 'never' : median === late ? seconds(median) : `${seconds(median)} / ${seconds(late)}`
}

const SPREAD = 'seconds, median / 95th percentile'
const seconds = (ms: number) => (ms === Number.POSITIVE_INFINITY ? '-' : (ms / 1000).toFixed(2))

function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...lines.map(row)].join('\n')
}

/** Whether ours is where the design wants it, and how far from it and from the floor. */
export function reportGoals(all: readonly Measured[]): void {
  const lines = all
    .filter(({ line }) => line.rttMs === GOAL_RTT_MS)
    .flatMap((measured) =>
      blocks.flatMap((block) =>
        kinds.map((kind) => {
          const row = rowOf(measured, block, OURS, kind)
          const median = percentile(row.samples, 0.5)
          const { goal = Number.NaN, floor = Number.NaN } = row
          const isMet = median <= goal && (row.missed?.runs ?? 0) < row.samples.length
          return [
            `${block.title}, ${kind}`,
            `${measured.line.loss * 100} %`,
            ...[median, goal].map((ms) => `${Math.round(ms)}`),
            isMet ? 'yes' : `no, ${Math.round(median - goal)} over`,
            `${Math.round(floor)}`,
            `${(median / floor).toFixed(2)}x`,
          ]
        }),
      ),
    )
  if (lines.length === 0) return
  process.stdout.write(`\nOurs at ${GOAL_RTT_MS} ms against the goals, ms\n\n`)
  process.stdout.write(`${markdown(['', 'lost', 'median', 'goal', 'met', 'floor', 'to floor'], lines)}\n`)
}

/** The design's, whatever the line: a gap of under two seconds. */
const CUT_GOAL_MS = 2_000

/** Silence first: there the others have figures too. */
export function reportCuts(all: readonly Measured[]): void {
  for (const block of Object.values(CUT)) reportCut(all, block)
}

function reportCut(all: readonly Measured[], block: string): void {
  const ofCut = ({ outcomes }: Measured) => outcomes.filter((each) => each.block === block)
  const names = [...new Set(all.flatMap((measured) => ofCut(measured).map(({ who }) => who)))]
  const rowsOf = (measured: Measured) =>
    names.map((name): Row => {
      const times = ofCut(measured).flatMap(({ who, first }) => (who === name ? [first] : []))
      const samples = times.filter((ms) => ms !== null)
      const runs = times.length - samples.length
      return {
        name: `${nameOf(measured.line)}: ${name}`,
        samples,
        ...(block === CUT.silence && { floor: cutFloor(distancesOf(measured.line)) }),
        ...(name === OURS && { goal: CUT_GOAL_MS }),
        ...(runs > 0 && { missed: { runs, limit: LIMIT_MS } }),
      }
    })
  reportTable({ title: `Reach ${block}`, unit: 'ms', rows: all.flatMap(rowsOf) })
  const lines = all.map((measured) => {
    const distances = distancesOf(measured.line)
    const floors = block === CUT.silence ? [cutFloor(distances), cutWithStandbyFloor(distances)] : []
    return [nameOf(measured.line), ...floors.map(seconds), ...rowsOf(measured).map(spread)]
  })
  process.stdout.write(`\nA live path ${block} while somebody writes: until something written since is answered, ${SPREAD}\n\n`)
  process.stdout.write(`${markdown(['', ...(block === CUT.silence ? ['floor', 'floor with a standby'] : []), ...names], lines)}\n`)
}
