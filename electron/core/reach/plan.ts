/** When each way is tried, where nothing is heard of any: candidates in, a list of starts out. A pure function; what is heard is the race's business. */
import { type Candidate, type Choices, candidates } from './candidates.ts'
import { byTurns } from './suspicion.ts'

export interface Start {
  /** From the beginning of the race. */
  readonly atMs: number
  readonly candidate: Candidate
  /** Where it is none of those that wait for their turn. */
  readonly because?: 'first' | 'pinned' | 'remembered'
}

/** By when the last way is started, however many there are. */
export const ALL_STARTED_MS = 2_000

/** The step between starts: a little over what TCP takes here (90th percentile of `tcpMs`), within bounds; 200 ms if unknown. */
export function staggerMs(tcpMs: readonly number[]): number {
  const usual = usualMs(tcpMs)
  return usual === null ? 200 : Math.min(Math.max(1.25 * usual, 80), 250)
}

/** The 90th percentile; `null` of nothing. */
export function usualMs(tcpMs: readonly number[]): number | null {
  const sorted = [...tcpMs].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.9))] ?? null
}

export interface Pace {
  /** From `staggerMs`. */
  readonly s: number
  /** The way in use has fallen silent: that was its chance, and the next goes beside it at once. */
  readonly isUrgent: boolean
}

/** Slow to suspect, quick to act: once the first way had its chance, the next few follow closely. */
const QUICK = 1 / 5
const QUICK_SIBLINGS = 3
/** In steps: what a way through a bridge takes longer than one without, until it answers. */
const HEAD_START = 4

/**
 * Remembered ways and the plain one at 0; where the user pinned a way, that one, and the others a head start later. After one step of silence the ways that share least with them: one address of each
 * sibling, then another of our own, a fifth of a step apart. Two proxies from 3s, or with the siblings where a proxy is what
 * is remembered; the rest from 4s in even steps, disguises last, everything within `ALL_STARTED_MS`. An urgent plan lacks the first step.
 */
export function plan(choices: Choices, { s, isUrgent }: Pace): Start[] {
  const all = candidates(choices)
  const taken = new Set<Candidate>()
  const starts: Start[] = []
  const start = (ways: readonly Candidate[], fromMs: number, stepMs: number, because?: Start['because']) => {
    for (const [index, candidate] of ways.entries()) {
      taken.add(candidate)
      starts.push({ atMs: fromMs + index * stepMs, candidate, ...(because && { because }) })
    }
  }
  const pinned = all.find(({ text }) => text === choices.pinned)
  if (pinned) start([pinned], 0, 0, 'pinned')
  const head = !pinned || isUrgent ? 0 : (choices.doubted.has(pinned.text) ? 1 : HEAD_START) * s
  const left = (kind: Candidate['kind']) => all.filter((candidate) => candidate.kind === kind && !taken.has(candidate))
  start(
    choices.remembered.flatMap((text) => all.find((candidate) => candidate.text === text && !taken.has(candidate)) ?? []),
    head,
    0,
    'remembered',
  )
  const needsProxy = starts.some(({ candidate }) => candidate.kind === 'proxy')
  start(left('plain'), head, 0, 'first')

  const { doubted } = choices
  const first = isUrgent ? 0 : head + s
  const siblings = left('sibling').filter(({ endpoint, recipe }) => recipe.address === endpoint.addresses[0])
  const another = left('address').filter(({ source }) => source === 'bundle')
  const different = [...trustedFirst(siblings, doubted).slice(0, QUICK_SIBLINGS), ...another.slice(0, 1)]
  start(trustedFirst(different, doubted), first, QUICK * s)
  start(trustedFirst(left('proxy'), doubted).slice(0, 2), needsProxy ? first : first + 2 * s, s / 2)
  // A disguise helps only where somebody answers and the name is what is cut off, and then it is pulled forward (race.ts).
  const others = all.filter((candidate) => !taken.has(candidate) && candidate.kind !== 'proxy' && candidate.kind !== 'disguise')
  const rest = [...trustedFirst(byTurns(left('proxy'), others), doubted), ...trustedFirst(left('disguise'), doubted)]
  const from = first + 3 * s
  start(rest, from, Math.min(s / 2, (ALL_STARTED_MS - from) / Math.max(rest.length, 1)))
  return starts.sort((a, b) => a.atMs - b.atMs)
}

function trustedFirst(ways: readonly Candidate[], doubted: Choices['doubted']): Candidate[] {
  return [...ways.filter(({ text }) => !doubted.has(text)), ...ways.filter(({ text }) => doubted.has(text))]
}
