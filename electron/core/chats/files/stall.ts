/** A deadline that every bit of progress puts off: slow is fine, silent is not. */
import type { Clock, Timer } from '../../../../shared/util/clock.ts'

const SILENCE_MS = 60_000

export interface StallGuard {
  readonly signal: AbortSignal
  moved(): void
  end(): void
}

export function createStallGuard(clock: Clock, outer: AbortSignal): StallGuard {
  const controller = new AbortController()
  let timer: Timer | null = null
  const onAbort = () => controller.abort(outer.reason)
  const arm = () => {
    timer?.cancel()
    timer = clock.after(SILENCE_MS, () => controller.abort(new DOMException('no progress', 'TimeoutError')))
  }
  outer.addEventListener('abort', onAbort, { once: true })
  if (outer.aborted) onAbort()
  arm()
  return {
    signal: controller.signal,
    moved: arm,
    end() {
      timer?.cancel()
      outer.removeEventListener('abort', onAbort)
    },
  }
}
