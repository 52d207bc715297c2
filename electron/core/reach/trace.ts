/** What one attempt of a race went through, phase by phase, in milliseconds from its start: for screens, and for what is concluded from it. */
import type { PhaseTrace } from '../../../shared/contract/path.ts'
import type { DialPhase } from '../net/errors.ts'

export interface Trace {
  readonly phases: readonly PhaseTrace[]
  /** The phase it is in, or was in when it ended. */
  readonly phase: DialPhase
  /** How long connecting took; 0 before that. */
  readonly reachMs: number
  /** Whether somebody answered where it knocked first. */
  readonly isReached: boolean
  begin(phase: DialPhase): void
  end(outcome: PhaseTrace['outcome'], reason?: string): void
}

/** `elapsed`: from the attempt's start. */
export function createTrace(elapsed: () => number): Trace {
  const phases: PhaseTrace[] = []
  const find = (wanted: DialPhase) => phases.find(({ phase }) => phase === wanted)
  return {
    phases,
    get phase() {
      return phases.at(-1)?.phase ?? 'reach'
    },
    get reachMs() {
      const reach = find('reach')
      return (reach?.endMs ?? 0) - (reach?.startMs ?? 0)
    },
    get isReached() {
      return find('reach')?.outcome === 'ok'
    },
    begin(phase) {
      phases.push({ phase, startMs: Math.round(elapsed()), endMs: null, outcome: 'running' })
    },
    end(outcome, reason) {
      const last = phases.at(-1)
      if (last?.outcome !== 'running') return
      phases[phases.length - 1] = { ...last, endMs: Math.round(elapsed()), outcome, ...(reason === undefined ? {} : { reason }) }
    },
  }
}
