/** A scenario in which nothing happens. */
import type { Scenario } from '../../../lab/player/scenario.ts'
import { parseScenario } from '../../../lab/player/scenario-file.ts'

const told = 'Nothing.'

export const CLEAN_MS = 20_000

export const clean: Scenario = parseScenario({
  format: 1,
  card: {
    id: 'clean',
    title: 'An ordinary day',
    place: 'Amsterdam',
    ...{ dates: told, demand: told, answer: told, meant: told, hit: told, whoPaid: told, tryThis: told },
    claims: [],
    sources: [],
    standIns: [],
    vantage: 'nl-a',
    seconds: CLEAN_MS / 1000,
  },
  places: ['nl-a'],
  elsewhere: 'de-a',
  lastsMs: CLEAN_MS,
  rules: [],
  moves: [{ id: 'begin', atMs: 0, story: '2024-01-01', side: 'world', text: told }],
  expected: [],
  checks: [],
})
