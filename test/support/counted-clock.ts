/** A clock that knows how many of the timers set by it are still to come: what was left behind is seen. */
import type { Clock } from '../../shared/util/clock.ts'

export interface CountedClock {
  readonly clock: Clock
  pending(): number
}

export function countedClock(clock: Clock): CountedClock {
  const pending = new Set<object>()
  return {
    pending: () => pending.size,
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after(ms, run) {
        const mark = {}
        pending.add(mark)
        const timer = clock.after(ms, () => {
          pending.delete(mark)
          run()
        })
        return {
          cancel() {
            pending.delete(mark)
            timer.cancel()
          },
        }
      },
    },
  }
}
