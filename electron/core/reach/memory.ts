/**
 * What worked on which network, so that the next connect there goes straight to it. A network is known by a salted hash that
 * never leaves this computer; nothing here tells where the user was.
 */
import { createHmac } from 'node:crypto'
import * as v from 'valibot'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { ValueStore } from '../store/values.ts'

const KEY = 'reach.memory.v1'
const MAX_NETWORKS = 32
const MAX_SAMPLES = 16
const MAX_FAILURES = 16
const TTL_MS = 7 * 24 * 3_600_000
/** A remembered way that failed once may have had bad luck; twice this far apart, it is forgotten. */
const FAILED_AGAIN_MS = 600_000

const Way = v.strictObject({ recipe: v.string(), at: v.number(), failedAt: v.nullable(v.number()) })
const Known = v.strictObject({
  key: v.string(),
  at: v.number(),
  /** By plane: the winner first, then the one before it. */
  ways: v.record(v.string(), v.array(Way)),
  /** Recent TCP times of direct ways, ms. */
  tcpMs: v.array(v.number()),
  failures: v.array(v.strictObject({ recipe: v.string(), reason: v.string(), at: v.number() })),
})
type Known = v.InferOutput<typeof Known>
const Memory = v.strictObject({ salt: v.string(), networks: v.array(Known) })

export interface NetworkMemory {
  /** Recipes that worked for this plane here, the best first. */
  recall(network: string, plane: string): readonly string[]
  tcpMs(network: string): readonly number[]
  worked(network: string, plane: string, recipe: string): void
  failed(network: string, plane: string, recipe: string, reason: string): void
  reached(network: string, ms: number): void
}

/** Anything unreadable in the store is as good as nothing: memory only makes things faster. */
export function createNetworkMemory(values: ValueStore, clock: Clock, random: Random): NetworkMemory {
  const { salt, networks: kept } = load(values) ?? { salt: toBase64Url(random.bytes(16)), networks: [] }
  let networks = kept
  const fresh = (at: number) => clock.now() - at < TTL_MS
  const keyOf = (network: string) => createHmac('sha256', fromBase64Url(salt)).update(network).digest('base64url')
  const find = (network: string) => networks.find(({ key, at }) => key === keyOf(network) && fresh(at))
  const change = (network: string, update: (known: Known) => Known) => {
    const known = find(network) ?? { key: keyOf(network), at: 0, ways: {}, tcpMs: [], failures: [] }
    const changed = { ...update(known), at: clock.now() }
    networks = [changed, ...networks.filter(({ key, at }) => key !== changed.key && fresh(at))].slice(0, MAX_NETWORKS)
  }
  const save = () => values.set(KEY, JSON.stringify({ salt, networks }))

  return {
    recall: (network, plane) => (find(network)?.ways[plane] ?? []).filter(({ at }) => fresh(at)).map(({ recipe }) => recipe),
    tcpMs: (network) => find(network)?.tcpMs ?? [],
    worked(network, plane, recipe) {
      change(network, (known) => {
        const others = (known.ways[plane] ?? []).filter((way) => way.recipe !== recipe)
        const ways = [{ recipe, at: clock.now(), failedAt: null }, ...others].slice(0, 2)
        return { ...known, ways: { ...known.ways, [plane]: ways } }
      })
      save()
    },
    failed(network, plane, recipe, reason) {
      const now = clock.now()
      change(network, (known) => {
        const ways = (known.ways[plane] ?? [])
          .filter((way) => way.recipe !== recipe || way.failedAt === null || now - way.failedAt < FAILED_AGAIN_MS)
          .map((way) => (way.recipe === recipe && way.failedAt === null ? { ...way, failedAt: now } : way))
        return {
          ...known,
          ways: { ...known.ways, [plane]: ways },
          failures: [{ recipe, reason, at: now }, ...known.failures].slice(0, MAX_FAILURES),
        }
      })
      if (find(network)?.ways[plane]?.length) save()
    },
    // Kept with the next success: a sample alone is not worth a write.
    reached: (network, ms) => change(network, (known) => ({ ...known, tcpMs: [Math.round(ms), ...known.tcpMs].slice(0, MAX_SAMPLES) })),
  }
}

function load(values: ValueStore): v.InferOutput<typeof Memory> | null {
  try {
    const parsed = v.safeParse(Memory, JSON.parse(values.get(KEY) ?? 'null'))
    if (!parsed.success) return null
    fromBase64Url(parsed.output.salt)
    return parsed.output
  } catch {
    return null
  }
}
