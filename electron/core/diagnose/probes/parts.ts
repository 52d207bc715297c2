/** What every probe works with, and how it notes when it began and how long it took. */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Observation } from '../observation.ts'
import type { Senses } from '../senses.ts'

export interface ProbeDeps {
  readonly senses: Senses
  readonly clock: Clock
  readonly random: Random
  readonly observe: (o: Observation) => void
}

export function start(clock: Clock): () => { at: number; ms: number } {
  const at = clock.now()
  const began = clock.monotonic()
  return () => ({ at, ms: clock.monotonic() - began })
}

/** In an order that nobody can foresee, so that no rule that counts requests meets ours always in the same one. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  return list
    .map((entry) => ({ entry, draw: random.fraction() }))
    .sort((a, b) => a.draw - b.draw)
    .map(({ entry }) => entry)
}
