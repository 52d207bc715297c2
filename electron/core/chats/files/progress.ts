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
  const due = new Map<string, Timer>()
  return {
    get: (fileId) => moving.get(fileId),
    set(fileId, done) {
      moving.set(fileId, { done })
      if (due.has(fileId)) return
      const timer = clock.after(AT_MOST_EVERY_MS, () => {
        due.delete(fileId)
        if (moving.has(fileId)) tell(fileId)
      })
      due.set(fileId, timer)
    },
    end(fileId) {
      due.get(fileId)?.cancel()
      due.delete(fileId)
      if (moving.delete(fileId)) tell(fileId)
    },
    close() {
      for (const timer of due.values()) timer.cancel()
      due.clear()
      moving.clear()
    },
  }
}
