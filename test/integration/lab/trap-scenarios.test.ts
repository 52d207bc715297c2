/**
 * Every trap, a trouble that is nobody's censorship and looks like it, played headless in memory: what the lab did is what the file
 * says, and without what it does to the world it is not.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadScenarios } from '../../../lab/player/library.ts'
import { memoryRig } from './memory-rig.ts'
import { expectSound, play } from './scenario-play.ts'

const folder = join(import.meta.dirname, '../../../lab/scenarios/traps')
const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
const scenarios = (await loadScenarios(null)).filter(({ card }) => files.includes(card.id))

test('every file of the folder is in the library, and marked as a trap', () => {
  expect(scenarios.map(({ card }) => card.id).sort()).toEqual([...files].sort())
  expect(new Set(scenarios.map(({ card }) => card.kind))).toEqual(new Set(['trap']))
  expect(scenarios.length).toBeGreaterThanOrEqual(18)
})

test('no trap expects that interference is named, or has a rule of a censor', () => {
  for (const scenario of scenarios) {
    expectSound(scenario)
    expect(scenario.expected.map(({ kind, mayName }) => ({ kind, mayName }))).not.toContainEqual(
      expect.objectContaining({ kind: 'interference' }),
    )
    expect(scenario.expected.flatMap(({ mayName }) => mayName)).toEqual([])
    // A crowd is no censor, though the lab has one place for both.
    expect(scenario.rules.filter(({ act }) => act.do !== 'load')).toEqual([])
  }
})

test('what the traps are about is there', async () => {
  const { topology } = (await memoryRig()).lab.engine
  for (const { conditions, moves, card } of scenarios) {
    for (const condition of conditions) {
      for (const host of 'hosts' in condition ? condition.hosts : []) expect(topology.host(host), `${card.id}: ${host}`).not.toBeNull()
      for (const place of 'places' in condition ? condition.places : [])
        expect(topology.place(place), `${card.id}: ${place}`).not.toBeNull()
    }
    for (const { travel } of moves) if (travel !== undefined) expect(topology.place(travel), card.id).not.toBeNull()
  }
})

describe.each(scenarios.map(({ card }) => card.id))('%s', (id) => {
  test('the lab did what the file says', { timeout: 60_000 }, async () => {
    expect(await play(id, false, 'pages')).toEqual([])
  })
  test('without what it does to the world the truth does not hold', { timeout: 60_000 }, async () => {
    expect(await play(id, true, 'pages')).not.toEqual([])
  })
})
