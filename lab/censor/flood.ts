/** A service under more requests than it can serve, as a fluid: the queue fills, everybody waits, and what finds it full is turned away. */
import type { Clock } from '../../shared/util/clock.ts'
import type { Act } from './rule.ts'

type Load = Extract<Act, { do: 'load' }>

export interface Flood {
  /** How long a request that is let in waits now. */
  waitMs(): number
  /** Share of requests turned away now. */
  refused(): number
}

export function createFlood(clock: Clock, { served, offered, queue }: Load): Flood {
  const began = clock.monotonic()
  const backlog = () => Math.min(queue, (Math.max(0, offered - served) * (clock.monotonic() - began)) / 1000)
  return {
    waitMs: () => (backlog() / served) * 1000,
    refused: () => (backlog() < queue ? 0 : 1 - served / offered),
  }
}
