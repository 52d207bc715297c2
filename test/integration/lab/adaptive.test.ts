/** The adaptive censor in the lab, with real bytes: what it does to a client that does not give up, within a budget, and what it cost. */
import { expect, onTestFinished, test } from 'vitest'
import { memoryRig } from './memory-rig.ts'
import { startStubborn } from './stubborn-client.ts'

const PLACE = 'ru-moscow-a'

async function begun(budget: number) {
  const rig = await memoryRig()
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {}).on('data', (chunk) => inner.write(chunk))
    return outer
  })
  const network = await rig.network('alice', PLACE)
  const client = startStubborn(network, rig.clock, rig.lab.offer)
  onTestFinished(() => client.close())
  rig.player.offered.on((offer) => client.offered(offer))
  await rig.lab.run(2000)
  rig.player.adaptive({ vantage: PLACE, budget, pace: 'fast' })
  return { ...rig, client, rungs: () => rig.player.state().adaptive?.bills.map((bill) => bill.rung) ?? [] }
}

test('with a large budget it climbs until every way is shut; what fell by it is measured apart from what it reckoned', async () => {
  const { lab, player, client, rungs } = await begun(12)
  await lab.run(60_000)
  const { adaptive, moves, collateral } = player.state()
  expect(rungs().slice(0, 4)).toEqual(['lookup', 'addresses', 'addresses', 'prefix'])
  expect(client.at()).toBeNull()
  expect(adaptive).toMatchObject({ on: true, outcome: 'shut', next: null })
  // The service answered twice in clouds of strangers, and both ranges were dropped.
  expect(moves.filter(({ side }) => side === 'service').length).toBeGreaterThanOrEqual(2)
  const ranges = adaptive?.bills.filter(({ rung }) => rung === 'prefix') ?? []
  const cloudA = ranges.find(({ target }) => target === '240.52.0.0/16')
  expect(cloudA?.cost).toBe(3)
  expect(cloudA?.fell.map(({ name }) => name).sort()).toEqual(['Lark music', 'Parley messenger', 'Tundra game server'])
  expect(cloudA?.fell.every(({ ms }) => ms > 10_000)).toBe(true)
  expect(new Set(ranges.flatMap(({ fell }) => fell.map(({ name }) => name)))).toEqual(
    new Set(collateral.filter(({ up }) => !up).map(({ name }) => name)),
  )

  // One stop lifts it all, and who was shut out is back; the record stays, to be looked back on and kept.
  player.adaptive(null)
  await lab.run(6000)
  expect(client.at()).not.toBeNull()
  expect(player.state()).toMatchObject({ gates: [], adaptive: { on: false } })
  const at = cloudA?.atMs ?? 0
  const then = player.at(at + 1)
  expect(then.gates.map(({ id }) => id)).toContain('adaptive-prefix@ru-a')
  expect(then.moves.every(({ atMs }) => atMs <= at + 1)).toBe(true)
  expect(player.record.events().text).toContain('"code":"adaptive-impose"')
}, 240_000)

test('with no budget it breaks no stranger, and the client stays connected or has no way left that it knows', async () => {
  const { lab, player } = await begun(0)
  for (let i = 0; i < 6; i++) {
    await lab.run(5000)
    expect(player.state().adaptive?.spent).toEqual([])
    expect(player.state().collateral.filter(({ up }) => !up)).toEqual([])
  }
  expect(player.state().adaptive?.bills.some(({ rung }) => rung === 'name')).toBe(true)
  expect(player.state().adaptive?.bills.every(({ cost, fell }) => cost === 0 && fell.length === 0)).toBe(true)
}, 240_000)

test('a play that is paused stands still: the censor makes no move, and its clock does not go on', async () => {
  const { lab, player } = await begun(2)
  await lab.run(5000)
  player.pause(true)
  const before = structuredClone(player.state())
  await lab.run(12_000)
  expect(player.state().free).toMatchObject({ paused: true, atMs: before.free?.atMs })
  expect(player.state().moves).toEqual(before.moves)
  player.pause(false)
  await lab.run(5000)
  expect(player.state().moves.length).toBeGreaterThan(before.moves.length)
}, 120_000)
