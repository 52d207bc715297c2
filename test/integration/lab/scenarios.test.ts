import { describe, expect, test } from 'vitest'
import type { Network } from '../../../electron/core/net/network.ts'
import type { Tampering } from '../../../lab/player/tamper.ts'
import { type MemoryRig, memoryRig } from './memory-rig.ts'

/** A client that keeps trying the service's own address, as an app without any detour would. */
async function stubbornClient(rig: MemoryRig, name: string): Promise<Network> {
  const network = await rig.network(name, null)
  rig.lab.setService(() => {
    const [outer, inner] = rig.lab.pair()
    inner.on('error', () => {})
    inner.pipe(inner)
    return outer
  })
  const again = () => {
    const signal = AbortSignal.timeout(60_000)
    network.connect({ address: '240.149.167.50', port: 443 }, signal).then(
      (stream) => stream.on('error', () => {}).destroy(),
      () => {},
    )
    rig.clock.after(1000, again)
  }
  again()
  return network
}

const failed = (rig: MemoryRig) =>
  rig.player
    .truth()
    .filter((check) => !check.ok)
    .map((check) => `${check.id}: ${check.seen}`)

test('France: what the lab did is what the scenario says it did', { timeout: 120_000 }, async () => {
  const rig = await memoryRig(1, 'france-2023')
  await stubbornClient(rig, 'alice')
  rig.player.play('france-2023', 'alice')
  await rig.lab.run(33_000)
  expect(failed(rig)).toEqual([])
  const state = rig.player.state()
  expect(state.running).toMatchObject({ scenario: 'france-2023', finished: true, step: 6, steps: 6 })
  expect(state.tracker?.total).toBeGreaterThanOrEqual(5)
  expect(state.tracker?.byClient).toEqual({ alice: 0 })
  expect(state.collateral.every((neighbour) => neighbour.up)).toBe(true)
})

test('Russia: own addresses fall, then the clouds with the strangers in them, and elsewhere nothing does', {
  timeout: 120_000,
}, async () => {
  const rig = await memoryRig(1, 'russia-2018-day-one')
  await stubbornClient(rig, 'alice')
  const offers: string[][] = []
  rig.player.offered.on((offer) => offers.push(offer.endpoints.filter(({ plane }) => plane === 'chat').map(({ id }) => id)))
  rig.player.play('russia-2018-day-one', 'alice')
  await rig.lab.run(35_000)
  expect(failed(rig)).toEqual([])
  expect(offers).toEqual([['chat-main', 'chat-cloud-a', 'chat-cloud-b', 'chat-sibling']])
  const state = rig.player.state()
  expect(state.clients).toEqual([{ name: 'alice', vantage: 'ru-moscow-a', online: true }])
  expect(state.collateral.filter((neighbour) => !neighbour.up)).toHaveLength(7)
  expect(state.gates.map((gate) => [gate.at, gate.act])).toContainEqual(['net:ru-a', 'drop'])

  rig.player.stop()
  await rig.lab.run(5000)
  const after = rig.player.state()
  expect(after).toMatchObject({ running: null, gates: [] })
  expect(after.collateral.every((neighbour) => neighbour.up)).toBe(true)
  expect(offers.at(-1)).toEqual(['chat-main', 'chat-sibling'])
})

interface Story {
  readonly id: string
  /** Played whole in a test of its own. */
  readonly played?: true
  /** From, to, and what is no longer there then. */
  readonly swaps: readonly (readonly [from: string, to: string, about: string])[]
}

/** What each is about, answered from the packets: gone without its rules, and with another mechanism in place of its own. */
const stories: readonly Story[] = [
  { id: 'russia-2018-day-one', played: true, swaps: [['drop', 'reset', 'own-dropped: 0 packets']] },
  { id: 'france-2023', played: true, swaps: [['lie', 'silence', 'lied-by-four: 0 providers']] },
  { id: 'russia-2018', swaps: [['drop', 'reset', 'own-dropped: 0 packets']] },
  {
    id: 'iran-2018',
    swaps: [
      ['throttle', 'intercept', 'photos-policed: 0 packets'],
      ['reroute', 'drop', 'unproven-abroad: 0 times'],
    ],
  },
  { id: 'china-2015', swaps: [['reset', 'drop', 'web-cut-from-five: 0 providers']] },
  { id: 'combined-three-planes', swaps: [['lie', 'silence', 'lied: 0 packets']] },
  { id: 'combined-flood-and-block', swaps: [['load', 'drop', 'flooded-there: 0 packets']] },
  { id: 'combined-bad-line-and-block', swaps: [['drop', 'reset', 'dropped: 0 packets']] },
]

async function play(id: string, tampering: Tampering, speed: 1 | 5): Promise<string[]> {
  const rig = await memoryRig(1, id)
  await stubbornClient(rig, 'alice')
  rig.player.tamper(tampering)
  rig.player.play(id, 'alice')
  rig.player.setSpeed(speed)
  await rig.lab.run(rig.player.scenario(id).lastsMs / speed + 500)
  expect(rig.player.state().running?.finished).toBe(true)
  return failed(rig)
}

describe.each(stories.filter(({ played }) => !played))('$id', ({ id }) => {
  test('what the lab did is what the story says it did', { timeout: 120_000 }, async () => {
    expect(await play(id, { removeRules: false, swap: null }, 1)).toEqual([])
  })
})

// What these ask does not hang on how long a story lasts.
describe.each(stories)('$id', ({ id, swaps }) => {
  test('without its rules the truth does not hold', { timeout: 120_000 }, async () => {
    expect(await play(id, { removeRules: true, swap: null }, 5)).toEqual(expect.arrayContaining(swaps.map(([, , about]) => about)))
  })
  for (const [from, to, about] of swaps) {
    test(`with ${from} made ${to} it does not either`, { timeout: 120_000 }, async () => {
      expect(await play(id, { removeRules: false, swap: { from, to } }, 5)).toContain(about)
    })
  }
})

test('a pause holds the story, and the record of moves carries story and run times', { timeout: 120_000 }, async () => {
  const rig = await memoryRig(1, 'russia-2018-day-one')
  await stubbornClient(rig, 'alice')
  rig.player.play('russia-2018-day-one', 'alice')
  await rig.lab.run(4000)
  rig.player.pause(true)
  await rig.lab.run(20_000)
  expect(rig.player.state().running).toMatchObject({ step: 3, speed: 0 })
  rig.player.pause(false)
  await rig.lab.run(3500)
  const { running, moves } = rig.player.state()
  expect(running).toMatchObject({ step: 4, speed: 1 })
  expect(moves.map((move) => [move.side, move.story, move.atMs])).toEqual([
    ['world', '2018-04-04', 0],
    ['service', '2018-04-04T12:00Z', 1500],
    ['world', '2018-04-13', 3500],
    ['service', '2018-04-14', 7000],
  ])
})
