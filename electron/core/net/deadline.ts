/** A signal that also aborts by itself after a time, on the injected clock. */
import type { Clock } from '../../../shared/util/clock.ts'
import { DialError } from './errors.ts'

export interface Deadline {
  readonly signal: AbortSignal
  /** Stops the timer and lets go of the parent; the signal then never aborts by itself. */
  clear(): void
}

/** Aborts with `DialError('timeout')` after `ms`, or with the parent's reason as soon as it aborts. */
export function deadline(clock: Clock, ms: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController()
  if (parent?.aborted) {
    controller.abort(parent.reason)
    return { signal: controller.signal, clear: () => {} }
  }
  const timer = clock.after(ms, () => {
    clear()
    controller.abort(new DialError('timeout'))
  })
  const onParent = () => {
    clear()
    controller.abort(parent?.reason)
  }
  const clear = () => {
    timer.cancel()
    parent?.removeEventListener('abort', onParent)
  }
  parent?.addEventListener('abort', onParent, { once: true })
  return { signal: controller.signal, clear }
}

/** Runs `work` under a deadline and clears it either way. */
export async function within<T>(
  clock: Clock,
  ms: number,
  parent: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = deadline(clock, ms, parent)
  try {
    return await work(limit.signal)
  } finally {
    limit.clear()
  }
}
