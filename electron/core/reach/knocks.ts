/** While nothing connects: when to try again. Sooner at first, then every half minute, not in step with anybody else. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'

const WAITS_S = [1, 2, 3, 5, 8, 13, 20] as const
const LATER_S = 30

export interface Knocks {
  /** How many tries in a row have failed. */
  readonly round: number
  /** When the next is due, epoch ms; `null` while none is. */
  readonly nextAt: number | null
  /** A try failed: sets the next one. */
  next(): void
  cancel(): void
  /** Begins anew: something changed, or it worked. */
  reset(): void
}

export function createKnocks({
  clock,
  random,
  onKnock,
}: {
  readonly clock: Clock
  readonly random: Random
  readonly onKnock: () => void
}): Knocks {
  let round = 0
  let nextAt: number | null = null
  let timer: Timer | null = null
  const cancel = () => {
    timer?.cancel()
    timer = null
    nextAt = null
  }
  return {
    get round() {
      return round
    },
    get nextAt() {
      return nextAt
    },
    next() {
      cancel()
      const ms = 1000 * (WAITS_S[round] ?? LATER_S * (0.8 + 0.4 * random.fraction()))
      round++
      nextAt = clock.now() + ms
      timer = clock.after(ms, () => {
        cancel()
        onKnock()
      })
    },
    cancel,
    reset() {
      cancel()
      round = 0
    },
  }
}
