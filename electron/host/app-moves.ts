/**
 * What the app did and said during a rehearsal, read off its own path.changed events: the app's lane of the move record, and
 * the right half of the truth cards. Pure functions.
 *
 * Codes and facts: `route-changed` {kind, ms}, `path-lost` {}, `finding-changed` {plane, kind, mechanisms, word}; for the plain
 * client `plain-connected` {ms} and `plain-lost` {}.
 */
import type { LabState, Move } from '../../shared/contract/lab.ts'
import type { PathState, Verdict } from '../../shared/contract/path.ts'

export interface Said {
  readonly atMs: number
  readonly verdict: Pick<Verdict, 'plane' | 'kind' | 'mechanisms' | 'word'>
}

type TruthCards = LabState['truth']

const routeWords = {
  plain: 'the plain path',
  address: 'another address',
  disguise: 'the usual address in disguise',
  sibling: 'another entrance',
  proxy: 'a proxy',
} as const

/** The moves that lie between two states of the path. */
export function appMoves(before: PathState | null, after: PathState, atMs: number, who: string): Move[] {
  const moves: Move[] = []
  const { route } = after
  if (route && route.recipe !== before?.route?.recipe) {
    const ms = after.lastSwitch && after.lastSwitch.at !== before?.lastSwitch?.at ? after.lastSwitch.gapMs : route.connectMs
    const facts = { kind: route.kind, ms: Math.round(ms) }
    moves.push({
      atMs,
      side: 'app',
      code: 'route-changed',
      facts,
      text: `goes by ${routeWords[route.kind]}`,
      effect: `${Math.round(ms)} ms`,
      who,
    })
  } else if (before?.status === 'connected' && after.status !== 'connected') {
    moves.push({ atMs, side: 'app', code: 'path-lost', facts: {}, text: 'has lost its path and looks for another', who })
  }
  for (const { plane, kind, mechanisms, word } of changedVerdicts(before, after)) {
    const facts = { plane, kind, mechanisms: mechanisms.join(' '), word }
    const text = `${plane}: ${[kind, ...mechanisms].join(' ')}${word === 'none' ? '' : `, ${word}`}`
    moves.push({ atMs, side: 'app', code: 'finding-changed', facts, text, who })
  }
  return moves
}

/** The path with what was said last of planes that nothing certain can be said of now: right after a change of place, that is all of them. */
export function settled(before: PathState | null, now: PathState): PathState {
  const said = (verdict: Verdict) =>
    verdict.kind === 'inconclusive' ? (before?.verdicts.find(({ plane }) => plane === verdict.plane) ?? []) : verdict
  return { ...now, verdicts: now.verdicts.flatMap(said) }
}

/** Verdicts that say something else than before; a first `ok` says nothing new. */
export function changedVerdicts(before: PathState | null, after: PathState): Verdict[] {
  return after.verdicts.filter((verdict) => {
    const earlier = before?.verdicts.find((one) => one.plane === verdict.plane)
    if (!earlier) return verdict.kind !== 'ok'
    return fingerprint(earlier) !== fingerprint(verdict)
  })
}

/** One card per move of the censor: what the lab did, and what the app said before the next one. */
export function truthCards(moves: readonly Move[], said: readonly Said[]): TruthCards {
  const censor = moves.filter((move) => move.side === 'censor')
  return censor.map((move, i) => {
    const until = censor[i + 1]?.atMs ?? Number.POSITIVE_INFINITY
    return {
      atMs: move.atMs,
      did: move.effect ?? move.text,
      said: weightiest(said.filter((one) => one.atMs >= move.atMs && one.atMs < until)),
    }
  })
}

/** Of what was said last about each plane, the gravest. */
function weightiest(said: readonly Said[]): TruthCards[number]['said'] {
  const latest = new Map(said.map(({ verdict }) => [verdict.plane, verdict]))
  const grave = (kind: string) => (kind === 'interference' ? 2 : kind === 'ok' ? 0 : 1)
  const [first] = [...latest.values()].sort((a, b) => grave(b.kind) - grave(a.kind))
  return first ? { plane: first.plane, kind: first.kind, mechanisms: [...first.mechanisms], word: first.word } : null
}

function fingerprint({ kind, mechanisms, word }: Verdict): string {
  return [kind, word, ...[...mechanisms].sort()].join(' ')
}
