/**
 * The move record as exchanges on one axis of time: what set each off, and what answered it; and what it cost. Pure.
 * Findings are told only as they change: nothing of planes that were fine and still are, nothing twice.
 */
import type { Move } from '../../../../shared/contract/lab.ts'

/** One card. Findings of several planes to the same effect, said together, are one. */
export interface Line {
  readonly move: Move
  readonly also: readonly Move[]
}

export interface Exchange {
  readonly atMs: number
  readonly story: string | null
  readonly opened: readonly Line[]
  readonly answered: readonly Line[]
}

/** A finding that gives way to another within this is passed over, and those of several planes are told as one. */
const TOGETHER_MS = 1_000

/** A move of the censor or of the world opens an exchange; service, app and plain client answer in the one that is open. */
export function exchanges(moves: readonly Move[]): readonly Exchange[] {
  const found: { atMs: number; story: string | null; opened: Line[]; answered: { move: Move; also: Move[] }[] }[] = []
  for (const move of worthTelling(moves)) {
    const opens = move.side === 'censor' || move.side === 'world'
    if (opens || found.length === 0) found.push({ atMs: move.atMs, story: move.story ?? null, opened: [], answered: [] })
    const exchange = found.at(-1)
    if (!exchange) continue
    const together = exchange.answered.findLast(
      (line) => saysSame(line.move, move) && move.atMs - line.move.atMs <= TOGETHER_MS && line.move.who === move.who,
    )
    if (opens) exchange.opened.push({ move, also: [] })
    else if (together) together.also.push(move)
    else exchange.answered.push({ move, also: [] })
  }
  return found
}

function worthTelling(moves: readonly Move[]): readonly Move[] {
  const sorted = moves.toSorted((a, b) => a.atMs - b.atMs)
  const lastSaid = new Map<string, string>()
  return sorted.filter((move, index) => {
    if (!isFinding(move)) return true
    const subject = subjectOf(move)
    const soon = (other: Move) => move.atMs + TOGETHER_MS >= other.atMs && isTelling(other) && subjectOf(other) === subject
    if (!isTelling(move) || sorted.slice(index + 1).some(soon)) return false
    const isNews = (lastSaid.get(subject) ?? FINE) !== effectOf(move)
    lastSaid.set(subject, effectOf(move))
    return isNews
  })
}

const FINE = 'ok'
const isFinding = (move: Move) => move.code === 'finding-changed'
/** A finding that says something, if only that all is well. */
const isTelling = (move: Move) => isFinding(move) && move.facts?.kind !== 'inconclusive'
const subjectOf = ({ who, facts }: Move) => `${who} ${facts?.plane}`
const effectOf = ({ facts }: Move) => (facts?.kind === FINE ? FINE : `${facts?.kind} ${facts?.mechanisms} ${facts?.word}`)
const saysSame = (a: Move, b: Move) => isFinding(a) && isFinding(b) && effectOf(a) === effectOf(b)

export interface Costs {
  readonly strangersDown: readonly string[]
  readonly recorded: number | null
  /** Milliseconds without a path, summed over the switches of the run. */
  readonly lostMs: number
  readonly detours: number
  readonly bridgeUsed: boolean
  /** Machines more on the way than the plain path has, now. */
  readonly hops: number
  /** Whose app has no path now. */
  readonly cutOff: readonly string[]
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
    hops: routes.at(-1)?.facts?.kind === 'proxy' ? 1 : 0,
    cutOff: [...lastOf(lab.moves)].filter(([, code]) => code === 'path-lost').map(([who]) => who),
  }
}

/** Of each person's app: how its path changed last. */
function lastOf(moves: readonly Move[]): ReadonlyMap<string, string> {
  const last = new Map<string, string>()
  for (const { side, who, code } of moves) {
    if (side === 'app' && who !== undefined && (code === 'route-changed' || code === 'path-lost')) last.set(who, code)
  }
  return last
}
