/** What a bridge gives at most: streams at a time, bytes a day or a month, bytes a second over all. Counts only; knows nobody. */
import type { Clock } from '../../../shared/util/clock.ts'

export interface BridgeLimits {
  readonly streams: number
  readonly bytesPerSecond: number
  readonly bytesPerDay?: number
  /** Of the calendar, in UTC. */
  readonly bytesPerMonth?: number
}

/** What a month has cost; to be kept over restarts. */
export interface Spent {
  /** `2026-11`. */
  readonly month: string
  readonly bytes: number
}

export interface Counts {
  readonly now: number
  readonly served: number
  readonly turnedAway: number
  readonly bytes: number
  readonly spent: Spent
}

export interface Allowance {
  /** Whether one more stream may begin; it counts until `give` back. */
  take(): boolean
  give(): void
  /** So many bytes pass now. How long to wait before the next, ms; `null` when those of the day or month are spent. */
  spend(bytes: number): number | null
  counts(): Counts
}

const DAY_MS = 86_400_000

/** `before`: what an earlier run of this month has spent. */
export function createAllowance(limits: BridgeLimits, clock: Clock, before: Spent | null = null): Allowance {
  const { streams, bytesPerSecond, bytesPerDay = Number.POSITIVE_INFINITY, bytesPerMonth = Number.POSITIVE_INFINITY } = limits
  let [open, served, turnedAway, bytes] = [0, 0, 0, 0]
  let today = 0
  let dayBegan = clock.monotonic()
  let freeAt = clock.monotonic()
  let month = before ?? { month: '', bytes: 0 }
  const thisMonth = (): Spent => {
    const name = new Date(clock.now()).toISOString().slice(0, 7)
    if (month.month !== name) month = { month: name, bytes: 0 }
    return month
  }
  const isSpent = () => {
    if (clock.monotonic() - dayBegan >= DAY_MS) {
      dayBegan = clock.monotonic()
      today = 0
    }
    return today >= bytesPerDay || thisMonth().bytes >= bytesPerMonth
  }
  return {
    take() {
      if (open >= streams || isSpent()) {
        turnedAway++
        return false
      }
      open++
      served++
      return true
    },
    give() {
      open--
    },
    spend(more) {
      if (isSpent()) return null
      today += more
      bytes += more
      month = { month: month.month, bytes: month.bytes + more }
      freeAt = Math.max(freeAt, clock.monotonic()) + (more / bytesPerSecond) * 1000
      return freeAt - clock.monotonic()
    },
    counts: () => ({ now: open, served, turnedAway, bytes, spent: thisMonth() }),
  }
}
