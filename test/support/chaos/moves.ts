/** What a censor without a plan does next: any mechanism of the workbench, aimed at anything it may be aimed at, with any settings. Seeded. */
import type { HandRule, StandingRule } from '../../../shared/contract/workbench.ts'
import {
  type AimKind,
  type CensorMechanism,
  censorMechanismIds,
  mechanismOf,
  type SettingName,
  type SettingValue,
  settings,
  settingsOf,
} from '../../../shared/contract/workbench-mechanisms.ts'
import type { Random } from '../../../shared/util/random.ts'

export type Move =
  | { readonly does: 'impose'; readonly rule: HandRule }
  | { readonly does: 'lift'; readonly ids: readonly string[] }
  /** Somebody goes to another place, and keeps writing. */
  | { readonly does: 'travel'; readonly client: string; readonly place: string }

export interface Scene {
  readonly standing: readonly StandingRule[]
  /** Where each of the clients is. */
  readonly places: ReadonlyMap<string, string>
  /** Where they may be. */
  readonly allPlaces: readonly { readonly id: string; readonly country: string }[]
  readonly clouds: readonly string[]
  readonly neighbours: readonly string[]
}

/** Mostly there are a few rules at once; now and then all is lifted, so that what comes after peace is seen as well. */
const USUALLY_STANDING = 4
const LIFT_ALL = 0.03
const TRAVEL = 0.03
/** Of the mechanisms that may leave nothing open: rarer than one in so many, or there would be little else. */
const DARK: readonly CensorMechanism[] = ['allow_list', 'possible_shutdown']
const DARK_KEPT = 0.3
const AT_MESSAGES: readonly AimKind[] = ['usual', 'service', 'messages', 'bridges']
/** A penalty longer than this would only mean that nothing happens for long. */
const LONGEST_S = 60

export function drawMove(random: Random, scene: Scene): Move {
  const { standing, places, allPlaces } = scene
  const chance = random.fraction()
  if (chance < TRAVEL) {
    return { does: 'travel', client: pick(random, [...places.keys()]), place: pick(random, allPlaces).id }
  }
  if (standing.length > 0 && chance < TRAVEL + LIFT_ALL) return { does: 'lift', ids: standing.map(({ id }) => id) }
  if (random.fraction() < standing.length / (2 * USUALLY_STANDING)) return { does: 'lift', ids: [pick(random, standing).id] }
  return { does: 'impose', rule: drawRule(random, scene) }
}

function drawRule(random: Random, scene: Scene): HandRule {
  const mechanism = pick(random, censorMechanismIds)
  if (DARK.includes(mechanism) && random.fraction() > DARK_KEPT) return drawRule(random, scene)
  return {
    mechanism,
    where: drawWhere(random, scene),
    aim: drawAim(random, mechanismOf(mechanism).aims, scene),
    values: drawValues(random, mechanism),
  }
}

function drawWhere(random: Random, { places, allPlaces }: Scene): string {
  const place = pick(random, [...places.values()])
  const country = allPlaces.find(({ id }) => id === place)?.country ?? ''
  return random.fraction() < 0.8 ? `place:${place}` : `country:${country}`
}

/** Half of the time at what carries the messages. */
function drawAim(random: Random, aims: readonly AimKind[], { clouds, neighbours }: Scene): string {
  const ours = aims.filter((aim) => AT_MESSAGES.includes(aim))
  const kind = pick(random, ours.length > 0 && random.fraction() < 0.5 ? ours : aims)
  if (kind === 'cloud') return `cloud:${pick(random, clouds)}`
  return kind === 'neighbour' ? `neighbour:${pick(random, neighbours)}` : kind
}

function drawValues(random: Random, mechanism: CensorMechanism): HandRule['values'] {
  const values: Partial<Record<SettingName, SettingValue>> = {}
  for (const name of settingsOf(mechanism)) if (random.fraction() < 0.4) values[name] = drawValue(random, name)
  const { freezeFrom, freezeTo } = values
  if (freezeFrom !== undefined || freezeTo !== undefined) {
    const [from, to] = [drawValue(random, 'freezeFrom'), drawValue(random, 'freezeTo')].map(Number).sort((a, b) => a - b)
    return { ...values, freezeFrom: from ?? 0, freezeTo: to ?? 0 }
  }
  return values
}

function drawValue(random: Random, name: SettingName): SettingValue {
  const setting = settings[name]
  switch (setting.kind) {
    case 'number': {
      const max = setting.unit === 's' ? Math.min(setting.max, LONGEST_S) : setting.max
      // As likely to be of the size of ten as of a thousand.
      const value = setting.min + (max - setting.min + 1) ** random.fraction() - 1
      return setting.whole ? Math.round(value) : value
    }
    case 'choice':
      return pick(random, setting.options)
    case 'flag':
      return random.fraction() < 0.5
    case 'set': {
      const some = setting.options.filter(() => random.fraction() < 0.5)
      return some.length > 0 ? some : [...setting.initial]
    }
    case 'text':
      return setting.of === 'ports' ? pick(random, ['', '443', '443, 80, 53']) : setting.initial
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[Math.floor(random.fraction() * from.length)]
  if (picked === undefined) throw new Error('there is nothing to pick from')
  return picked
}
