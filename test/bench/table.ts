/**
 * What every benchmark prints: one row per case with median and 95th percentile, and how it compares with the first row. The
 * same rows are appended to bench-results/, so that two days can be compared.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const resultsDir = fileURLToPath(new URL('../../bench-results', import.meta.url))

export interface Row {
  readonly name: string
  /** One measurement each, all in the unit of the table. */
  readonly samples: readonly number[]
  /** Runs given up beyond `limit`: they count as slower than every sample. At least one of both kinds. */
  readonly missed?: { readonly runs: number; readonly limit: number }
  /** What cannot be beaten, such as the round trips a handshake needs. */
  readonly floor?: number
  /** What the median is meant to be at most. */
  readonly goal?: number
}

export interface Table {
  /** Also the name of the file in bench-results/. */
  readonly title: string
  readonly unit: string
  /** The first row is what the others are compared with. */
  readonly rows: readonly Row[]
  /** Printed beneath: what is compared, and how. */
  readonly note?: string
}

/** The value below which `share` (0 to 1) of the samples lie, by the nearest-rank method. NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export function formatTable({ title, unit, rows, note }: Table): string {
  const base = measured(rows[0] ?? { name: '', samples: [] }, 0.5)
  const columns: readonly [string, (row: Row) => string][] = [
    [title, (row) => row.name],
    [`median ${unit}`, (row) => bounded(row, 0.5)],
    [`p95 ${unit}`, (row) => bounded(row, 0.95)],
    [`goal ${unit}`, ({ goal }) => (goal === undefined ? '' : number(goal))],
    [`floor ${unit}`, ({ floor }) => (floor === undefined ? '' : number(floor))],
    ['to floor', (row) => (row.floor === undefined ? '' : times(measured(row, 0.5) / row.floor))],
    ['ratio', (row) => times(measured(row, 0.5) / base)],
    ['n', ({ samples, missed }) => `${samples.length + (missed?.runs ?? 0)}`],
  ]
  const cells = columns
    .map(([head, cell]) => [head, ...rows.map(cell)])
    // A column that says nothing is left out.
    .filter((column) => column.slice(1).some((cell) => cell !== ''))
  const widths = cells.map((column) => Math.max(...column.map((cell) => cell.length)))
  const line = (at: number) => cells.map((column, i) => pad(column[at] ?? '', widths[i] ?? 0, i === 0)).join('  ')
  return [...[0, ...rows.map((_, i) => i + 1)].map(line), ...(note === undefined ? [] : [note])].join('\n')
}

/** Prints the table and appends it to bench-results/<title>.jsonl. */
export function reportTable(table: Table, at = new Date()): void {
  process.stdout.write(`${formatTable(table)}\n`)
  // JSON has no infinity: what was not reached in time is `null`.
  const rows = table.rows.map((row) => ({
    name: row.name,
    median: measured(row, 0.5),
    p95: measured(row, 0.95),
    goal: row.goal,
    floor: row.floor,
    n: row.samples.length,
    missed: row.missed,
  }))
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model, node: process.version, platform: process.platform, load: loadavg()[0] }
  mkdirSync(resultsDir, { recursive: true })
  const file = join(resultsDir, `${table.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.jsonl`)
  appendFileSync(file, `${JSON.stringify({ at: at.toISOString(), unit: table.unit, machine, rows, note: table.note })}\n`)
}

function measured({ samples, missed }: Row, share: number): number {
  return percentile([...samples, ...Array.from({ length: missed?.runs ?? 0 }, () => Number.POSITIVE_INFINITY)], share)
}

function bounded(row: Row, share: number): string {
  const value = measured(row, share)
  return value === Number.POSITIVE_INFINITY ? `> ${number(row.missed?.limit ?? value)}` : number(value)
}

const number = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2))
const times = (value: number) => (value === Number.POSITIVE_INFINITY ? '' : `${value.toFixed(2)}x`)
const pad = (text: string, width: number, isFirst: boolean) => (isFirst ? text.padEnd(width) : text.padStart(width))
