/**
 * The time that judges deadlines: the highest ever seen, moved on by the monotonic clock. Setting the computer's clock back
 * never prolongs a message, also over restarts.
 */
import type { Clock } from '../../../shared/util/clock.ts'
import type { ValueStore } from '../store/values.ts'

export interface DeadlineClock {
  now(): number
  /** Inside or outside of a transaction: what was seen until now survives a restart. */
  remember(): void
}

const KEY = 'secret.time'

export function createDeadlineClock(values: ValueStore, clock: Clock): DeadlineClock {
  const startedAt = clock.monotonic()
  const base = Math.max(clock.now(), Number(values.get(KEY) ?? 0))
  let highest = base
  const now = () => {
    highest = Math.max(highest, clock.now(), base + (clock.monotonic() - startedAt))
    return Math.floor(highest)
  }
  return { now, remember: () => values.set(KEY, String(now())) }
}
