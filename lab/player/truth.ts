/** What the lab did in a run, answered from its own log alone; nothing here knows what any app said. */
import type { LogRow } from '../engine/packet-log.ts'
import type { Turn } from './people.ts'
import type { Check, Scenario } from './scenario.ts'

export interface RunRecord {
  readonly scenario: Scenario
  readonly client: string
  rows(): Iterable<LogRow>
  recorded(who: 'anybody' | 'client' | 'visitor'): number
  /** Of neighbours in that cloud, if one is named. */
  turns(place: 'client' | 'elsewhere', cloud: string | undefined): readonly Turn[]
}

export interface CheckResult {
  readonly id: string
  readonly ok: boolean
  readonly expected: string
  readonly seen: string
}

export function answerChecks(run: RunRecord): CheckResult[] {
  return run.scenario.checks.map((check) => {
    const { count, unit } = measure(check, run)
    const ok = count >= (check.atLeast ?? 0) && count <= (check.atMost ?? Number.POSITIVE_INFINITY)
    return { id: check.id, ok, expected: check.expected, seen: `${count} ${unit}` }
  })
}

function measure(check: Check, run: RunRecord): { count: number; unit: string } {
  switch (check.of) {
    case 'recorded':
      return { count: run.recorded(check.who), unit: 'recorded' }
    case 'fallen':
    case 'risen': {
      const isDue = during(check, run)
      const turns = run.turns(check.place, check.cloud).filter(({ up, step }) => up === (check.of === 'risen') && isDue(step))
      return { count: new Set(turns.map(({ host }) => host)).size, unit: check.of }
    }
    case 'packets': {
      const isDue = during(check, run)
      const who = check.who === 'client' ? run.client : check.who
      const rows = [...run.rows()].filter(
        (row) =>
          isDue(row.step) &&
          (!check.packets || check.packets.includes(row.t)) &&
          (!check.fates || check.fates.includes(row.fate)) &&
          (who === undefined || row.way.who === who) &&
          (!check.providers || check.providers.includes(row.way.provider)) &&
          (!check.toProviders || (row.way.toProvider !== null && check.toProviders.includes(row.way.toProvider))) &&
          (!check.ports || check.ports.includes(row.way.port)) &&
          (!check.rules || (row.rule !== null && check.rules.includes(row.rule))) &&
          (!check.names || (row.name !== null && check.names.includes(row.name))),
      )
      return check.count === 'providers'
        ? { count: new Set(rows.map((row) => row.way.provider)).size, unit: 'providers' }
        : { count: rows.reduce((sum, row) => sum + row.count, 0), unit: 'packets' }
    }
  }
}

function during({ after, before }: { after?: string | undefined; before?: string | undefined }, run: RunRecord): (step: number) => boolean {
  const steps = run.scenario.moves.map((move) => move.id)
  const from = after === undefined ? 0 : steps.indexOf(after) + 1
  const until = before === undefined ? steps.length : steps.indexOf(before)
  return (step) => step >= from && step <= until
}
