/**
 * While a detour carries the chat: tests the plain path in the background, and says when it has held long enough to move
 * back. Schedules only; what a test is, and how one moves, is the caller's.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'

export const DEFAULT_HOLD_MS = 300_000
/** Tests pass in a row over the whole hold: at its ends, and in between this often at least, as parts of the shortest hold. */
const MOST_BETWEEN = 3
/** A plain path that was returned to and failed again must hold twice as long next time; up to six hours by default. */
const LONGEST = 72
/** Once it carried for so many holds, that is forgotten. */
const FORGIVEN_AFTER = 2
/** Waits between failed tests, as parts of the hold: 1, 4, 10 and then 15 minutes by default, each give or take a fifth. */
const WAITS = [0.2, 0.8, 2, 3] as const
/** A test that is silent for so long is in doubt already: a login takes four round trips. */
const DOUBTED_AFTER_MS = 3_000

export interface ReturnOptions {
  readonly clock: Clock
  readonly random: Random
  readonly holdMs: number
  /** Whether the plain path carries an authenticated login now. Obeys the signal. */
  readonly test: (signal: AbortSignal) => Promise<boolean>
  /** The plain path has held: move. Resolves with whether that worked. */
  readonly move: (signal: AbortSignal) => Promise<boolean>
  readonly onChange: () => void
}

export interface Return {
  /** When the move is due if all goes well, epoch ms; `null` until a first test has passed, and while a later one is in doubt. */
  state(): { readyAt: number; holdMs: number } | null
  /** A detour is in use. Without effect while already on. */
  start(): void
  /** The plain path carries. */
  arrived(): void
  /** Something else says that the plain path may be free again: tests at once, though not more often than at first. */
  soon(): void
  /** Another network: what was learnt does not count there. Tests soon. */
  again(): void
  stop(): void
}

export function createReturn({ clock, random, holdMs, test, move, onChange }: ReturnOptions): Return {
  let timer: Timer | null = null
  let abort: AbortController | null = null
  let passes = 0
  let firstPass: { wall: number; monotonic: number } | null = null
  let failures = 0
  /** Whether a test just failed after others had passed: it is made once more, for on a poor line one is lost now and then. */
  let isAskedAgain = false
  /** Whether what had passed fails or is silent now: nobody is told any more when it will have held. */
  let isDoubted = false
  let testedAt = Number.NEGATIVE_INFINITY
  let isAway = false
  /** Monotonic: when the plain path was last returned to. */
  let returnedAt: number | null = null
  let hold = holdMs

  /** The plain path was lost, for the first time since it was returned to. */
  const leave = () => {
    if (isAway) return
    isAway = true
    if (returnedAt === null) return
    const lasted = clock.monotonic() - returnedAt
    hold = lasted >= FORGIVEN_AFTER * hold ? holdMs : Math.min(LONGEST * holdMs, 2 * hold)
    returnedAt = null
  }
  /** How many tests must pass in a row, and the time between two. */
  const rhythm = () => {
    const steps = Math.max(2, Math.ceil(hold / (MOST_BETWEEN * holdMs)))
    return { needed: steps + 1, stepMs: hold / steps }
  }
  const doubt = (doubted: boolean) => {
    if (isDoubted === doubted) return
    isDoubted = doubted
    if (firstPass !== null) onChange()
  }
  const forget = () => {
    isAskedAgain = false
    isDoubted = false
    passes = 0
    firstPass = null
  }
  const wait = () => {
    const part = WAITS[Math.min(failures, WAITS.length - 1)] ?? 1
    schedule(holdMs * part * (0.8 + 0.4 * random.fraction()))
  }
  const schedule = (ms: number) => {
    timer?.cancel()
    timer = clock.after(ms, () => void run())
  }
  const run = async () => {
    timer = null
    const mine = new AbortController()
    abort = mine
    testedAt = clock.monotonic()
    const { needed, stepMs } = rhythm()
    const held = firstPass !== null && passes >= needed && clock.monotonic() - firstPass.monotonic >= hold
    const silent = clock.after(DOUBTED_AFTER_MS, () => abort === mine && doubt(true))
    const ok = await (held ? move(mine.signal) : test(mine.signal)).catch(() => false)
    silent.cancel()
    if (abort !== mine) return
    abort = null
    if (held && ok) return
    if (!ok && firstPass !== null && !isAskedAgain) {
      isAskedAgain = true
      doubt(true)
      return schedule(0)
    }
    if (!ok) {
      failures++
      const changed = firstPass !== null && !isDoubted
      forget()
      wait()
      if (changed) onChange()
      return
    }
    isAskedAgain = false
    isDoubted = false
    failures = 0
    passes++
    firstPass ??= { wall: clock.now(), monotonic: clock.monotonic() }
    // Evenly over the hold: after the first, in between, and at its end, whereupon the move follows at once.
    const due = firstPass.monotonic + passes * stepMs - clock.monotonic()
    // Not in step with whoever blocks by the clock.
    const off = hold > holdMs && passes < needed - 1 ? stepMs * (0.5 * random.fraction() - 0.25) : 0
    schedule(passes >= needed ? 0 : Math.max(0, due + off))
    onChange()
  }
  const stop = () => {
    timer?.cancel()
    timer = null
    abort?.abort()
    abort = null
    failures = 0
    forget()
  }
  return {
    state: () => (firstPass && !isDoubted ? { readyAt: firstPass.wall + hold, holdMs: hold } : null),
    arrived() {
      if (isAway) returnedAt = clock.monotonic()
      isAway = false
      stop()
    },
    start() {
      leave()
      if (!timer && !abort) wait()
    },
    soon() {
      // While it holds, the tests have a rhythm of their own.
      if (!timer || firstPass) return
      failures = 0
      schedule(Math.max(0, testedAt + holdMs * WAITS[0] - clock.monotonic()))
    },
    again() {
      hold = holdMs
      returnedAt = null
      if (!timer && !abort) return
      stop()
      wait()
    },
    stop,
  }
}
