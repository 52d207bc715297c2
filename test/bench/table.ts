/**
 * What every benchmark prints: one row per case with median and 95th percentile, and how it compares with the first row. The
 * same rows are appended to bench-results/, so that two days can be compared.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const resultsDir = fileURLToPath(new URL('../../bench-results', import.meta.url))

export interface Row {
  readonly name: string
  /** One measurement each, all in the unit of the table; at least one. */
  readonly samples: readonly number[]
  /** What cannot be beaten, such as the round trips a handshake needs. */
  readonly floor?: number
}

export interface Table {
  /** Also the name of the file in bench-results/. */
  readonly title: string
  readonly unit: string
  /** The first row is what the others are compared with. */
  readonly rows: readonly Row[]
}

/** The value below which `share` (0 to 1) of the samples lie, by the nearest-rank method. NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? Number.NaN
}

export function formatTable({ title, unit, rows }: Table): string {
  const base = percentile(rows[0]?.samples ?? [], 0.5)
  const cells = rows.map(({ name, samples, floor }) => {
    const median = percentile(samples, 0.5)
    return [
      name,
      number(median),
      number(percentile(samples, 0.95)),
      floor === undefined ? '' : number(floor),
      `${(median / base).toFixed(2)}x`,
      `${samples.length}`,
    ]
  })
  const lines = [[title, `median ${unit}`, `p95 ${unit}`, `floor ${unit}`, 'ratio', 'n'], ...cells]
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  return lines
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
    )
    .join('\n')
}

/** Prints the table and appends it to bench-results/<title>.jsonl. */
export function reportTable(table: Table, at = new Date()): void {
  process.stdout.write(`${formatTable(table)}\n`)
  const rows = table.rows.map(({ name, samples, floor }) => ({
    name,
    median: percentile(samples, 0.5),
    p95: percentile(samples, 0.95),
    floor,
    n: samples.length,
  }))
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model, node: process.version, platform: process.platform }
  mkdirSync(resultsDir, { recursive: true })
  const file = join(resultsDir, `${table.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.jsonl`)
  appendFileSync(file, `${JSON.stringify({ at: at.toISOString(), unit: table.unit, machine, rows })}\n`)
}

const number = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toPrecision(2))
