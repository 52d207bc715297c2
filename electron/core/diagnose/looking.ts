/**
 * When diagnosis looks for itself: by turns, at once when something fails and a few times after it, and when somebody asks. Schedules only; what a
 * look is, is the caller's.
 */
import { setMaxListeners } from 'node:events'
import type { ProbeProgress } from '../../../shared/contract/why.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import { createEvents } from '../../../shared/util/events.ts'

export interface LookingOptions {
  readonly clock: Clock
  /** Between looks where all is well, ms. */
  readonly everyMs: number
  /** One round. Obeys the signal. */
  readonly look: (onProgress: (progress: ProbeProgress) => void, signal: AbortSignal) => Promise<void>
  /** Strangers alone, to compare a failure with. Obeys the signal. */
  readonly compare: (signal: AbortSignal) => Promise<void>
  /** Whether anything is said to be wrong, or unknown. */
  readonly isTroubled: () => boolean
  /** Whether something is said that another look could make surer. */
  readonly isUnsure: () => boolean
  readonly onEnd: () => void
}

export interface Looking {
  /** Something failed. */
  trouble(): void
  /** Looks now; resolves when the round is through, or was stopped. */
  ask(): Promise<void>
  stop(): void
  /** How far a round is that was asked for, then `null`. */
  onProgress(listener: (progress: ProbeProgress | null) => void): () => void
  /** The first network, or another: looks at once, and what is under way there is given up. */
  anew(): void
  /** Looks after so many ms, unless something makes it look before. */
  schedule(ms: number): void
  close(): void
}

interface Round {
  readonly done: Promise<void>
  /** Nothing failed when it began: whom it asked then says nothing of a trouble that came since. */
  readonly beganWell: boolean
}

const ROUND_DEADLINE_MS = 12_000
/** Repetition is what turns a suspicion into a finding: looks after trouble was first seen, ms after the round before. The last is after anything asked at the first has answered. */
const REPEAT_AFTER_MS = [700, 1500, 3000] as const
const COMPARE_AT_MOST_EVERY_MS = 3000
/** Several things fail in one moment, and the look that follows is about all of them. */
const GATHER_MS = 50
/** Whom a round asked so shortly before a trouble was asked at about the time of it. */
const FRESH_MS = 1000

export function createLooking({ clock, everyMs, look, compare, isTroubled, isUnsure, onEnd }: LookingOptions): Looking {
  const progressed = createEvents<ProbeProgress | null>()
  let progress: ProbeProgress | null = null
  /** Somebody waits for this round. */
  let isAsked = false
  let timer: Timer | null = null
  let round: Round | null = null
  let newest: AbortController | null = null
  const running = new Set<AbortController>()
  let isClosed = false
  let repeatsLeft: number = REPEAT_AFTER_MS.length
  let comparedAt = Number.NEGATIVE_INFINITY

  const tell = (next: ProbeProgress | null) => {
    progress = next
    if (isAsked) progressed.emit(next)
  }
  const bounded = async (controller: AbortController, work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    // A round is a dozen small measurements side by side, each listening for the end of the round.
    setMaxListeners(64, controller.signal)
    running.add(controller)
    const deadline = clock.after(ROUND_DEADLINE_MS, () => controller.abort())
    try {
      await work(controller.signal)
    } finally {
      deadline.cancel()
      running.delete(controller)
    }
  }
  const schedule = (ms: number) => {
    timer?.cancel()
    timer = clock.after(ms, () => void begin())
  }
  const begin = (isWell = !isTroubled()): Promise<void> => {
    if (round) return round.done
    timer?.cancel()
    comparedAt = clock.monotonic()
    const controller = new AbortController()
    newest = controller
    const isNewest = () => newest === controller
    const done = bounded(controller, (signal) => look((next) => isNewest() && tell(next), signal)).finally(() => {
      if (!isNewest()) return
      newest = null
      round = null
      tell(null)
      isAsked = false
      comparedAt = clock.monotonic()
      onEnd()
      if (isClosed) return
      const repeat = isUnsure() && repeatsLeft > 0 ? REPEAT_AFTER_MS[REPEAT_AFTER_MS.length - repeatsLeft] : undefined
      if (repeat !== undefined) repeatsLeft--
      else repeatsLeft = REPEAT_AFTER_MS.length
      schedule(repeat ?? everyMs)
    })
    round = { done, beganWell: isWell }
    return done
  }
  const abortAll = () => {
    for (const controller of running) controller.abort()
  }
  return {
    trouble() {
      if (isClosed) return
      if (round?.beganWell && clock.monotonic() - comparedAt >= FRESH_MS) {
        // It goes on beside the next, for silence must be waited for.
        round = null
        repeatsLeft = REPEAT_AFTER_MS.length
        timer?.cancel()
        timer = clock.after(GATHER_MS, () => void begin(false))
        return
      }
      if (round || clock.monotonic() - comparedAt < COMPARE_AT_MOST_EVERY_MS) return
      comparedAt = clock.monotonic()
      repeatsLeft = REPEAT_AFTER_MS.length
      schedule(REPEAT_AFTER_MS[0])
      void bounded(new AbortController(), compare)
    },
    ask() {
      repeatsLeft = REPEAT_AFTER_MS.length
      isAsked = true
      const looking = begin()
      progressed.emit(progress)
      return looking
    },
    stop() {
      repeatsLeft = 0
      abortAll()
    },
    onProgress: (listener) => progressed.on(listener),
    anew() {
      abortAll()
      newest = null
      round = null
      tell(null)
      isAsked = false
      repeatsLeft = REPEAT_AFTER_MS.length
      void begin()
    },
    schedule,
    close() {
      isClosed = true
      timer?.cancel()
      abortAll()
    },
  }
}
