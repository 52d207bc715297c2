/** When throughput is looked at: seldom, for a sample costs what a photo does, and again soon while it is not what it should be. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'

export interface TransferWatchOptions {
  readonly clock: Clock
  readonly everyMs: number
  /** Whether there is anything to look at now. */
  readonly isDue: () => boolean
  /** Resolves with whether the line had better be left alone for a while. */
  readonly check: (signal: AbortSignal) => Promise<boolean>
}

export interface TransferWatch {
  /** From now on; what is under way is given up and begun anew, as on another network. */
  start(): void
  stop(): void
}

/** Two samples, a freeze noticed in each, and two pairs beside them. */
const CHECK_MS = 30_000
/** Nothing can be downloaded yet: what keeps it from that will be over or known by then. */
const NOT_YET_PART = 0.25
/** A slow line has better things to carry than samples. */
const LEFT_ALONE_PART = 4

export function createTransferWatch({ clock, everyMs, isDue, check }: TransferWatchOptions): TransferWatch {
  let timer: Timer | null = null
  let running: AbortController | null = null

  const stop = () => {
    timer?.cancel()
    running?.abort()
    running = null
  }
  const wait = (ms: number) => {
    timer?.cancel()
    timer = clock.after(ms, () => void run())
  }
  const run = async () => {
    if (!isDue()) return wait(everyMs * NOT_YET_PART)
    const mine = new AbortController()
    running = mine
    const limit = clock.after(CHECK_MS, () => mine.abort())
    const isSlow = await check(mine.signal).finally(() => limit.cancel())
    if (running !== mine) return
    running = null
    wait(everyMs * (isSlow ? LEFT_ALONE_PART : 1))
  }
  return {
    start() {
      stop()
      wait(everyMs * NOT_YET_PART)
    },
    stop,
  }
}
