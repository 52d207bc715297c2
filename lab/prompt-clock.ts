/** The system's clock for the lab's process. What is due now is done in this turn of the event loop; a timer would take a millisecond. */
import { type Clock, systemClock } from '../shared/util/clock.ts'

export const promptClock: Clock = {
  ...systemClock,
  after(ms, callback) {
    if (ms > 0) return systemClock.after(ms, callback)
    const handle = setImmediate(callback)
    return { cancel: () => clearImmediate(handle) }
  },
}
