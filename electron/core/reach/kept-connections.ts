/** HTTP connections that have answered and may answer more, one for each plane, for a moment. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { HttpWay } from './http-planes.ts'
import type { HttpRequest } from './relay-link.ts'

/** Less than servers keep one that is idle (Node: five seconds). */
const KEPT_MS = 3_000

export interface Kept {
  put(plane: HttpRequest['plane'], way: HttpWay): void
  /** If there is one that was opened on this network. */
  take(plane: HttpRequest['plane'], network: string): HttpWay | null
  /** Closes all. */
  drop(): void
}

export function createKept(clock: Clock): Kept {
  const idle = new Map<HttpRequest['plane'], { readonly way: HttpWay; readonly timer: Timer }>()
  const remove = (plane: HttpRequest['plane']) => {
    const entry = idle.get(plane)
    idle.delete(plane)
    entry?.timer.cancel()
    return entry?.way ?? null
  }
  return {
    put(plane, way) {
      remove(plane)?.http.close()
      idle.set(plane, { way, timer: clock.after(KEPT_MS, () => remove(plane)?.http.close()) })
    },
    take(plane, network) {
      const way = remove(plane)
      if (way?.network === network) return way
      way?.http.close()
      return null
    },
    drop() {
      for (const plane of [...idle.keys()]) remove(plane)?.http.close()
    },
  }
}
