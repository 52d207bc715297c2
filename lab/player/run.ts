/** The clock of one playing: which move is next, how far the story is, and whether it is paused. */
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { Scenario, ScenarioMove } from './scenario.ts'

export interface Run {
  readonly scenario: Scenario
  readonly client: string
  /** Epoch ms. */
  readonly startedAt: number
  /** Moves made so far. */
  readonly step: number
  readonly finished: boolean
  readonly paused: boolean
  elapsedMs(): number
  /** Story time now, ISO: it runs evenly from one move's moment to the next. */
  story(): string
  pause(paused: boolean): void
  stop(): void
}

export function startRun(
  clock: Clock,
  scenario: Scenario,
  client: string,
  onMove: (move: ScenarioMove, atMs: number) => void,
  onFinished: () => void,
): Run {
  let step = 0
  let finished = false
  let stopped = false
  let timer: Timer | null = null
  /** Elapsed when the clock last began to run, and when that was; `null`: it stands still. */
  let before = 0
  let since: number | null = clock.monotonic()

  const elapsedMs = () => before + (since === null ? 0 : clock.monotonic() - since)
  const next = () => {
    timer = null
    // Timers may fire a little early.
    for (let move = scenario.moves[step]; move && move.atMs <= elapsedMs() + 1; move = scenario.moves[step]) {
      step++
      onMove(move, Math.round(elapsedMs()))
      if (stopped) return
    }
    const at = scenario.moves[step]?.atMs ?? scenario.lastsMs
    if (step >= scenario.moves.length && scenario.lastsMs <= elapsedMs() + 1) {
      finished = true
      onFinished()
      return
    }
    timer = clock.after(Math.max(0, at - elapsedMs()), next)
  }

  const run: Run = {
    scenario,
    client,
    startedAt: clock.now(),
    get step() {
      return step
    },
    get finished() {
      return finished
    },
    get paused() {
      return since === null
    },
    elapsedMs,
    story() {
      const last = scenario.moves[Math.max(0, step - 1)]
      const coming = scenario.moves[step]
      if (!last) return ''
      const from = Date.parse(last.story)
      if (!coming) return new Date(from).toISOString()
      const share = (elapsedMs() - last.atMs) / Math.max(1, coming.atMs - last.atMs)
      return new Date(from + Math.min(1, Math.max(0, share)) * (Date.parse(coming.story) - from)).toISOString()
    },
    pause(paused) {
      if (paused === (since === null) || finished) return
      if (paused) {
        before = elapsedMs()
        since = null
        timer?.cancel()
      } else {
        since = clock.monotonic()
        next()
      }
    },
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
  // The caller holds the run before its first move is made.
  timer = clock.after(0, next)
  return run
}
