/** A signal that aborts after so long on the lab's clock. `cancel` when it is no longer needed. */
import type { Clock } from '../../shared/util/clock.ts'

export function deadline(clock: Clock, ms: number): { readonly signal: AbortSignal; cancel(): void } {
  const controller = new AbortController()
  const timer = clock.after(ms, () => controller.abort(new DOMException('timed out', 'TimeoutError')))
  return { signal: controller.signal, cancel: () => timer.cancel() }
}
