import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadScenarios } from '../../../lab/player/library.ts'
import { Scenario } from '../../../lab/player/scenario.ts'
import { crossFaults } from '../../../lab/player/scenario-check.ts'
import { parseScenario } from '../../../lab/player/scenario-file.ts'
import help from '../../../lab/scenarios/field-help.json' with { type: 'json' }
import france from '../../../lab/scenarios/france-2023.json' with { type: 'json' }
import { builtInWorld } from '../../../lab/world.ts'
import { mechanisms } from '../../../shared/contract/path.ts'
import { withHelp } from './field-help.ts'
import { jsonSchema } from './json-schema.ts'

const names = ['china-2015', 'france-2023', 'iran-2018', 'russia-2018', 'russia-2018-day-one']
const stories = (await loadScenarios(null)).filter(({ card }) => card.kind === undefined)
const combined = (await loadScenarios(null)).filter(({ card }) => card.kind === 'combined')
const folder = join(import.meta.dirname, '../../../lab/scenarios')

test('the published schema says what files are checked with, and says of every field what it is for', () => {
  const { schema, mute, unused } = withHelp(jsonSchema(Scenario), help)
  expect({ mute, unused }).toEqual({ mute: [], unused: [] })
  const published = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Throughline lab scenario', ...schema }
  expect(JSON.parse(readFileSync(join(folder, 'scenario.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(published)))
})

test('each built-in scenario marks every claim, names its sources, and says what each stand-in stands for', () => {
  expect(stories.map(({ card }) => card.id).sort()).toEqual(names)
  for (const { card } of stories) {
    expect(card.claims.length).toBeGreaterThan(5)
    expect(new Set(card.claims.map((claim) => claim.mark)).has('reported')).toBe(true)
    for (const claim of card.claims) expect(claim.source, claim.text).not.toBe('')
    expect(card.sources.length).toBeGreaterThan(0)
    expect(card.standIns.length).toBeGreaterThan(0)
  }
})

test('what must come out lies within the run, names known mechanisms, and covers the place of trouble and a place elsewhere', () => {
  for (const scenario of [...stories, ...combined]) {
    for (const { byMs, untilMs, mechanisms: must, mayName } of scenario.expected) {
      expect(byMs).toBeLessThan(untilMs)
      expect(untilMs).toBeLessThanOrEqual(scenario.lastsMs)
      for (const name of [...must, ...mayName]) expect(mechanisms).toContain(name)
      for (const name of must) expect(mayName).toContain(name)
    }
    const places = new Set(scenario.expected.map((verdict) => verdict.vantage))
    expect(places).toEqual(new Set([scenario.card.vantage, scenario.elsewhere]))
  }
})

test('a file with anything in it at all is either a scenario or refused with one sentence', () => {
  const paths = Object.keys(france)
  fc.assert(
    fc.property(fc.constantFrom(...paths), fc.jsonValue(), (key, value) => {
      const raw = { ...structuredClone(france), [key]: value }
      try {
        parseScenario(raw)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(() => parseScenario(value)).toThrow(RangeError)
    }),
  )
})

test('the files are stored as they were checked', () => {
  for (const name of names) {
    expect(parseScenario(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))).card.id).toBe(name)
  }
})

test('a number that never ends is refused with its place, and so is a place or host that the world does not have', () => {
  expect(() => parseScenario({ ...structuredClone(france), card: { ...france.card, seconds: Number.POSITIVE_INFINITY } })).toThrow(
    'card.seconds: "seconds" must be a number.',
  )
  const world = builtInWorld()
  const scenario = parseScenario(france)
  const missing = (changed: object) => crossFaults({ ...scenario, ...changed }, world).map(({ path, facts }) => [path.join('.'), facts.id])
  expect(missing({})).toEqual([])
  expect(missing({ elsewhere: 'nowhere' })).toEqual([['elsewhere', 'nowhere']])
  const [move] = scenario.moves
  expect(missing({ moves: [{ ...move, raise: ['nobody'] }, ...scenario.moves.slice(1)] })).toEqual([['moves.0.raise.0', 'nobody']])
})
