/** The observations that still matter: for each thing measured the newest few, oldest first, and nothing from before the network changed. */
import type { Observation } from './observation.ts'

const KEPT_PER_KEY = 16
const KEPT_MS = 30 * 60_000

/** A SYN is sent again after a second: an end of patience before that says only that nothing had come yet. */
export const BRIEF_MS = 1000

export function isBriefSilence(o: Observation): boolean {
  return (o.t === 'tcp' || o.t === 'tls' || o.t === 'hello') && o.outcome.kind === 'timeout' && o.ms < BRIEF_MS
}

/** What an observation measured: two with the same key are two tries of the same thing. A brief silence replaces no real outcome. */
export function keyOf(o: Observation): string {
  return isBriefSilence(o) ? `brief ${measured(o)}` : measured(o)
}

function measured(o: Observation): string {
  switch (o.t) {
    case 'dns':
      // Every made-up name is another one, and all of them are one question.
      return `dns ${o.role} ${o.madeUp ? `${o.plane} made-up` : o.name} ${o.resolver} ${o.resolverId}`
    case 'tcp':
      return `tcp ${o.role} ${o.plane} ${o.address} ${o.port} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'tls':
      return `tls ${o.role} ${o.plane} ${o.address} ${o.sni ?? '-'} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'hello':
      return `hello ${o.endpoint} ${o.address} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'local':
      return 'local'
    case 'status':
      return `status ${o.plane} ${o.endpoint} ${o.address}`
    case 'portal':
      return `portal ${o.endpoint}`
    case 'vantage':
      return `vantage ${o.via} ${o.endpoint} ${o.address}`
    case 'transfer':
      return `transfer ${o.role} ${o.plane} ${o.address} ${o.sni ?? '-'}`
  }
}

/** A silence that is still going on is told before its end is known: what came of the same try takes its place. */
export function remember(history: readonly Observation[], next: Observation): readonly Observation[] {
  const key = keyOf(next)
  const kept = history.filter((o) => next.at - o.at < KEPT_MS && !(o.at === next.at && o.t === next.t && keyOf(o) === key))
  const same = kept.filter((o) => keyOf(o) === key)
  // The fastest is kept: what a way takes where nobody waits is what waits are measured by.
  const fastest = next.t === 'tcp' ? fastestOf(same) : undefined
  const dropped = same.length >= KEPT_PER_KEY ? same.find((o) => o !== fastest) : undefined
  return [...kept.filter((o) => o !== dropped), next]
}

function fastestOf(same: readonly Observation[]): Observation | undefined {
  return same.filter((o) => o.t === 'tcp' && o.outcome.kind === 'connected').toSorted((a, b) => a.ms - b.ms)[0]
}

/** Observations of one key as a run: the newest, how many at the end agree with it by `classify`, and all that is kept, oldest first. */
export interface Run<T extends Observation> {
  readonly last: T
  readonly repeats: number
  readonly all: readonly T[]
}

export function runs<T extends Observation>(observations: readonly T[], classify: (o: T) => string): readonly Run<T>[] {
  const byKey = new Map<string, T[]>()
  for (const o of observations) {
    const list = byKey.get(keyOf(o))
    if (list) list.push(o)
    else byKey.set(keyOf(o), [o])
  }
  // By what was measured, so that it does not matter in which order it was told.
  const sorted = [...byKey].sort(([a], [b]) => compareText(a, b))
  return sorted.flatMap(([, list]) => {
    const all = list.toSorted(byEnd)
    const last = all.at(-1)
    if (!last) return []
    const differs = all.findLastIndex((o) => classify(o) !== classify(last))
    return [{ last, repeats: all.length - 1 - differs, all }]
  })
}

/** By when their outcome was known. What ended together has an order of its own too, so that no verdict depends on who told it first. */
export function byEnd(a: Observation, b: Observation): number {
  return a.at + a.ms - (b.at + b.ms) || a.at - b.at || compareText(keyOf(a), keyOf(b)) || compareText(JSON.stringify(a), JSON.stringify(b))
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
