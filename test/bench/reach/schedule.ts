/** What the schedules have in common: time limits, a next start after a while or a failure, turns. */
import type { Clock } from '../../../shared/util/clock.ts'

/** One at a time, in the order of asking. */
export function createTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    const mine = last.then(() => {
      signal.throwIfAborted()
      return work()
    })
    last = mine.catch(() => {})
    return mine
  }
}

export interface Racing<T, R> {
  readonly clock: Clock
  /** The next to start, once there is one; `null`: there will be no more. Asked for one at a time. */
  readonly next: (signal: AbortSignal) => Promise<T | null>
  /** Ms from one start to asking for the next, by how many are under way. */
  readonly gapMs: (underWay: number) => number
  /** What a failure does to that wait: ends it, or counts it anew with one less under way. */
  readonly onFailure: 'end-wait' | 'recount'
  readonly attempt: (entry: T, signal: AbortSignal) => Promise<R>
  readonly signal: AbortSignal
}

/** The first success wins and the others are given up. Rejects once all have failed. */
export function race<T, R>({ clock, next, gapMs, onFailure, attempt, signal }: Racing<T, R>): Promise<R> {
  return new Promise((resolve, reject) => {
    const over = new AbortController()
    let state: 'asking' | 'waiting' | 'exhausted' = 'waiting'
    let underWay = 0
    let lastStart = 0
    let timer = { cancel: () => {} }
    const end = (finish: () => void) => {
      timer.cancel()
      signal.removeEventListener('abort', onAbort)
      over.abort(new Error('superseded'))
      finish()
    }
    const onAbort = () => end(() => reject(signal.reason))
    const endIfAllFailed = (error: unknown) => {
      if (state === 'exhausted' && underWay === 0) end(() => reject(error))
    }
    const ask = () => {
      timer.cancel()
      state = 'asking'
      next(over.signal).then(
        (entry) => {
          if (over.signal.aborted) return
          state = entry === null ? 'exhausted' : 'waiting'
          if (entry === null) endIfAllFailed(new Error('nothing left to try'))
          else begin(entry)
        },
        () => {},
      )
    }
    const wait = () => {
      timer.cancel()
      timer = clock.after(Math.max(0, lastStart + gapMs(underWay) - clock.monotonic()), ask)
    }
    const begin = (entry: T) => {
      underWay++
      lastStart = clock.monotonic()
      attempt(entry, over.signal).then(
        (result) => {
          if (!over.signal.aborted) end(() => resolve(result))
        },
        (error: unknown) => {
          underWay--
          if (over.signal.aborted) return
          if (state === 'waiting') {
            if (onFailure === 'end-wait') ask()
            else wait()
          }
          endIfAllFailed(error)
        },
      )
      wait()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else ask()
  })
}

/** All of a list, each as soon as it is asked for. */
export function inOrder<T>(list: readonly T[]): () => Promise<T | null> {
  let at = 0
  return async () => list[at++] ?? null
}

/** In an order drawn anew. */
export function shuffled<T>(list: readonly T[], fraction: () => number): T[] {
  return list
    .map((item) => ({ item, at: fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
