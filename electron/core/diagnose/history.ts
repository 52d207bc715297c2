/** The observations that still matter: for each thing measured the newest few, oldest first, and nothing from before the network changed. */
import type { Observation } from './observation.ts'

const KEPT_PER_KEY = 6
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
      return `dns ${o.role} ${o.name} ${o.resolver} ${o.resolverId}`
    case 'tcp':
      return `tcp ${o.role} ${o.plane} ${o.address} ${o.port} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'tls':
      return `tls ${o.role} ${o.plane} ${o.address} ${o.sni ?? '-'} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'hello':
      return `hello ${o.endpoint} ${o.address} ${o.source === 'proxy' ? 'proxy' : ''}`
    case 'local':
      return 'local'
  }
}

export function remember(history: readonly Observation[], next: Observation): readonly Observation[] {
  const key = keyOf(next)
  const kept = history.filter((o) => next.at - o.at < KEPT_MS)
  const same = kept.filter((o) => keyOf(o) === key)
  const dropped = same.length >= KEPT_PER_KEY ? same[0] : undefined
  return [...kept.filter((o) => o !== dropped), next]
}

/** Observations of one key as a run: the newest, and how many at the end agree with it by `sameOutcome`. */
export interface Run<T extends Observation> {
  readonly last: T
  readonly repeats: number
}

export function runs<T extends Observation>(observations: readonly T[], classify: (o: T) => string): readonly Run<T>[] {
  const byKey = new Map<string, T[]>()
  for (const o of observations) {
    const list = byKey.get(keyOf(o))
    if (list) list.push(o)
    else byKey.set(keyOf(o), [o])
  }
  return [...byKey.values()].flatMap((list) => {
    const sorted = [...list].sort((a, b) => a.at + a.ms - (b.at + b.ms))
    const last = sorted.at(-1)
    if (!last) return []
    let repeats = 0
    for (let i = sorted.length - 1; i >= 0; i--) {
      const o = sorted[i]
      if (!o || classify(o) !== classify(last)) break
      repeats++
    }
    return [{ last, repeats }]
  })
}
