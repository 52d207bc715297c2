import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Scenario } from '../../../lab/player/scenario.ts'
import { parseScenario } from '../../../lab/player/scenario-file.ts'
import france from '../../../lab/scenarios/france-2023.json' with { type: 'json' }
import russia from '../../../lab/scenarios/russia-2018-day-one.json' with { type: 'json' }
import { mechanisms } from '../../../shared/contract/path.ts'
import { jsonSchema } from './json-schema.ts'

const folder = join(import.meta.dirname, '../../../lab/scenarios')

test('the published schema says what files are checked with', () => {
  const published = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Throughline lab scenario', ...jsonSchema(Scenario) }
  expect(JSON.parse(readFileSync(join(folder, 'scenario.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify(published)))
})

test('each built-in scenario marks every claim, names its sources, and says what each stand-in stands for', () => {
  for (const { card } of [france, russia].map(parseScenario)) {
    expect(card.claims.length).toBeGreaterThan(5)
    expect(new Set(card.claims.map((claim) => claim.mark)).has('reported')).toBe(true)
    for (const claim of card.claims) expect(claim.source, claim.text).not.toBe('')
    expect(card.sources.length).toBeGreaterThan(0)
    expect(card.standIns.length).toBeGreaterThan(0)
  }
})

test('what must come out lies within the run, names known mechanisms, and covers the place of trouble and a place elsewhere', () => {
  for (const scenario of [france, russia].map(parseScenario)) {
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
  for (const name of ['france-2023', 'russia-2018-day-one']) {
    expect(parseScenario(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'))).card.id).toBe(name)
  }
})
