/** What one box remembers of flows: so many and no more, and none that was quiet for too long. A forgotten flow is never taken up again. */
import type { Clock } from '../../shared/util/clock.ts'

export interface StateTable {
  enter(flow: object): void
  /** Another packet of it came by; false when the box no longer knows the flow. */
  keeps(flow: object): boolean
  leave(flow: object): void
}

export function createStateTable(clock: Clock, size: number, idleMs: number): StateTable {
  /** In the order of their last packets. */
  const lastHeard = new Map<object, number>()
  const enter = (flow: object) => {
    lastHeard.delete(flow)
    lastHeard.set(flow, clock.monotonic())
  }
  return {
    enter(flow) {
      enter(flow)
      const [quietest] = lastHeard.keys()
      if (lastHeard.size > size && quietest) lastHeard.delete(quietest)
    },
    keeps(flow) {
      const heard = lastHeard.get(flow)
      if (heard === undefined) return false
      if (clock.monotonic() - heard > idleMs) {
        lastHeard.delete(flow)
        return false
      }
      enter(flow)
      return true
    },
    leave: (flow) => void lastHeard.delete(flow),
  }
}
