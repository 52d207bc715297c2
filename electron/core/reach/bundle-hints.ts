/** Recipes that friends said work for them: tried first for a week. They name no network and nobody; what is in them is signed, or they are not kept. */
import * as v from 'valibot'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { ValueStore } from '../store/values.ts'
import { candidates } from './candidates.ts'

const KEY = 'reach.hints.v1'
const TTL_MS = 7 * 24 * 3_600_000
const MAX_HINTS = 4
const Hints = v.array(v.strictObject({ recipe: v.string(), at: v.number() }))

export interface Hints {
  /** The newest first. */
  list(): readonly string[]
  add(recipe: string): void
}

export function createHints(values: ValueStore, clock: Clock): Hints {
  let hints = load(values.get(KEY))
  const fresh = () => hints.filter(({ at }) => Math.abs(clock.now() - at) < TTL_MS)
  return {
    list: () => fresh().map(({ recipe }) => recipe),
    add(recipe) {
      hints = [{ recipe, at: clock.now() }, ...fresh().filter((hint) => hint.recipe !== recipe)].slice(0, MAX_HINTS)
      values.set(KEY, JSON.stringify(hints))
    },
  }
}

/**
 * Whether a chat recipe is made of signed parts alone. One with an address of somebody's own invention would only show that somebody who
 * follows the link; one by the giver's own proxy would show the proxy to whoever gets it.
 */
export function isSigned(recipe: string, bundle: Bundle): boolean {
  const endpoints = bundle.endpoints.filter(({ plane }) => plane === 'chat')
  // Each round pairs the proxies with another endpoint.
  return endpoints.some((_, round) =>
    [false, true].some((freezes) =>
      candidates({
        endpoints,
        proxies: bundle.proxies,
        carrier: 'ws',
        v6: true,
        learned: [],
        remembered: [],
        doubted: new Set(),
        freezes,
        round,
      }).some(({ text }) => text === recipe),
    ),
  )
}

function load(text: string | null): v.InferOutput<typeof Hints> {
  try {
    const parsed = v.safeParse(Hints, JSON.parse(text ?? '[]'))
    return parsed.success ? parsed.output : []
  } catch {
    return []
  }
}
