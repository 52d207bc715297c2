/** When a way has earned its place in memory: it has lived for five seconds and an echo came back after that. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Candidate } from './candidates.ts'
import type { Session } from './session.ts'

const LIVED_MS = 5_000

export interface Remembering {
  /** A new session began by this way, which took so many ms; what was waited for before is dropped. */
  begin(session: Session, candidate: Candidate, ms: number): void
  echoed(): void
  stop(): void
}

export function createRemembering(options: {
  readonly clock: Clock
  readonly network: () => string
  readonly remember: (network: string, candidate: Candidate, ms: number) => void
}): Remembering {
  let timer: Timer | null = null
  let onEcho: (() => void) | null = null
  const stop = () => {
    timer?.cancel()
    onEcho = null
  }
  return {
    begin(session, candidate, ms) {
      stop()
      const network = options.network()
      timer = options.clock.after(LIVED_MS, () => {
        onEcho = () => {
          onEcho = null
          options.remember(network, candidate, ms)
        }
        session.prod()
      })
    },
    echoed: () => onEcho?.(),
    stop,
  }
}
