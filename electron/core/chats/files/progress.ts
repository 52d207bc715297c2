/** How far files under way are, in memory only; the screens hear of it at most ten times a second for each file. */
import type { Clock, Timer } from '../../../../shared/util/clock.ts'
import type { Moving } from '../rows.ts'

export interface Progress extends Moving {
  set(fileId: string, done: number): void
  /** No longer moving. */
  end(fileId: string): void
  close(): void
}

const AT_MOST_EVERY_MS = 100

/** `tell` is called for a file whose progress changed. */
export function createProgress(clock: Clock, tell: (fileId: string) => void): Progress {
  const moving = new Map<string, { done: number }>()
  const resting = new Map<string, Timer>()
  const untold = new Set<string>()

  const tellNow = (fileId: string) => {
    untold.delete(fileId)
    const timer = clock.after(AT_MOST_EVERY_MS, () => {
      resting.delete(fileId)
      if (untold.has(fileId)) tellNow(fileId)
    })
    resting.set(fileId, timer)
    tell(fileId)
  }

  return {
    get: (fileId) => moving.get(fileId),
    set(fileId, done) {
      moving.set(fileId, { done })
      if (resting.has(fileId)) untold.add(fileId)
      else tellNow(fileId)
    },
    end(fileId) {
      resting.get(fileId)?.cancel()
      resting.delete(fileId)
      untold.delete(fileId)
      if (moving.delete(fileId)) tell(fileId)
    },
    close() {
      for (const timer of resting.values()) timer.cancel()
      resting.clear()
      untold.clear()
      moving.clear()
    },
  }
}
