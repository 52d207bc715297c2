/**
 * Worlds that nobody wrote, from a seed: a place of its own with drawn distances, up to two acts of a censor, perhaps a trouble that is none, and
 * what is true of each plane. The truth follows from what was put into the world, and from no app's rules.
 */
import type { Mechanism, Place, Plane, VerdictKind } from '../../shared/contract/path.ts'
import { seededRandom } from '../../shared/util/random.ts'
import { acts as actsOfCensors } from './random-acts.ts'
import type { Ingredient } from './random-parts.ts'
import { HOME, isLossy, randomPlace } from './random-place.ts'
import { troubles as troublesOfNobody } from './random-troubles.ts'
import type { Scenario } from './scenario.ts'
import { parseScenario } from './scenario-file.ts'

/** Whatever is true of a plane at the end: any one of `kinds` is right, and so is any one of `mechanisms` where it is interference. */
export interface PlaneTruth {
  readonly plane: Plane
  readonly kinds: readonly VerdictKind[]
  readonly mechanisms: readonly Mechanism[]
  readonly places: readonly Place[]
}

export interface RandomScenario {
  readonly scenario: Scenario
  /** In a few words each. */
  readonly made: readonly string[]
  /** Planes of which nobody could tell from there are left out. */
  readonly truth: readonly PlaneTruth[]
  readonly rttMs: number
  readonly loss: number
}

export const BEGINS_MS = 3000
/** The second thing comes at once, or so much later. */
const LATER_MS = 5000
const LASTS_MS = 26_000

const planes: readonly Plane[] = ['chat', 'media', 'links', 'web']

/** The same of the same seed. */
export function randomScenario(seed: number): RandomScenario {
  const random = seededRandom(seed)
  const draw = <const T>(list: readonly [T, ...T[]]): T => list[Math.floor(random.fraction() * list.length)] ?? list[0]
  const chance = (share: number) => random.fraction() < share
  const place = randomPlace(random)
  const acts = chance(0.12) ? 0 : chance(0.3) ? 2 : 1
  const troubles = acts === 0 ? (chance(0.5) ? 1 : 0) : chance(0.35) ? 1 : 0
  const chosen: Ingredient[] = []
  for (let n = 0; n < acts; n++) chosen.push(draw(actsOfCensors)({ draw, chance, id: `act-${n}` }))
  for (let n = 0; n < troubles; n++) chosen.push(draw(troublesOfNobody)({ draw, chance, id: `trouble-${n}` }))
  const isLater = chosen.length > 1 && chance(0.4)
  const scenario = parseScenario(fileOf(seed, place, chosen, isLater))
  return {
    scenario,
    made: [...place.made, ...chosen.map(({ title }) => title)],
    truth: truthOf(chosen, place.loss),
    rttMs: place.rttMs,
    loss: place.loss,
  }
}

function truthOf(chosen: readonly Ingredient[], loss: number): PlaneTruth[] {
  const everywhere = chosen.filter(({ scope }) => scope === 'everywhere')
  return planes.flatMap((plane) => {
    const here = everywhere.length > 0 ? everywhere : chosen.filter(({ scope }) => scope !== 'everywhere' && scope.includes(plane))
    if (here.some(({ unseenOn }) => unseenOn?.includes(plane))) return []
    const told = here.filter(({ kind }) => kind !== 'nothing' && kind !== 'ok')
    if (told.length === 0) {
      const poor = here.flatMap(({ orKinds = [] }) => orKinds)
      return [
        {
          plane,
          kinds: [...new Set<VerdictKind>(['ok', ...poor, ...(isLossy(loss) ? ['degraded' as const] : [])])],
          mechanisms: [],
          places: [],
        },
      ]
    }
    return [
      {
        plane,
        kinds: [...new Set(told.flatMap(({ kind }) => (kind === 'nothing' ? [] : [kind])))],
        mechanisms: told.flatMap(({ mechanisms = [] }) => mechanisms),
        places: [...new Set(told.flatMap(({ places = [] }) => places))],
      },
    ]
  })
}

function fileOf(seed: number, place: ReturnType<typeof randomPlace>, chosen: readonly Ingredient[], isLater: boolean): unknown {
  const start = (list: readonly Ingredient[]) => ({
    start: list.flatMap((one) => (one.start ? [one.start] : [])),
    lower: list.flatMap((one) => one.lower ?? []),
  })
  const [first, ...rest] = chosen
  const move = (id: string, atMs: number, list: readonly Ingredient[]) => ({
    id,
    atMs,
    story: `2024-01-01T00:00:${String(atMs / 1000).padStart(2, '0')}Z`,
    side: 'world',
    text: list.map(({ title }) => title).join('; ') || 'An ordinary day.',
    ...start(list),
  })
  const told = (text: string) => ({ dates: text, demand: text, answer: text, meant: text, hit: text, whoPaid: text, tryThis: text })
  return {
    format: 1,
    card: {
      id: `random-${seed}`,
      kind: 'combined',
      title: `Random world ${seed}`,
      place: 'A country of the lab',
      ...told('Drawn by a seed.'),
      claims: [{ text: 'It stages no event.', mark: 'reported', source: 'the lab' }],
      sources: [{ title: 'Random worlds', publisher: 'the lab', date: '2024' }],
      standIns: [],
      vantage: HOME,
      seconds: LASTS_MS / 1000,
    },
    places: [HOME, 'nl-a'],
    elsewhere: 'nl-a',
    lastsMs: LASTS_MS,
    world: place.world,
    rules: chosen.flatMap(({ rule }) => rule ?? []),
    conditions: chosen.flatMap(({ condition }) => condition ?? []),
    moves: [
      { ...move('begin', 0, []), lower: place.lowered },
      move('first', BEGINS_MS, isLater && first ? [first] : chosen),
      ...(isLater ? [move('second', BEGINS_MS + LATER_MS, rest)] : []),
    ],
    expected: [],
    checks: [],
  }
}
