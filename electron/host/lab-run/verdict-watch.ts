/** What each app said and when, and whether that is what the scenario says must come out. The comparison is a pure function. */
import type { Verdict } from '../../../shared/contract/path.ts'
import type { ExpectedVerdict } from '../../../shared/protocol/processes.ts'
import type { VerdictStep } from '../../../shared/protocol/run-report.ts'

/** All verdicts of one app at one moment, ms since the run began. Holds until the next of the same vantage. */
export interface Sample {
  readonly atMs: number
  readonly vantage: string
  readonly verdicts: readonly Pick<Verdict, 'plane' | 'kind' | 'mechanisms'>[]
}

type Said = Pick<Verdict, 'kind' | 'mechanisms'>

/**
 * A step is met if what is expected had been said by `byMs`, stood at some moment from then until `untilMs`, and nothing that
 * contradicts it stands at `untilMs`. Undecided is no contradiction. A word taken back for a moment is no failure; one taken
 * back for good is.
 */
export function judgeSteps(expected: readonly ExpectedVerdict[], samples: readonly Sample[]): { ok: boolean; steps: VerdictStep[] } {
  const steps = expected.map((step): VerdictStep => {
    const timeline = samples
      .filter((sample) => sample.vantage === step.vantage)
      .flatMap(({ atMs, verdicts }) => {
        const verdict = verdicts.find((one) => one.plane === step.plane)
        return verdict ? [{ atMs, said: verdict }] : []
      })
    const standing = (at: number) => timeline.findLast((entry) => entry.atMs <= at)?.said ?? null
    const within = timeline.filter((entry) => entry.atMs > step.byMs && entry.atMs <= step.untilMs).map((entry) => entry.said)
    const wasInTime = timeline.some((entry) => entry.atMs <= step.byMs && matches(step, entry.said))
    const stood = [standing(step.byMs), ...within].some((said) => matches(step, said))
    const last = standing(step.untilMs)
    const ok = wasInTime && stood && !contradicts(step, last)
    const observed = stood ? last : standing(step.byMs)
    return {
      at: step.byMs,
      vantage: step.vantage,
      plane: step.plane,
      expected: words(step),
      observed: observed ? words(observed) : 'nothing',
      ok,
    }
  })
  return { ok: steps.every((step) => step.ok), steps }
}

function matches(expected: ExpectedVerdict, said: Said | null): boolean {
  if (said?.kind !== expected.kind) return false
  const named: readonly string[] = said.mechanisms
  const may = [...expected.mechanisms, ...expected.mayName]
  return expected.mechanisms.every((one) => named.includes(one)) && named.every((one) => may.includes(one))
}

function contradicts(expected: ExpectedVerdict, said: Said | null): boolean {
  return said !== null && said.kind !== 'inconclusive' && !matches(expected, said)
}

function words({ kind, mechanisms }: { readonly kind: string; readonly mechanisms: readonly string[] }): string {
  return [kind, ...mechanisms].join(' ')
}
