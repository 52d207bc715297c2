/** How long the relay keeps what is sealed, and the sweep that holds it to that. */
import type { Clock, Timer } from '../shared/util/clock.ts'
import { MAX_MAILBOX_BYTES, MAX_MAILBOX_PACKETS } from './store/mailbox.ts'

const SWEEP_EVERY_MS = 60_000
const KEPT_MS = 30 * 24 * 60 * 60_000

/** As it is in force here, for those whose data it is. */
export const retention = {
  keptMs: KEPT_MS,
  wipedWithinMs: SWEEP_EVERY_MS,
  mailboxBytes: MAX_MAILBOX_BYTES,
  mailboxPackets: MAX_MAILBOX_PACKETS,
} as const

/** What forgets all it has from before a time, and wipes what is left of it. */
export interface Sweepable {
  sweep(before: number): void
}

/** Sweeps once a minute until stopped; one that fails holds up no other. */
export function startSweeping(parts: readonly Sweepable[], clock: Clock, onFailed: (error: unknown) => void): { stop(): void } {
  let timer: Timer
  const wait = () => {
    timer = clock.after(SWEEP_EVERY_MS, () => {
      for (const part of parts) {
        try {
          part.sweep(clock.now() - KEPT_MS)
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
