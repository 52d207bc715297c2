/** Waiting before the next try: doubling, with jitter so that many clients do not come back at the same moment. */
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { Random } from '../../shared/util/random.ts'

export interface Pauses {
  has(key: string): boolean
  /** Pauses `key` unless it is; `onEnd` runs when it is over. `ms` overrides the doubling. */
  start(key: string, ms?: number): void
  /** It worked: the next pause is short again. */
  clear(key: string): void
  /** Ends all pauses now, without `onEnd`: a new connection is a new chance. */
  clearAll(): void
}

const FIRST_MS = 1000
const LONGEST_MS = 30_000

export function createPauses(clock: Clock, random: Random, onEnd: () => void): Pauses {
  const running = new Map<string, Timer>()
  const failures = new Map<string, number>()
  return {
    has: (key) => running.has(key),
    start(key, ms) {
      if (running.has(key)) return
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      const base = ms ?? Math.min(LONGEST_MS, FIRST_MS * 2 ** count)
      const timer = clock.after(base * (1 + random.fraction() / 4), () => {
        running.delete(key)
        onEnd()
      })
      running.set(key, timer)
    },
    clear(key) {
      running.get(key)?.cancel()
      running.delete(key)
      failures.delete(key)
    },
    clearAll() {
      for (const timer of running.values()) timer.cancel()
      running.clear()
      failures.clear()
    },
  }
}
