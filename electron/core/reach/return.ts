/**
 * While a detour carries the chat: tests the plain path in the background, and says when it has held long enough to move
 * back. Schedules only; what a test is, and how one moves, is the caller's.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'

export const DEFAULT_HOLD_MS = 300_000
/** So many tests in a row must pass, over the whole hold. */
const SUCCESSES = 3
/** Waits between failed tests, as parts of the hold: 1, 4, 10 and then 15 minutes by default, each give or take a fifth. */
const WAITS = [0.2, 0.8, 2, 3] as const

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
  /** When the move is due if all goes well, epoch ms; `null` until a first test has passed. */
  state(): { readyAt: number; holdMs: number } | null
  /** A detour is in use. Without effect while already on. */
  start(): void
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
  let testedAt = Number.NEGATIVE_INFINITY

  const forget = () => {
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
    const held = firstPass !== null && passes >= SUCCESSES && clock.monotonic() - firstPass.monotonic >= holdMs
    const ok = await (held ? move(mine.signal) : test(mine.signal)).catch(() => false)
    if (abort !== mine) return
    abort = null
    if (held && ok) return
    if (!ok) {
      failures++
      const changed = firstPass !== null
      forget()
      wait()
      if (changed) onChange()
      return
    }
    failures = 0
    passes++
    firstPass ??= { wall: clock.now(), monotonic: clock.monotonic() }
    // Evenly over the hold: after the first, half-way, and at its end, whereupon the move follows at once.
    const due = firstPass.monotonic + (passes * holdMs) / (SUCCESSES - 1) - clock.monotonic()
    schedule(passes >= SUCCESSES ? 0 : Math.max(0, due))
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
    state: () => (firstPass ? { readyAt: firstPass.wall + holdMs, holdMs } : null),
    start() {
      if (!timer && !abort) wait()
    },
    soon() {
      // While it holds, the tests have a rhythm of their own.
      if (!timer || firstPass) return
      failures = 0
      schedule(Math.max(0, testedAt + holdMs * WAITS[0] - clock.monotonic()))
    },
    again() {
      if (!timer && !abort) return
      stop()
      wait()
    },
    stop,
  }
}
