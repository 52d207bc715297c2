/** What a scenario brings to the world: added while the lab runs, seen only while that scenario plays, and put back behind it. */
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { type WorldPart, WorldPart as WorldPartSchema } from '../../../lab/engine/world.ts'
import { createStage } from '../../../lab/player/stage.ts'
import { isOpen } from '../../../lab/services/sentinel.ts'
import { memoryRig } from './memory-rig.ts'

const part = (over: object = {}): WorldPart =>
  v.parse(WorldPartSchema, {
    providers: [{ id: 'island', title: 'Island', kind: 'hosting', asn: 64_511, country: 'IS', prefixes: ['240.200.1.0/24'] }],
    hosts: [
      { id: 'lamp', title: 'Lamp', provider: 'island', kind: 'site', addresses: ['240.200.1.7'], names: ['lamp.test'], role: 'neighbour' },
    ],
    ...over,
  })

test('what is added while the lab runs answers at once, and is neither drawn nor watched outside its scenario', async () => {
  const { lab, player } = await memoryRig()
  await lab.add('somebody-elses', part())
  expect(lab.engine.topology.providerOf('240.200.1.7')?.id).toBe('island')
  expect(lab.names.addressesOf('lamp.test')).toEqual(['240.200.1.7'])
  player.play('russia-2018-day-one', 'alice')
  const seen = player.state()
  expect(seen.collateral.map(({ name }) => name)).not.toContain('Lamp')
  expect(seen.nodes.map(({ id }) => id)).not.toContain('host:lamp')
  player.stop()
})

test('what does not fit is refused with the reason, and nothing of it is there', async () => {
  const { lab } = await memoryRig()
  const before = lab.engine.topology.world
  await expect(lab.add('bad', part({ hosts: [{ ...part().hosts[0], provider: 'nowhere' }] }))).rejects.toThrow('no provider "nowhere"')
  await expect(lab.add('bad', part({ providers: before.providers.slice(0, 1) }))).rejects.toThrow('is there twice')
  expect(lab.engine.topology.world).toBe(before)
  expect(lab.names.addressesOf('lamp.test')).toBe(null)
})

test('a machine that a move took away is there again after the run', async () => {
  const { lab, player } = await memoryRig()
  const { engine } = lab
  const stage = createStage(lab)
  const scenario = player.scenario('france-2023')
  const [move] = scenario.moves
  if (!move) throw new Error('the story has no move')
  const answers = async () => {
    const asked = isOpen(engine, { who: 'somebody', place: 'nl-a', provider: 'nl-a', address: '240.31.1.9' }, '240.31.200.20')
    await lab.run(3000)
    return await asked
  }
  stage.apply({ ...move, lower: ['wiki'] }, scenario, 'alice', { removeRules: false, swap: null })
  expect(await answers()).toBe(false)
  stage.restore()
  expect(await answers()).toBe(true)
})
