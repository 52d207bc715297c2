/** Worlds that nobody wrote: the same of the same seed, whole, and true. */
import { expect, test } from 'vitest'
import { randomScenario } from '../../../lab/player/random-scenario.ts'
import { crossFaults } from '../../../lab/player/scenario-check.ts'
import { builtInWorld } from '../../../lab/world.ts'

const seeds = Array.from({ length: 300 }, (_, n) => n + 1)

test('each is a scenario that could have been written by hand, and nothing in it is missing or there twice', () => {
  const world = builtInWorld()
  for (const seed of seeds) expect([seed, crossFaults(randomScenario(seed).scenario, world)]).toEqual([seed, []])
})

test('the same seed makes the same world, and another another', () => {
  expect(randomScenario(7)).toEqual(randomScenario(7))
  const different = new Set(seeds.map((seed) => JSON.stringify(randomScenario(seed).made)))
  expect(different.size).toBeGreaterThan(280)
})

test('a mechanism is true only where a rule stands, and interference only with one', () => {
  for (const seed of seeds) {
    const { scenario, truth } = randomScenario(seed)
    for (const { kinds, mechanisms } of truth) {
      expect(kinds.length).toBeGreaterThan(0)
      expect(mechanisms.length > 0).toBe(kinds.includes('interference'))
    }
    if (scenario.rules.length === 0) expect(truth.flatMap(({ mechanisms }) => mechanisms)).toEqual([])
  }
})

test('every kind of trouble comes up in a few hundred', () => {
  const kinds = new Set(seeds.flatMap((seed) => randomScenario(seed).truth.flatMap((each) => each.kinds)))
  for (const kind of ['ok', 'offline', 'captive_portal', 'local_filter', 'clock_wrong', 'service_fault', 'overload', 'interference'])
    expect(kinds).toContain(kind)
})
