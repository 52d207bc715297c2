/** How much a client may send before it must wait: as socket buffers do, the window grows where the way takes it fast. */
import { INITIAL_CREDIT, MAX_CREDIT } from '../../shared/protocol/uplink.ts'
import type { Clock } from '../../shared/util/clock.ts'

/** A client whose whole window left within so long may send more at once; one held back by the way may not. */
const FAST_MS = 50

export function createCredit(clock: Clock): { for(bytes: number): number } {
  let window = INITIAL_CREDIT
  let paid = 0
  let since = clock.monotonic()
  return {
    /** What to give back for so many bytes that left. */
    for(bytes) {
      paid += bytes
      if (paid < window) return bytes
      const now = clock.monotonic()
      const more = window < MAX_CREDIT && now - since < FAST_MS ? window : 0
      window += more
      paid = 0
      since = now
      return bytes + more
    },
  }
}
