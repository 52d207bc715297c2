/** The parts of the report: what is shown of scenarios, of networks where nothing is wrong, and of random worlds. */
import { BEGINS_MS, randomScenario } from '../../../lab/player/random-scenario.ts'
import type { Scenario } from '../../../lab/player/scenario.ts'
import { CLEAN_MS } from './clean.ts'
import type { Job, Run } from './job.ts'
import { accused, type Told, toldInRandom, toldInScenario } from './judge.ts'
import { confusion, costTable, groups, markdown, mechanisms, nameOf, share, timesTable, upperBound } from './report.ts'

export interface Section {
  /** Of its place in the document. */
  readonly id: string
  readonly title: string
  readonly body: string
}

type Of<K extends Job['of']> = Run<Extract<Job, { of: K }>>

const MOST_LISTED = 25

export function scenarioTables(known: readonly Scenario[], runs: readonly Of<'scenario'>[]): Section[] {
  const played = runs.flatMap(({ job, result }) => {
    const scenario = known.find(({ card }) => card.id === job.id)
    if (!scenario || !result) return []
    const told = toldInScenario(scenario, result)
    const innocent = (plane: string) => !scenario.expected.some((step) => step.plane === plane && step.kind === 'interference')
    return [
      { job, told, cost: result.cost, lastsMs: scenario.lastsMs, alarm: scenario.card.kind === 'trap' ? accused(result, innocent) : null },
    ]
  })
  const told = played.flatMap((each) => each.told)
  const byLine = groups(played, ({ job }) => `${String(job.line.rttMs).padStart(3)} ${job.line.loss}`)
  const lines = byLine.map(([, list]) => {
    const steps = list.flatMap((each) => each.told)
    const good = list.filter((each) => each.told.every(({ inTime }) => inTime)).length
    const traps = list.filter(({ alarm }) => alarm !== null)
    return [
      list[0] ? nameOf(list[0].job.line) : '',
      `${list.length}`,
      share(good, list.length),
      share(steps.filter(({ inTime }) => inTime).length, steps.length),
      share(steps.filter(({ isKind }) => isKind).length, steps.length),
      `${traps.filter(({ alarm }) => alarm === 'likely').length} of ${traps.length}`,
      `${traps.filter(({ alarm }) => alarm === 'moment').length} of ${traps.length}`,
      `${traps.filter(({ alarm }) => alarm === 'suspected').length} of ${traps.length}`,
    ]
  })
  const failing = groups(
    played.filter((each) => !each.told.every(({ inTime }) => inTime)),
    ({ job }) => job.id,
  ).toSorted(([, a], [, b]) => b.length - a.length)
  return [
    {
      id: 'scenarios',
      title: 'Scenarios and traps, by line (round trip, loss each way)',
      body: markdown(
        [
          '',
          'runs',
          'whole runs as expected',
          'steps in time',
          'right kind at the end of a step',
          'traps called likely interference for a second or longer',
          'for a moment',
          'traps at most suspected',
        ],
        lines,
      ),
    },
    {
      id: 'scenario-times',
      title: 'From the move that causes it until it is said, seconds, median / 95th percentile',
      body: timesTable(
        byLine.map(([, list]) => [
          list[0] ? nameOf(list[0].job.line) : '',
          list.flatMap((each) => each.told.flatMap(({ times }) => times ?? [])),
        ]),
      ),
    },
    { id: 'scenario-kinds', title: 'Expected (rows) and said at the end of each step (columns), all lines', body: confusion(told) },
    { id: 'scenario-mechanisms', title: 'Mechanisms, where interference was expected and said', body: mechanisms(told) },
    {
      id: 'scenario-failures',
      title: 'Runs with a step that was late, wrong or taken back',
      body: markdown(
        ['scenario', 'runs', 'of', 'on'],
        failing.map(([id, list]) => [
          id,
          `${list.length}`,
          `${played.filter(({ job }) => job.id === id).length}`,
          list.map(({ job }) => `${job.line.rttMs}/${job.line.loss * 100}`).join(' '),
        ]),
      ),
    },
    {
      id: 'scenario-cost',
      title: 'What diagnosis itself asked for in a run, median / 95th percentile',
      body: costTable(
        groups(played, ({ job }) => known.find(({ card }) => card.id === job.id)?.card.kind ?? 'what happened').map(([kind, list]) => [
          kind,
          list.map(({ cost }) => cost),
          list.reduce((sum, { lastsMs }) => sum + lastsMs, 0) / list.length,
        ]),
      ),
    },
  ]
}

