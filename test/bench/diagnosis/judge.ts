/** What was said, held against what was true: of each step of a scenario, of each plane of a random world, of a network where nothing is wrong. */
import { judgeSteps } from '../../../electron/host/lab-run/verdict-watch.ts'
import type { PlaneTruth } from '../../../lab/player/random-scenario.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import type { Plane } from '../../../shared/contract/path.ts'
import type { Played, Said } from './stage.ts'

/** One thing that had to be said of one plane. */
export interface Told {
  readonly plane: Plane
  readonly kinds: readonly string[]
  readonly mechanisms: readonly string[]
  readonly said: Said | null
  readonly isKind: boolean
  /** Of interference that was called so: whether a mechanism that is there was named, and none that is not. `null`: nothing to name. */
  readonly isMechanism: boolean | null
  readonly isPlace: boolean | null
  /** Of a scenario: in its time, and not taken back. */
  readonly inTime: boolean
  /** From the move that caused it; `null`: not within the run. Absent: it is no trouble, or was said before. */
  readonly times?: Times
}

export interface Times {
  readonly first: number | null
  readonly likely: number | null
  readonly confirmed: number | null
}

const standing = ({ moments }: Played, plane: Plane, at: number): Said | null =>
  moments.findLast(({ atMs }) => atMs <= at)?.verdicts.find((verdict) => verdict.plane === plane) ?? null

export function toldInScenario({ expected, moves, card, lastsMs }: Scenario, result: Played): Told[] {
  const steps = expected.filter(({ vantage }) => vantage === card.vantage)
  const samples = result.moments.map((moment) => ({ ...moment, vantage: card.vantage }))
  const judged = judgeSteps(steps, samples).steps
  return steps.map((step, i) => {
    const said = standing(result, step.plane, Math.min(step.untilMs, lastsMs))
    const may: readonly string[] = [...step.mechanisms, ...step.mayName]
    const since = Math.max(0, ...moves.filter(({ atMs }) => atMs <= step.byMs).map(({ atMs }) => atMs))
    const truth = { kinds: [step.kind], mechanisms: may, places: [] }
    return { ...against(step.plane, truth, said), inTime: judged[i]?.ok ?? false, ...timed(result, step.plane, truth, since) }
  })
}

export function toldInRandom(truth: readonly PlaneTruth[], result: Played, beganMs: number, lastsMs: number): Told[] {
  return truth.map((each) => {
    const told = against(each.plane, each, standing(result, each.plane, lastsMs))
    return { ...told, inTime: told.isKind, ...timed(result, each.plane, each, beganMs) }
  })
}

type Truth = Pick<PlaneTruth, 'kinds' | 'places'> & { readonly mechanisms: readonly string[] }

function against(plane: Plane, { kinds, mechanisms, places }: Truth, said: Said | null): Omit<Told, 'inTime'> {
  const isKind = said !== null && kinds.includes(said.kind)
  const isNamed = said?.kind === 'interference' && isKind && mechanisms.length > 0
  return {
    plane,
    kinds,
    mechanisms,
    said,
    isKind,
    isMechanism: isNamed ? said.mechanisms.every((one) => mechanisms.includes(one)) : null,
    isPlace: isKind && places.length > 0 && said.place ? places.includes(said.place) : null,
  }
}

function timed(result: Played, plane: Plane, { kinds }: Truth, since: number): { times?: Times } {
  const isSaid = (said: Said | null) => said !== null && kinds.includes(said.kind) && said.kind !== 'ok'
  if (kinds.includes('ok') || isSaid(standing(result, plane, since))) return {}
  const firstWith = (words: readonly string[]) => {
    const found = result.moments.find(({ atMs, verdicts }) =>
      verdicts.some((said) => atMs >= since && said.plane === plane && isSaid(said) && words.includes(said.word)),
    )
    return found ? found.atMs - since : null
  }
  return {
    times: {
      first: firstWith(['suspected', 'likely', 'confirmed']),
      likely: firstWith(['likely', 'confirmed']),
      confirmed: firstWith(['confirmed']),
    },
  }
}

/** Shorter than anybody reads: until what it is compared with has answered. */
const MOMENT_MS = 1000

/** How sure anybody ever was that somebody interferes, on planes where nobody does. `moment`: likely, and taken back at once. */
export function accused({ moments }: Played, isInnocent: (plane: Plane) => boolean): 'no' | 'suspected' | 'moment' | 'likely' {
  const stood = new Map<Plane, number>()
  let worst: 'no' | 'suspected' | 'moment' | 'likely' = 'no'
  moments.forEach(({ atMs, verdicts }, i) => {
    const until = moments[i + 1]?.atMs ?? Number.POSITIVE_INFINITY
    for (const { plane, kind, word } of verdicts) {
      const isAccused = kind === 'interference' && word !== 'none' && isInnocent(plane)
      if (isAccused && worst === 'no') worst = 'suspected'
      const long = isAccused && word !== 'suspected' ? (stood.get(plane) ?? 0) + until - atMs : 0
      stood.set(plane, long)
      if (long > 0 && worst === 'suspected') worst = 'moment'
      if (long >= MOMENT_MS) worst = 'likely'
    }
  })
  return worst
}
