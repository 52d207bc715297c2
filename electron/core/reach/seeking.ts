/** One race for a chat session at a time, and what the last one tried. Whether there should be one, and what becomes of who won, is the caller's. */
import type { Attempt, PhaseName } from '../../../shared/contract/path.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Aim } from './chat-races.ts'
import type { Race, Won } from './race.ts'
import type { Session } from './session.ts'

export interface SeekingOptions {
  readonly clock: Clock
  readonly closing: AbortSignal
  readonly run: (aim: Aim, onChange: () => void, signal: AbortSignal) => Race<Session>
  readonly onWon: (won: Won<Session>) => void
  readonly onMissed: () => void
  /** Attempts changed. */
  readonly onChange: () => void
}

export interface Seeking {
  /** Of the race that runs; `null` while none does. */
  readonly aim: Aim | null
  /** When the last race began, epoch ms. */
  readonly raceAt: number | null
  attempts(): readonly Attempt[]
  /** Whether somebody is about to prove to be the relay. */
  isRecognising(): boolean
  /** Whether anybody has answered at all, and has not failed yet. */
  hasAnswer(): boolean
  /** Races unless a race is on. Resolves with whether a session was won. */
  look(aim: Aim): Promise<boolean>
  /** Gives up the race that runs. */
  stop(): void
}

export function createSeeking({ clock, closing, run, onWon, onMissed, onChange }: SeekingOptions): Seeking {
  let current: { readonly race: Race<Session>; readonly abort: AbortController; readonly aim: Aim } | null = null
  let raceAt: number | null = null
  let attempts: readonly Attempt[] = []

  const isAny = (...phases: readonly PhaseName[]) =>
    current?.race.attempts().some((attempt) => {
      const last = attempt.phases.at(-1)?.phase
      return attempt.outcome === 'running' && last !== undefined && phases.includes(last)
    }) ?? false

  return {
    get aim() {
      return current?.aim ?? null
    },
    get raceAt() {
      return raceAt
    },
    attempts: () => attempts,
    isRecognising: () => isAny('recognise'),
    hasAnswer: () => isAny('encrypt', 'recognise'),
    async look(aim) {
      if (current || closing.aborted) return false
      raceAt = clock.now()
      const abort = new AbortController()
      const running = run(aim, () => queueMicrotask(() => progress()), abort.signal)
      const mine = { race: running, abort, aim }
      current = mine
      const progress = () => {
        if (current !== mine) return
        attempts = running.attempts()
        onChange()
      }
      progress()
      const won = await running.result
      if (current !== mine) {
        won?.connection.close()
        return false
      }
      attempts = running.attempts()
      current = null
      if (won) onWon(won)
      else onMissed()
      return won !== null
    },
    stop() {
      const before = current
      current = null
      before?.abort.abort()
      if (before) attempts = before.race.attempts()
    },
  }
}
