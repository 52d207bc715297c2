/** What was measured, as tables of a document. */
import { percentile } from '../table.ts'
import type { Cost } from './counted.ts'
import type { Times, Told } from './judge.ts'
import type { Line } from './line.ts'

export const nameOf = ({ rttMs, loss }: Line) => `${rttMs} ms, ${loss * 100} %`

export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [row(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...lines.map(row)].join('\n')
}

export const share = (part: number, of: number) => (of === 0 ? '' : `${((100 * part) / of).toFixed(part === of ? 0 : 1)} %`)

/** The share that is not exceeded with 95 % confidence, by Clopper and Pearson: what makes so few or fewer as likely as one in twenty. */
export function upperBound(hits: number, of: number): number {
  if (hits >= of) return 1
  let [low, high] = [hits / of, 1]
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2
    if (atMost(hits, of, middle) > 0.05) low = middle
    else high = middle
  }
  return high
}

/** Chance of so many or fewer of `of`, at `p` each. */
function atMost(hits: number, of: number, p: number): number {
  let term = (1 - p) ** of
  let sum = term
  for (let k = 1; k <= hits; k++) {
    term *= ((of - k + 1) / k) * (p / (1 - p))
    sum += term
  }
  return sum
}

/** Rows: what was true; columns: what was said. */
export function confusion(all: readonly Told[]): string {
  const said = [...new Set(all.map((told) => told.said?.kind ?? 'nothing'))].sort()
  const rows = groups(all, ({ plane, kinds }) => `${plane}: ${kinds.join(' or ')}`)
  return markdown(
    ['', ...said],
    rows.map(([name, tolds]) => [name, ...said.map((kind) => countOf(tolds, (told) => (told.said?.kind ?? 'nothing') === kind))]),
  )
}

/** Of interference that was called so: which mechanisms were named beside which are there. */
export function mechanisms(all: readonly Told[]): string {
  const named = all.filter(({ isMechanism }) => isMechanism !== null)
  const rows = groups(named, (told) => told.mechanisms.join(' or '))
  return markdown(
    ['', 'n', 'right', 'otherwise'],
    rows.map(([name, tolds]) => {
      const wrong = groups(
        tolds.filter(({ isMechanism }) => !isMechanism),
        ({ said }) => said?.mechanisms.join(' and ') ?? '',
      )
      const right = tolds.filter(({ isMechanism }) => isMechanism).length
      return [name, `${tolds.length}`, share(right, tolds.length), wrong.map(([other, list]) => `${other} ${list.length}`).join(', ')]
    }),
  )
}

export function timesTable(rows: readonly (readonly [string, readonly Times[]])[]): string {
  const cells = (times: readonly Times[], of: keyof Times) => {
    const known = times.flatMap((each) => each[of] ?? [])
    return known.length === 0
      ? 'never'
      : `${seconds(percentile(known, 0.5))} / ${seconds(percentile(known, 0.95))}${known.length < times.length ? `, ${share(times.length - known.length, times.length)} never` : ''}`
  }
  return markdown(
    ['', 'n', 'first sentence', 'likely', 'confirmed'],
    rows.map(([name, times]) => [name, `${times.length}`, cells(times, 'first'), cells(times, 'likely'), cells(times, 'confirmed')]),
  )
}

export function costTable(rows: readonly (readonly [string, readonly Cost[], number])[]): string {
  const spread = (costs: readonly Cost[], of: keyof Cost, per = 1) => {
    const values = costs.map((cost) => cost[of] / per)
    return `${Math.round(percentile(values, 0.5))} / ${Math.round(percentile(values, 0.95))}`
  }
  return markdown(
    ['', 'runs', 'seconds each', 'connections', 'questions by UDP', 'KiB', 'packets'],
    rows.map(([name, costs, ms]) => [
      name,
      `${costs.length}`,
      `${Math.round(ms / 1000)}`,
      spread(costs, 'connections'),
      spread(costs, 'questions'),
      spread(costs, 'bytes', 1024),
      spread(costs, 'packets'),
    ]),
  )
}

export function groups<T>(list: readonly T[], nameOfOne: (one: T) => string): [string, T[]][] {
  const found = new Map<string, T[]>()
  for (const one of list) found.set(nameOfOne(one), [...(found.get(nameOfOne(one)) ?? []), one])
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1))
}

const countOf = <T>(list: readonly T[], holds: (one: T) => boolean) => `${list.filter(holds).length || ''}`
const seconds = (ms: number) => (ms / 1000).toFixed(1)
