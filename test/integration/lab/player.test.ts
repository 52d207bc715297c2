/** A run can be paused, hurried, stepped and looked back on; what is shown of a moment is what stood then. */
import { expect, test } from 'vitest'
import { memoryRig } from './memory-rig.ts'

const STORY = 'russia-2018-day-one'

test('a story at five times the speed makes its moves in a fifth of the time, at the same moments of the run', async () => {
  const rig = await memoryRig()
  await rig.network('alice', null)
  const { moves, lastsMs } = rig.player.scenario(STORY)
  const last = moves.at(-1)?.atMs ?? 0
  rig.player.play(STORY, 'alice')
  rig.player.setSpeed(5)
  await rig.lab.run(last / 5 + 5)
  expect(rig.player.state().running).toMatchObject({ step: moves.length, speed: 5, finished: false })
  expect(rig.player.state().moves.map((move) => move.atMs)).toEqual(moves.map((move) => move.atMs))
  await rig.lab.run((lastsMs - last) / 5 + 5)
  expect(rig.player.state().running).toMatchObject({ finished: true })
})

test('slower, paused and hurried again, the clock of the run never jumps', async () => {
  const rig = await memoryRig()
  rig.player.play(STORY, 'alice')
  await rig.lab.run(1000)
  rig.player.setSpeed(0.5)
  await rig.lab.run(1000)
  expect(rig.player.state().running?.atMs).toBe(1500)
  rig.player.pause(true)
  rig.player.setSpeed(2)
  await rig.lab.run(5000)
  expect(rig.player.state().running).toMatchObject({ atMs: 1500, speed: 0, rate: 2 })
  rig.player.pause(false)
  await rig.lab.run(1000)
  expect(rig.player.state().running).toMatchObject({ atMs: 3500, speed: 2 })
})

test('a step makes the next move at once and leaves a paused story paused; the last step ends it', async () => {
  const rig = await memoryRig()
  const { moves } = rig.player.scenario(STORY)
  rig.player.play(STORY, 'alice')
  await rig.lab.run(10)
  rig.player.pause(true)
  for (let made = rig.player.state().running?.step ?? 0; made < moves.length; made++) {
    rig.player.step()
    expect(rig.player.state().running).toMatchObject({ step: made + 1, atMs: moves[made]?.atMs, speed: 0 })
  }
  rig.player.step()
  expect(rig.player.state().running).toMatchObject({ finished: true })
})

test('looking back shows gates, moves and people as they stood, while the run itself goes on', async () => {
  const rig = await memoryRig()
  await rig.network('alice', null)
  const seen = new Map<number, ReturnType<typeof rig.player.state>>()
  const { moves } = rig.player.scenario(STORY)
  rig.player.play(STORY, 'alice')
  await rig.lab.run(10)
  rig.player.pause(true)
  while ((rig.player.state().running?.step ?? 0) < moves.length) {
    rig.player.step()
    seen.set(rig.player.state().running?.atMs ?? 0, structuredClone(rig.player.state()))
  }
  const now = rig.player.state()
  rig.player.place('alice', 'nl-a')
  expect(new Set([...seen.values()].map((state) => state.gates.length)).size).toBeGreaterThan(1)
  for (const [atMs, state] of seen) {
    const { running, gates, moves, clients, nodes } = rig.player.at(atMs)
    expect({ gates, moves, clients, nodes }).toEqual({
      gates: state.gates,
      moves: state.moves,
      clients: state.clients,
      nodes: state.nodes,
    })
    expect(running).toMatchObject({ atMs, step: state.running?.step, story: state.running?.story })
  }
  expect(rig.player.state().running?.atMs).toBe(now.running?.atMs)
  expect(rig.player.at(Number.MAX_SAFE_INTEGER).running?.atMs).toBe(now.running?.atMs)
  rig.player.stop()
  expect(() => rig.player.at(0)).toThrow('bad-input')
})