export function cleanTables(runs: readonly Of<'clean'>[]): Section[] {
  const played = runs.flatMap(({ job, result }) =>
    result
      ? [
          {
            job,
            alarm: accused(result, () => true),
            cost: result.cost,
            isOk: result.moments.at(-1)?.verdicts.every(({ kind }) => kind === 'ok') ?? false,
          },
        ]
      : [],
  )
  const rowOf = (name: string, list: typeof played) => {
    const [likely, any] = [list.filter(({ alarm }) => alarm === 'likely').length, list.filter(({ alarm }) => alarm !== 'no').length]
    return [
      name,
      `${list.length}`,
      `${any}`,
      `${likely}`,
      bound(any, list.length),
      share(list.filter(({ isOk }) => isOk).length, list.length),
    ]
  }
  const byLine = groups(played, ({ job }) => `${String(job.line.rttMs).padStart(3)} ${job.line.loss}`)
  const lossiest = played.filter(({ job }) => job.line.loss === 0.05)
  return [
    {
      id: 'clean',
      title: `Networks on which nothing is wrong, ${CLEAN_MS / 1000} s each: who was accused at any moment`,
      body: markdown(
        ['', 'runs', 'at least suspected', 'likely', 'upper 95 % bound of any', 'all planes well at the end'],
        [
          ...byLine.map(([, list]) => rowOf(list[0] ? nameOf(list[0].job.line) : '', list)),
          rowOf('all at 5 %', lossiest),
          rowOf('all', played),
        ],
      ),
    },
    {
      id: 'clean-cost',
      title: 'What diagnosis asked for where nothing is wrong',
      body: costTable([['clean', played.map(({ cost }) => cost), CLEAN_MS]]),
    },
  ]
}

const bound = (hits: number, of: number) => (of === 0 ? '' : `${(100 * upperBound(hits, of)).toFixed(2)} %`)

export function randomTables(runs: readonly Of<'random'>[]): Section[] {
  const worlds = runs.flatMap(({ job, result }) => {
    if (!result) return []
    const world = randomScenario(job.seed)
    const told = toldInRandom(world.truth, result, BEGINS_MS, world.scenario.lastsMs)
    const alarm = accused(result, (plane) => !world.truth.some((each) => each.plane === plane && each.kinds.includes('interference')))
    return [{ job, world, told, alarm }]
  })
  const told = worlds.flatMap((each) => each.told)
  const part = (name: string, list: readonly Told[], holds: (one: Told) => boolean | null) => {
    const known = list.filter((one) => holds(one) !== null)
    return [name, `${known.length}`, share(known.filter(holds).length, known.length)]
  }
  const guilty = told.filter(({ kinds }) => kinds.includes('interference'))
  const innocent = told.filter(({ kinds }) => !kinds.includes('interference'))
  const bad = worlds
    .map((each) => ({ ...each, wrong: each.told.filter(({ isKind, isMechanism }) => !isKind || isMechanism === false) }))
    .filter(({ wrong }) => wrong.length > 0)
    .toSorted((a, b) => severity(b.wrong) - severity(a.wrong))
  return [
    {
      id: 'random',
      title: `Random worlds: ${worlds.length}, seeds ${runs[0]?.job.seed ?? 0} to ${runs.at(-1)?.job.seed ?? 0}`,
      body: markdown(
        ['', 'planes', 'right'],
        [
          part('kind', told, ({ isKind }) => isKind),
          part('kind, where somebody interferes', guilty, ({ isKind }) => isKind),
          part('kind, where nobody does', innocent, ({ isKind }) => isKind),
          part('no claim of interference, where nobody does', innocent, ({ said }) => said?.kind !== 'interference'),
          part('mechanism, where interference was rightly said', told, ({ isMechanism }) => isMechanism),
          part('place, where trouble was rightly said', told, ({ isPlace }) => isPlace),
        ],
      ),
    },
    {
      id: 'random-times',
      title: 'Until it is said, seconds, median / 95th percentile',
      body: timesTable([['all', told.flatMap(({ times }) => times ?? [])]]),
    },
    { id: 'random-kinds', title: 'What is true (rows) and what was said in the end (columns)', body: confusion(told) },
    { id: 'random-mechanisms', title: 'Mechanisms in random worlds', body: mechanisms(told) },
    {
      id: 'random-failures',
      title: `The worst of ${bad.length} worlds in which something wrong was said in the end`,
      body: markdown(
        ['seed', 'world', 'true', 'said'],
        bad
          .slice(0, MOST_LISTED)
          .map(({ job, world, wrong }) => [
            `${job.seed}`,
            world.made.join('; '),
            wrong
              .map(({ plane, kinds, mechanisms: named }) => `${plane}: ${[kinds.join(' or '), named.join(' or ')].join(' ').trim()}`)
              .join('; '),
            wrong
              .map(({ plane, said }) => `${plane}: ${[said?.kind ?? 'nothing', ...(said?.mechanisms ?? []), said?.word ?? ''].join(' ')}`)
              .join('; '),
          ]),
      ),
    },
  ]
}

/** Accusing the innocent, then overlooking, then silence and wrong names. */
function severity(wrong: readonly Told[]): number {
  return Math.max(
    ...wrong.map(({ said, kinds, isKind }) => {
      const sure = said?.word === 'confirmed' ? 3 : said?.word === 'likely' ? 2 : 1
      if (isKind) return sure
      if (said?.kind === 'interference') return 30 + sure
      if (said?.kind === 'inconclusive' || !said) return 5
      return (kinds.includes('interference') && said.kind === 'ok' ? 20 : 10) + sure
    }),
  )
}
