/** Every scenario of a mechanism, played headless in memory: what the lab did is what the file says, and without its rules it is not. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadScenarios } from '../../../lab/player/library.ts'
import { mechanisms } from '../../../shared/contract/path.ts'
import { memoryRig } from './memory-rig.ts'

const folder = join(import.meta.dirname, '../../../lab/scenarios/mechanisms')
const files = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
const scenarios = (await loadScenarios(null)).filter(({ card }) => files.includes(card.id))

async function play(id: string, removeRules: boolean): Promise<string[]> {
  const rig = await memoryRig()
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  await rig.network('alice', null)
  rig.player.tamper({ removeRules, swap: null })
  rig.player.play(id, 'alice')
  await rig.lab.run(rig.player.scenario(id).lastsMs + 500)
  expect(rig.player.state().running?.finished).toBe(true)
  return rig.player
    .truth()
    .filter((check) => !check.ok)
    .map((check) => `${check.id}: expected ${check.expected} saw ${check.seen}`)
}

test('every file of the folder is in the library', () => {
  expect(scenarios.map(({ card }) => card.id).sort()).toEqual([...files].sort())
})

test('what must come out lies within the run, names known mechanisms, and says what holds elsewhere', () => {
  for (const { card, expected, lastsMs, elsewhere } of scenarios) {
    expect(new Set(expected.map((verdict) => verdict.vantage)), card.id).toEqual(new Set([card.vantage, elsewhere]))
    for (const { byMs, untilMs, mechanisms: must, mayName } of expected) {
      expect(byMs).toBeLessThan(untilMs)
      expect(untilMs).toBeLessThanOrEqual(lastsMs)
      for (const name of [...must, ...mayName]) expect(mechanisms).toContain(name)
      for (const name of must) expect(mayName).toContain(name)
    }
    expect(card.claims.every((claim) => claim.source !== '')).toBe(true)
  }
})

describe.each(scenarios.map(({ card }) => card.id))('%s', (id) => {
  test('the lab did what the file says', { timeout: 60_000 }, async () => {
    expect(await play(id, false)).toEqual([])
  })
  test('without its rules the truth does not hold', { timeout: 60_000 }, async () => {
    expect(await play(id, true)).not.toEqual([])
  })
})
