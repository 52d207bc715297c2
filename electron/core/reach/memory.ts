/**
 * What worked on which network, so that the next connect there goes straight to it. A network is known by a salted hash that
 * never leaves this computer; nothing here tells where the user was.
 */
import * as v from 'valibot'
import { Plane, type RememberedWay } from '../../../shared/contract/path.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from '../store/values.ts'
import { loadSalted, networkKey, newSalt } from './network-key.ts'

const KEY = 'reach.memory.v2'
const KEY_BEFORE = 'reach.memory.v1'
const MAX_NETWORKS = 32
const MAX_SAMPLES = 16
const MAX_FAILURES = 16
const DAY_MS = 24 * 3_600_000
const TTL_MS = 7 * DAY_MS
/** What worked counts half as much a day later. */
const HALF_LIFE_MS = DAY_MS
/** Of a new time in the average of times. */
const NEWEST = 0.3
/** A remembered way that failed once may have had bad luck; twice this far apart, it is forgotten. */
const FAILED_AGAIN_MS = 600_000

const Way = v.strictObject({
  plane: Plane,
  recipe: v.string(),
  /** Moving average of what connecting took. */
  ms: v.number(),
  /** How often it worked, as it counted at `at`. */
  weight: v.number(),
  at: v.number(),
  /** Since it last worked: how often it failed, when first, and how last. */
  failures: v.number(),
  failedAt: v.nullable(v.number()),
  reason: v.nullable(v.string()),
})
type Way = v.InferOutput<typeof Way>
const Known = v.strictObject({
  key: v.string(),
  at: v.number(),
  /** Two for each plane at most: the winner and who comes next. */
  ways: v.array(Way),
  /** Recent TCP times of direct ways, ms. */
  tcpMs: v.array(v.number()),
  failures: v.array(v.strictObject({ recipe: v.string(), reason: v.string(), at: v.number() })),
})
type Known = v.InferOutput<typeof Known>
const Memory = v.strictObject({ salt: v.string(), networks: v.array(Known) })

export interface NetworkMemory {
  /** Recipes that worked for this plane here, the best first. */
  recall(network: string, plane: Plane): readonly string[]
  /** The same with what is known of them, for all planes. */
  about(network: string): RememberedWay[]
  tcpMs(network: string): readonly number[]
  worked(network: string, plane: Plane, recipe: string, ms: number): void
  failed(network: string, plane: Plane, recipe: string, reason: string): void
  reached(network: string, ms: number): void
  /** `null`: all of them, and the salt. */
  forget(network: string | null): void
}

/** Anything unreadable in the store is as good as nothing: memory only makes things faster. */
export function createNetworkMemory(values: ValueStore, clock: Clock, random: Random): NetworkMemory {
  let { salt, networks } = loadSalted(values, KEY, Memory) ?? { salt: newSalt(random), networks: [] }
  if (values.get(KEY_BEFORE) !== null) values.set(KEY_BEFORE, null)
  const fresh = (at: number) => clock.now() - at < TTL_MS
  const keyOf = (network: string) => networkKey(salt, network)
  const find = (network: string) => networks.find(({ key, at }) => key === keyOf(network) && fresh(at))
  const change = (network: string, update: (known: Known) => Known) => {
    const known = find(network) ?? { key: keyOf(network), at: 0, ways: [], tcpMs: [], failures: [] }
    const changed = { ...update(known), at: clock.now() }
    networks = [changed, ...networks.filter(({ key, at }) => key !== changed.key && fresh(at))].slice(0, MAX_NETWORKS)
  }
  const save = () => values.set(KEY, JSON.stringify({ salt, networks }))
  const score = ({ weight, at, failures }: Way) => (weight * 2 ** ((at - clock.now()) / HALF_LIFE_MS)) / (1 + failures)
  /** What failed since goes behind what did not; then the latest first. */
  const ordered = (ways: readonly Way[]) => [...ways].sort((a, b) => Math.sign(a.failures) - Math.sign(b.failures) || b.at - a.at)
  const ofPlane = (network: string, plane: Plane) => find(network)?.ways.filter((way) => way.plane === plane && fresh(way.at)) ?? []

  return {
    recall: (network, plane) => ordered(ofPlane(network, plane)).map(({ recipe }) => recipe),
    about: (network) =>
      Plane.options
        .flatMap((plane) => ordered(ofPlane(network, plane)))
        .map(({ recipe, plane, ms, at, failures }) => ({ recipe, plane, ms: Math.round(ms), at, failures })),
    tcpMs: (network) => find(network)?.tcpMs ?? [],
    worked(network, plane, recipe, ms) {
      change(network, (known) => {
        const isIt = (way: Way) => way.plane === plane && way.recipe === recipe
        const before = known.ways.find(isIt)
        const way: Way = {
          plane,
          recipe,
          ms: before ? before.ms + NEWEST * (ms - before.ms) : ms,
          weight: (before ? before.weight * 2 ** ((before.at - clock.now()) / HALF_LIFE_MS) : 0) + 1,
          at: clock.now(),
          failures: 0,
          failedAt: null,
          reason: null,
        }
        const [next] = known.ways
          .filter((other) => other.plane === plane && !isIt(other) && fresh(other.at))
          .sort((a, b) => score(b) - score(a) || b.at - a.at)
        const others = known.ways.filter((other) => other.plane !== plane && fresh(other.at))
        return { ...known, ways: [way, ...(next ? [next] : []), ...others] }
      })
      save()
    },
    failed(network, plane, recipe, reason) {
      const now = clock.now()
      const isIt = (way: Way) => way.plane === plane && way.recipe === recipe
      const isRemembered = find(network)?.ways.some(isIt) ?? false
      change(network, (known) => ({
        ...known,
        ways: known.ways
          .filter((way) => !isIt(way) || way.failedAt === null || now - way.failedAt < FAILED_AGAIN_MS)
          .map((way) => (isIt(way) ? { ...way, failures: way.failures + 1, failedAt: way.failedAt ?? now, reason } : way)),
        failures: [{ recipe, reason, at: now }, ...known.failures].slice(0, MAX_FAILURES),
      }))
      if (isRemembered) save()
    },
    // Kept with the next success: a sample alone is not worth a write.
    reached: (network, ms) => change(network, (known) => ({ ...known, tcpMs: [Math.round(ms), ...known.tcpMs].slice(0, MAX_SAMPLES) })),
    forget(network) {
      if (network === null) {
        salt = newSalt(random)
        networks = []
        values.set(KEY, null)
      } else {
        networks = networks.filter(({ key }) => key !== keyOf(network))
        save()
      }
    },
  }
}
