/** Forgets what is sealed when its time has come, and wipes what was forgotten. */
import type { Clock, Timer } from '../shared/util/clock.ts'
import { retention } from './store/retention.ts'

/** What forgets all it has from before a time, and wipes what is left of it. */
export interface Sweepable {
  sweep(before: number): void
}

/** Sweeps once a minute until stopped; one that fails holds up no other. */
export function startSweeping(parts: readonly Sweepable[], clock: Clock, onFailed: (error: unknown) => void): { stop(): void } {
  let timer: Timer
  const wait = () => {
    timer = clock.after(retention.wipedWithinMs, () => {
      for (const part of parts) {
        try {
          part.sweep(clock.now() - retention.keptMs)
        } catch (error) {
          onFailed(error)
        }
      }
      wait()
    })
  }
  wait()
  return { stop: () => timer.cancel() }
}
