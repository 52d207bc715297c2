/** What a bridge gives at most: streams at a time, bytes a day, bytes a second over all. Counts only; knows nobody. */
import type { Clock } from '../../../shared/util/clock.ts'

export interface BridgeLimits {
  readonly streams: number
  readonly bytesPerDay: number
  readonly bytesPerSecond: number
}

export interface Allowance {
  /** Whether one more stream may begin; it counts until `give` back. */
  take(): boolean
  give(): void
  /** So many bytes pass now. How long to wait before the next, ms; `null` when the day's are spent. */
  spend(bytes: number): number | null
}

const DAY_MS = 86_400_000

export function createAllowance({ streams, bytesPerDay, bytesPerSecond }: BridgeLimits, clock: Clock): Allowance {
  let open = 0
  let spent = 0
  let dayBegan = clock.monotonic()
  let freeAt = clock.monotonic()
  const isSpent = () => {
    if (clock.monotonic() - dayBegan >= DAY_MS) {
      dayBegan = clock.monotonic()
      spent = 0
    }
    return spent >= bytesPerDay
  }
  return {
    take() {
      if (open >= streams || isSpent()) return false
      open++
      return true
    },
    give() {
      open--
    },
    spend(bytes) {
      if (isSpent()) return null
      spent += bytes
      freeAt = Math.max(freeAt, clock.monotonic()) + (bytes / bytesPerSecond) * 1000
      return freeAt - clock.monotonic()
    },
  }
}
