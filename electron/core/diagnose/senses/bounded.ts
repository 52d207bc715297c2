/** A measurement under its time limit: whatever goes wrong is an outcome, and silence is told while it lasts. */
import type { Clock } from '../../../../shared/util/clock.ts'
import { deadline } from '../../net/deadline.ts'
import { classify, type DialError } from '../../net/errors.ts'

export type Bounded = <T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  failed: (error: DialError) => T,
) => Promise<T>

export function boundedBy(clock: Clock): Bounded {
  return async (ms, signal, work, failed) => {
    const limit = deadline(clock, ms, signal)
    try {
      return await work(limit.signal)
    } catch (error) {
      return failed(classify(limit.signal.aborted ? limit.signal.reason : error))
    } finally {
      limit.clear()
    }
  }
}

/** A SYN is sent again after a second: from here on silence means something, though an answer may still come (detection.md, P3). */
const QUIET_MS = 1500

/** Runs `work`, and tells `onQuiet` once if it takes longer than `QUIET_MS`. */
export async function tellingQuiet<T>(clock: Clock, onQuiet: ((ms: number) => void) | undefined, work: () => Promise<T>): Promise<T> {
  const timer = onQuiet && clock.after(QUIET_MS, () => onQuiet(QUIET_MS))
  try {
    return await work()
  } finally {
    timer?.cancel()
  }
}
