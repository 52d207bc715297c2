/** What comes in its time: the next try, and the return to the plain path. */
import { describe, expect, it } from 'vitest'
import { createKnocks } from '../../../electron/core/reach/knocks.ts'
import { createReturn } from '../../../electron/core/reach/return.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
const random = () => seededRandom(3)

it('knocks at 1, 2, 3, 5, 8, 13, 20 s and then about every 30 s, and from the beginning after a change', () => {
  const clock = new VirtualClock()
  const at: number[] = []
  const knocks = createKnocks({
    clock,
    random: random(),
    onKnock: () => {
      at.push(clock.monotonic() / 1000)
      knocks.next()
    },
  })
  knocks.next()
  expect(knocks.nextAt).toBe(1_000)
  clock.advance(52_000)
  expect(at).toEqual([1, 3, 6, 11, 19, 32, 52])
  clock.advance(36_000)
  expect(at).toHaveLength(8)
  expect(at[7]).toBeGreaterThanOrEqual(76)
  knocks.reset()
  expect(knocks.nextAt).toBeNull()
  knocks.next()
  clock.advance(1_000)
  expect(at).toHaveLength(9)
})

describe('the return to the plain path', () => {
  const build = (test: () => boolean, move = () => true) => {
    const clock = new VirtualClock()
    const tests: number[] = []
    const moves: number[] = []
    const returning = createReturn({
      clock,
      random: { ...random(), fraction: () => 0.5 },
      holdMs: 300_000,
      test: async () => {
        tests.push(clock.monotonic() / 1000)
        return test()
      },
      move: async () => {
        moves.push(clock.monotonic() / 1000)
        return move()
      },
      onChange: () => {},
    })
    return { clock, tests, moves, returning, run: (s: number) => clock.run(s * 1000, settle) }
  }
  it('moves after three tests passed over the whole hold, and says when', async () => {
    const { tests, moves, returning, run } = build(() => true)
    returning.start()
    await run(59)
    expect(returning.state()).toBeNull()
    await run(2)
    expect(returning.state()).toEqual({ readyAt: 360_000, holdMs: 300_000 })
    await run(400)
    expect(tests).toEqual([60, 210, 360])
    expect(moves).toEqual([360])
  })
  it('begins anew after two failures in a row, and waits longer each time', async () => {
    const answers = [true, false, false, false, false]
    const { tests, moves, returning, run } = build(() => answers.shift() ?? false)
    returning.start()
    await run(4_000)
    expect(tests).toEqual([60, 210, 210, 450, 1050, 1950, 2850, 3750])
    expect(moves).toEqual([])
    expect(returning.state()).toBeNull()
  })
  it('forgives one failure between tests that pass, for a poor line loses one now and then', async () => {
    const answers = [true, false, true, true]
    const { tests, moves, returning, run } = build(() => answers.shift() ?? true)
    returning.start()
    await run(400)
    expect(tests).toEqual([60, 210, 210, 360])
    expect(moves).toEqual([360])
  })
  it('tests soon when something else says that the path is free, but not more often than at first', async () => {
    const { tests, returning, run } = build(() => false)
    returning.start()
    await run(500)
    expect(tests).toEqual([60, 300])
    returning.soon()
    await run(1)
    expect(tests).toEqual([60, 300, 500])
    returning.soon()
    returning.soon()
    await run(70)
    expect(tests).toEqual([60, 300, 500, 560])
  })
  it('keeps its rhythm while the path holds, and stays quiet while no detour is in use', async () => {
    const { tests, returning, run } = build(() => true)
    returning.soon()
    await run(100)
    expect(tests).toEqual([])
    returning.start()
    await run(61)
    returning.soon()
    await run(100)
    expect(tests).toEqual([160])
  })
  it('stops when told to', async () => {
    const { tests, returning, run } = build(() => true)
    returning.start()
    await run(100)
    returning.stop()
    await run(1_000)
    expect(tests).toEqual([60])
  })
})
