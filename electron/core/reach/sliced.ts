/**
 * When a plane goes in slices from the start: where that is what worked last on this network. Whether a whole connection passes
 * again is tried now and then, which costs one silence of a transfer that then goes on where it was.
 */
import type { Plane } from '../../../shared/contract/path.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { NetworkMemory } from './memory.ts'

const TRY_WHOLE_MS = 600_000

export const isSliced = (recipe: string): boolean => recipe.startsWith('slices ')

export interface Sliced {
  isFirst(network: string, plane: Plane): boolean
  /** A connection of this plane fell silent. */
  fellSilent(network: string, plane: Plane): void
}

export function createSliced({
  memory,
  clock,
  freezes,
}: {
  readonly memory: NetworkMemory
  readonly clock: Clock
  readonly freezes: () => boolean
}): Sliced {
  /** Monotonic: since when whole connections are known not to pass. */
  const since = new Map<string, number>()
  const keyOf = (network: string, plane: Plane) => `${plane} ${network}`
  const works = (network: string, plane: Plane) => memory.recall(network, plane).slice(0, 1).some(isSliced)
  return {
    isFirst(network, plane) {
      if (!works(network, plane)) return false
      const key = keyOf(network, plane)
      const began = since.get(key)
      if (began === undefined || freezes()) since.set(key, clock.monotonic())
      else if (clock.monotonic() - began >= TRY_WHOLE_MS) return false
      return true
    },
    fellSilent: (network, plane) => void (works(network, plane) && since.set(keyOf(network, plane), clock.monotonic())),
  }
}
