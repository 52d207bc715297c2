/** The clock of one playing: which move is next, how fast the story goes, and whether it is paused. */
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { Scenario, ScenarioMove } from './scenario.ts'

export interface Run {
  readonly scenario: Scenario
  readonly client: string
  /** Epoch ms. */
  readonly startedAt: number
  /** Moves made so far. */
  readonly made: number
  readonly finished: boolean
  readonly paused: boolean
  /** Multiple of normal speed at which it runs unless paused. */
  readonly rate: number
  /** On the run's own clock, which stands still while paused and hurries with the rate. */
  elapsedMs(): number
  pause(paused: boolean): void
  setRate(rate: number): void
  /** Turns the clock to the next move, or after the last one to the end; paused it stays paused. */
  step(): void
  stop(): void
}

export function startRun(
  clock: Clock,
  scenario: Scenario,
  client: string,
  onMove: (move: ScenarioMove, atMs: number) => void,
  onFinished: () => void,
): Run {
  let made = 0
  let finished = false
  let stopped = false
  let timer: Timer | null = null
  let rate = 1
  /** Elapsed when the clock last began to run, and when that was; `null`: it stands still. */
  let before = 0
  let since: number | null = clock.monotonic()

  const elapsedMs = () => before + (since === null ? 0 : (clock.monotonic() - since) * rate)
  /** Goes on from this moment of the run. */
  const set = (elapsed: number) => {
    before = elapsed
    if (since !== null) since = clock.monotonic()
  }
  const next = () => {
    timer?.cancel()
    timer = null
    // Timers may fire a little early.
    for (let move = scenario.moves[made]; move && move.atMs <= elapsedMs() + 1; move = scenario.moves[made]) {
      made++
      onMove(move, Math.round(elapsedMs()))
      if (stopped) return
    }
    const at = scenario.moves[made]?.atMs ?? scenario.lastsMs
    if (made >= scenario.moves.length && scenario.lastsMs <= elapsedMs() + 1) {
      finished = true
      onFinished()
      return
    }
    if (since !== null) timer = clock.after(Math.max(0, at - elapsedMs()) / rate, next)
  }

  const run: Run = {
    scenario,
    client,
    startedAt: clock.now(),
    get made() {
      return made
    },
    get finished() {
      return finished
    },
    get paused() {
      return since === null
    },
    get rate() {
      return rate
    },
    elapsedMs,
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
    setRate(wanted) {
      set(elapsedMs())
      rate = wanted
      if (!finished) next()
    },
    step() {
      if (finished) return
      set(Math.max(elapsedMs(), scenario.moves[made]?.atMs ?? scenario.lastsMs))
      next()
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
