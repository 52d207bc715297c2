/**
 * A play without a story: the person's own as censor, or the adaptive censor's. Its clock begins with the first move, can stand still,
 * and comes to rest a while after nothing is in the way any more, so that what the app does then is still on the record.
 */
import type { GatewayState } from '../../shared/protocol/processes.ts'
import type { Clock, Timer } from '../../shared/util/clock.ts'
import type { RecordedRun } from './recorder.ts'

export interface FreePlay extends RecordedRun {
  /** Where the censor stands; the last place it acted on. */
  place: string
  /** Everything was taken back: what is done next is another play. */
  over: boolean
  readonly finished: boolean
  readonly paused: boolean
  moved(atMs: number): void
  pause(paused: boolean): void
  /** Whether nothing stands in anybody's way. */
  rest(nothingStands: boolean): void
  /** As it is `atMs` into it. */
  show(atMs: number): NonNullable<GatewayState['free']>
  stop(): void
}

/** What the record calls it, where a story has its id. */
export const FREE_PLAY = 'free-play'
const LINGER_MS = 30_000

/** Begins so far into it: one that goes on from another time. */
export function startFreePlay(clock: Clock, place: string, beganMs: number, onFinished: () => void): FreePlay {
  const moveTimes: number[] = []
  const startedAt = clock.now() - beganMs
  /** Elapsed when the clock last began to run, and when that was; `null`: it stands still. */
  let before = beganMs
  let since: number | null = clock.monotonic()
  let lingering: Timer | null = null
  let finished = false

  const elapsedMs = () => before + (since === null ? 0 : clock.monotonic() - since)
  const stand = () => {
    before = elapsedMs()
    since = null
  }
  const play: FreePlay = {
    scenario: { card: { id: FREE_PLAY } },
    client: '',
    startedAt,
    place,
    over: false,
    get made() {
      return moveTimes.length
    },
    get finished() {
      return finished
    },
    get paused() {
      return since === null && !finished
    },
    elapsedMs,
    moved: (atMs) => void moveTimes.push(atMs),
    pause(paused) {
      if (finished || paused === (since === null)) return
      if (paused) stand()
      else since = clock.monotonic()
    },
    rest(nothingStands) {
      lingering?.cancel()
      lingering = null
      if (!nothingStands || finished) return
      lingering = clock.after(LINGER_MS, () => {
        stand()
        finished = true
        onFinished()
      })
    },
    show: (atMs) => ({
      vantage: play.place,
      startedAt,
      atMs: Math.round(atMs),
      lastsMs: Math.round(elapsedMs()),
      paused: play.paused,
      finished,
      moveTimes: [...moveTimes],
    }),
    stop: () => lingering?.cancel(),
  }
  return play
}
