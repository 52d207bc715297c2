/** Bandwidth shared by all flows between two providers: one queue each way, first in, first out. */
import type { Clock } from '../../shared/util/clock.ts'
import type { Route } from './topology.ts'

export interface Pipes {
  /** When the last bit of a packet leaves, on the monotonic scale; `slowMs` is added for this packet alone. */
  leave(route: Route, direction: 'up' | 'down', bytes: number, slowMs: number): number
}

export function createPipes(clock: Clock): Pipes {
  const busyUntil = new Map<string, number>()
  return {
    leave(route, direction, bytes, slowMs) {
      const now = clock.monotonic()
      if (route.kbps === null) return now + slowMs
      const key = `${direction} ${route.key}`
      const start = Math.max(now, busyUntil.get(key) ?? 0)
      const leaves = start + (bytes * 8) / route.kbps
      busyUntil.set(key, leaves)
      return leaves + slowMs
    },
  }
}
