/**
 * Puts the time and the chance that libraries take from the platform under a clock and a seed: socket.io's reconnection and pings come when they
 * would. Nothing of ours needs it; ours takes its clock as an argument. Only for a process, or a test, that does nothing else meanwhile.
 */
import timers from 'node:timers'
import type { Timer } from '../shared/util/clock.ts'
import type { Random } from '../shared/util/random.ts'
import type { VirtualClock } from '../shared/util/virtual-clock.ts'

/** What Node's timers can do that libraries make use of. */
class GlobalTimer {
  readonly #arm: () => Timer
  #timer: Timer

  constructor(arm: () => Timer) {
    this.#arm = arm
    this.#timer = arm()
  }

  refresh(): this {
    this.#timer.cancel()
    this.#timer = this.#arm()
    return this
  }
  close(): this {
    this.#timer.cancel()
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
}

/** Until the answer is called. Timers that were set before stay on the system's clock. */
export function governTime(clock: VirtualClock, random: Random): () => void {
  const real = { ...pick(globalThis), now: Date.now, random: Math.random, ...{ timers: pick(timers) } }
  const setTimeout = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
    new GlobalTimer(() => clock.after(atLeastOne(ms), () => run(...args)))
  const setInterval = (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const timer: GlobalTimer = new GlobalTimer(() =>
      clock.after(atLeastOne(ms), () => {
        timer.refresh()
        run(...args)
      }),
    )
    return timer
  }
  const clear = (otherwise: (timer: NodeJS.Timeout) => void) => (timer: unknown) => {
    if (timer instanceof GlobalTimer) timer.close()
    else otherwise(timer as NodeJS.Timeout) // Whatever else may be cleared was set before; Node ignores what is none.
  }
  const ours = { setTimeout, setInterval, clearTimeout: clear(real.clearTimeout), clearInterval: clear(real.clearInterval) }
  Object.assign(globalThis, ours)
  Object.assign(timers, ours)
  Object.assign(Date, { now: () => clock.now() })
  Object.assign(Math, { random: () => random.fraction() })
  return () => {
    Object.assign(globalThis, pick(real))
    Object.assign(timers, real.timers)
    Object.assign(Date, { now: real.now })
    Object.assign(Math, { random: real.random })
  }
}

type Functions = Pick<typeof globalThis, 'setTimeout' | 'setInterval' | 'clearTimeout' | 'clearInterval'>

function pick({ setTimeout, setInterval, clearTimeout, clearInterval }: Functions): Functions {
  return { setTimeout, setInterval, clearTimeout, clearInterval }
}

/** As Node does: less than a millisecond is one. */
function atLeastOne(ms: number): number {
  return ms >= 1 ? ms : 1
}
