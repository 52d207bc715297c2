/** What the lab did in a run, answered from its own log alone; nothing here knows what any app said. */
import type { LogRow } from '../engine/packet-log.ts'
import type { Turn } from './people.ts'
import type { Meeting } from './recorder.ts'
import type { Check, Scenario } from './scenario.ts'

export interface RunRecord {
  readonly scenario: Scenario
  readonly client: string
  rows(): Iterable<LogRow>
  meetings(): Iterable<Meeting>
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
      const within = span(check, run)
      const turns = run.turns(check.place, check.cloud).filter(({ up, step }) => up === (check.of === 'risen') && within(step))
      return { count: new Set(turns.map(({ host }) => host)).size, unit: check.of }
    }
    case 'met': {
      const within = span(check, run)
      const found = [...run.meetings()].filter(
        (each) =>
          within(each.step) &&
          each.who === check.who &&
          check.outcomes.some((outcome) => each.outcome === outcome || each.outcome.startsWith(`${outcome} `)),
      )
      return check.count === 'kinds'
        ? { count: new Set(found.map((each) => each.outcome)).size, unit: 'kinds' }
        : { count: found.reduce((sum, each) => sum + each.count, 0), unit: 'times' }
    }
    case 'packets': {
      const within = span(check, run)
      const who = check.who === 'client' ? run.client : check.who
      const rows = [...run.rows()].filter(
        (row) =>
          within(row.step) &&
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

/** Whether so many moves made lie within what a check is about. */
function span(
  check: { readonly after?: string | undefined; readonly before?: string | undefined },
  { scenario }: RunRecord,
): (step: number) => boolean {
  const steps = scenario.moves.map((move) => move.id)
  const from = check.after === undefined ? 0 : steps.indexOf(check.after) + 1
  const until = check.before === undefined ? steps.length : steps.indexOf(check.before)
  return (step) => step >= from && step <= until
}
