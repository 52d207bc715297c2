/** A token bucket for one direction of a flow. What finds no tokens is dropped; the sender's stack sends it again. */
import type { Clock } from '../../shared/util/clock.ts'

/** What a policer lets through at once. */
const BURST_BYTES = 16_384

export interface Policer {
  /** 0: it passes. Otherwise it is dropped, and could pass in so many ms. */
  wait(bytes: number, kbps: number): number
  /** Whether it dropped anything since it was last asked. */
  hadDropped(): boolean
}

export function createPolicer(clock: Clock): Policer {
  let tokens = BURST_BYTES
  let at = clock.monotonic()
  let dropped = false
  return {
    wait(bytes, kbps) {
      const now = clock.monotonic()
      tokens = Math.min(BURST_BYTES, tokens + ((now - at) * kbps) / 8)
      at = now
      const missing = Math.min(bytes, BURST_BYTES) - tokens
      // Less than a byte is rounding.
      if (missing < 1) {
        tokens -= bytes
        return 0
      }
      dropped = true
      return (missing * 8) / kbps
    },
    hadDropped() {
      const had = dropped
      dropped = false
      return had
    },
  }
}
