/**
 * Notices that this computer has slept, from its clocks alone: either time went by that the program's own clock did not count, or a
 * timer came much later than it was due. A clock that was set forward looks the same; what follows is a question too many.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

const LOOK_MS = 1_000
/** A program that was merely held up for less is not told to have slept. */
const SLEPT_MS = 4_000

/** `onWake` is told how long it was, ms. The function returned ends it. */
export function watchForWake(clock: Clock, onWake: (ms: number) => void): () => void {
  let timer: Timer
  let wall = clock.now()
  let at = clock.monotonic()
  const look = () => {
    const passed = Math.max(clock.now() - wall, clock.monotonic() - at) - LOOK_MS
    wall = clock.now()
    at = clock.monotonic()
    timer = clock.after(LOOK_MS, look)
    if (passed >= SLEPT_MS) onWake(passed)
  }
  timer = clock.after(LOOK_MS, look)
  return () => timer.cancel()
}

export interface WakeOptions {
  readonly clock: Clock
  /** Whatever was open may be dead: asks it for a sign. */
  readonly ask: () => void
  /** Looks for another way beside it; whichever answers first carries on. */
  readonly look: () => void
  /** The session in use answered: no other is needed. */
  readonly stopLooking: () => void
}

export interface Wake {
  /** Watches from now on. */
  start(): void
  /** Something came by the session in use. */
  heard(): void
  /** Another session is in use. */
  settled(): void
  stop(): void
}

export function createWake({ clock, ask, look, stopLooking }: WakeOptions): Wake {
  let isWaking = false
  let stop = () => {}
  const onWake = () => {
    isWaking = true
    ask()
    look()
  }
  return {
    start() {
      stop = watchForWake(clock, onWake)
    },
    heard() {
      if (isWaking) stopLooking()
      isWaking = false
    },
    settled() {
      isWaking = false
    },
    stop: () => stop(),
  }
}
