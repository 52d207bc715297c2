/** Locks after a time without input. Counts by the wall clock too, so that a computer that slept is locked when it wakes. */
import type { Clock, Timer } from '../../shared/util/clock.ts'

const MINUTE_MS = 60_000
/** How late it may be. */
const LOOK_MS = 5000

export interface AutoLock {
  /** The person did something. */
  active(): void
  /** 0: never. Begins to count anew. */
  setMinutes(minutes: number): void
  stop(): void
}

/** `lock` must be harmless where there is nothing to lock. */
export function createAutoLock(clock: Clock, lock: () => void): AutoLock {
  let limitMs = 0
  let timer: Timer | null = null
  let last = { wall: 0, monotonic: 0 }

  const active = () => {
    last = { wall: clock.now(), monotonic: clock.monotonic() }
  }
  const look = () => {
    timer = clock.after(LOOK_MS, look)
    if (Math.max(clock.now() - last.wall, clock.monotonic() - last.monotonic) < limitMs) return
    lock()
    active()
  }
  const stop = () => {
    timer?.cancel()
    timer = null
  }
  return {
    active,
    setMinutes(minutes) {
      stop()
      limitMs = minutes * MINUTE_MS
      active()
      if (limitMs > 0) timer = clock.after(LOOK_MS, look)
    },
    stop,
  }
}
