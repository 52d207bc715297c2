/**
 * Group commit: what arrives while the disk is busy is written together next time, and nothing is answered before the
 * commit that holds it has returned.
 */

export interface CommitQueue<E, W> {
  /** `answer` is called once, after the commit: with what was written, or `null` if that failed and nothing was. */
  add(entry: E, answer: (written: W | null) => void): void
  /** Commits what waits, now. */
  flush(): void
}

export interface CommitQueueParts<E, W> {
  /** Durable when it returns; writes all or throws. Answers in the order of `entries`. */
  readonly commit: (entries: readonly E[]) => readonly W[]
  /** After the answers, once for each commit. */
  readonly onCommitted: (entries: readonly E[], written: readonly W[]) => void
  readonly onFailed: (error: unknown) => void
  /** Runs all that is said after one commit. */
  readonly deliver: (say: () => void) => void
  /** Runs `flush` after the input at hand has been read. */
  readonly schedule: (flush: () => void) => void
}

/** Bounds the time one commit keeps everything else waiting. */
const MAX_GROUP = 1024

export function createCommitQueue<E, W>({ commit, onCommitted, onFailed, deliver, schedule }: CommitQueueParts<E, W>): CommitQueue<E, W> {
  let waiting: { entry: E; answer: (written: W | null) => void }[] = []
  let isScheduled = false

  const commitGroup = () => {
    const group = waiting.slice(0, MAX_GROUP)
    waiting = waiting.slice(MAX_GROUP)
    const entries = group.map(({ entry }) => entry)
    let written: readonly W[]
    try {
      written = commit(entries)
    } catch (error) {
      onFailed(error)
      // What waits behind a lost group is lost with it: written alone it would stand before what its sender wrote first.
      const lost = [...group, ...waiting]
      waiting = []
      for (const { answer } of lost) answer(null)
      return
    }
    deliver(() => {
      for (const [index, { answer }] of group.entries()) answer(written[index] ?? null)
      onCommitted(entries, written)
    })
  }
  const run = () => {
    isScheduled = false
    if (waiting.length > 0) commitGroup()
    if (waiting.length > 0) wake()
  }
  const wake = () => {
    if (isScheduled) return
    isScheduled = true
    schedule(run)
  }

  return {
    add(entry, answer) {
      waiting.push({ entry, answer })
      wake()
    },
    flush() {
      while (waiting.length > 0) commitGroup()
    },
  }
}
