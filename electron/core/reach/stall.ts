/** Notices that a transfer has stopped, from what it moved before: slow is fine, silent is not. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface Stall {
  /** Some of it arrived. */
  moved(): void
  stop(): void
}

/** No transfer is given up sooner: a packet lost twice is sent again within this. */
const LEAST_MS = 2_000
const MOST_MS = 10_000
/** Of the longest silence so far between two pieces, or of what the whole should take. */
const PAUSES = 4
const EXPECTED = 2

/** `tripMs`: what connecting took, three round trips or more. `expectMs`: what this should take where nothing is heard in between. */
export function createStall(clock: Clock, { tripMs, expectMs }: { tripMs: number; expectMs: number }, onStall: () => void): Stall {
  const least = Math.max(LEAST_MS, 2 * tripMs)
  let longest = 0
  let at = clock.monotonic()
  let stopped = false
  // Before the first byte nobody knows what is usual here.
  let timer: Timer = clock.after(least + EXPECTED * expectMs, onStall)
  let isFirst = true
  return {
    moved() {
      if (stopped) return
      const now = clock.monotonic()
      if (!isFirst) longest = Math.max(longest, now - at)
      isFirst = false
      at = now
      timer.cancel()
      timer = clock.after(Math.min(MOST_MS, Math.max(least, PAUSES * longest)), onStall)
    },
    stop() {
      stopped = true
      timer.cancel()
    },
  }
}
