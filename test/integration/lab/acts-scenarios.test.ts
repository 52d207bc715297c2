/** Every scenario of a mechanism, played headless in memory: what the lab did is what the file says, and without its rules it is not. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadScenarios } from '../../../lab/player/library.ts'
import { expectSound, play } from './scenario-play.ts'

const folder = join(import.meta.dirname, '../../../lab/scenarios/mechanisms')
const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
const scenarios = (await loadScenarios(null)).filter(({ card }) => files.includes(card.id))

test('every file of the folder is in the library', () => {
  expect(scenarios.map(({ card }) => card.id).sort()).toEqual([...files].sort())
})

test('what must come out lies within the run, names known mechanisms, and says what holds elsewhere', () => {
  scenarios.forEach(expectSound)
})

describe.each(scenarios.map(({ card }) => card.id))('%s', (id) => {
  test('the lab did what the file says', { timeout: 60_000 }, async () => {
    expect(await play(id, false)).toEqual([])
  })
  test('without its rules the truth does not hold', { timeout: 60_000 }, async () => {
    expect(await play(id, true)).not.toEqual([])
  })
})
