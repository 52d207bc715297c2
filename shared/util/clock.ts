/** Time as a dependency, so that tests and the lab can run a week in a second. All times are milliseconds. */

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Wall clock, since the Unix epoch. May jump. */
  now(): number
  /** Never goes backwards; only differences mean anything. */
  monotonic(): number
  /** Runs `callback` once after `ms`. The callback must not throw. */
  after(ms: number, callback: () => void): Timer
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms)
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
