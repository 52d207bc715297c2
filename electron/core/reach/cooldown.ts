/** What was blocked a moment ago is left alone for a while: boxes that saw a forbidden name punish whoever repeats it (60 to 180 s). */
import type { Clock } from '../../../shared/util/clock.ts'
import type { DialPhase, DialReason } from '../net/errors.ts'
import type { Candidate } from './candidates.ts'
import type { Start } from './plan.ts'

export const COOLDOWN_MS = 180_000

export interface Cooldown {
  failed(candidate: Candidate, phase: DialPhase, reason: DialReason): void
  /** Without what is cooling; if that is everything, only the way that has cooled longest. The first start is at 0 again. */
  sift(starts: readonly Start[]): Start[]
  /** Another network, or the user wants to know now. */
  clear(): void
}

export function createCooldown(clock: Clock, ms: number): Cooldown {
  const since = new Map<string, number>()
  const key = ({ recipe }: Candidate) => `${recipe.proxy?.address ?? ''} ${recipe.address} ${recipe.sni} ${recipe.split}`
  return {
    failed(candidate, phase, reason) {
      // Silence, a reset or a close in answer to the name is what a box does. A refusal comes from whoever listens there.
      if (phase === 'encrypt' && (reason === 'reset' || reason === 'closed' || reason === 'timeout'))
        since.set(key(candidate), clock.monotonic())
    },
    sift(starts) {
      const at = ({ candidate }: Start) => since.get(key(candidate)) ?? Number.NEGATIVE_INFINITY
      const cool = starts.filter((start) => clock.monotonic() - at(start) >= ms)
      // With nothing else left, to stay away for minutes would be worse than what is being avoided.
      const left = cool.length > 0 ? cool : [...starts].sort((a, b) => at(a) - at(b)).slice(0, 1)
      const first = left[0]?.atMs ?? 0
      return left.map((start) => ({ ...start, atMs: start.atMs - first }))
    },
    clear: () => since.clear(),
  }
}
