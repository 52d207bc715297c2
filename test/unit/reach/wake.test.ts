/** Sleep, wake and another network: noticed from the clocks, and acted on at once. */
import { describe, expect, it } from 'vitest'
import { watchForWake } from '../../../electron/core/reach/wake.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { at, blocks, memoryWorld, R } from './memory-world.ts'

describe('a computer that slept is noticed within a second', () => {
  it('where its own clock stood still meanwhile', () => {
    const clock = new VirtualClock(1e12)
    const woke: number[] = []
    watchForWake(clock, (ms) => woke.push(ms))
    clock.advance(60_000)
    clock.jumpWall(3_600_000)
    clock.advance(1_000)
    expect(woke).toEqual([3_600_000])
    clock.advance(60_000)
    expect(woke).toHaveLength(1)
  })

  it('where its own clock went on, and timers came late', () => {
    const inner = new VirtualClock(1e12)
    let late = 0
    const clock: Clock = {
      now: () => inner.now() + late,
      monotonic: () => inner.monotonic() + late,
      after: (ms, run) => inner.after(ms, run),
    }
    const woke: number[] = []
    watchForWake(clock, (ms) => woke.push(ms))
    inner.advance(10_000)
    late = 30_000
    inner.advance(1_000)
    expect(woke).toEqual([30_000])
  })

  it('and not because the program was busy for some seconds, or its clock was set back', () => {
    const clock = new VirtualClock(1e12)
    const woke: number[] = []
    const stop = watchForWake(clock, (ms) => woke.push(ms))
    for (const ms of [3_000, -3_600_000]) {
      clock.jumpWall(ms)
      clock.advance(5_000)
    }
    stop()
    clock.jumpWall(3_600_000)
    clock.advance(5_000)
    expect(woke).toEqual([])
  })
})

describe('on waking', () => {
  it('a path that died meanwhile is replaced within a second and a race, though nobody writes', async () => {
    const world = await memoryWorld()
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    await world.lab.run(60_000)
    world.impose(blocks.drop(at.plain, at.second))
    world.clock.jumpWall(3_600_000)
    const began = world.clock.monotonic()
    await world.until(() => reach.state().route?.kind === 'sibling')
    expect(world.clock.monotonic() - began).toBeLessThanOrEqual(1_000 + 200 + 4 * R)
  })

  it('a path that still lives is kept: the race beside it ends with the first answer', async () => {
    const world = await memoryWorld()
    const { reach } = world.reach()
    await world.until(() => reach.link.online)
    await world.lab.run(60_000)
    const recipe = reach.state().route?.recipe
    world.clock.jumpWall(3_600_000)
    await world.lab.run(3_000)
    expect(reach.state()).toMatchObject({ route: { recipe }, lastSwitch: null })
    expect(world.relay.logins).toHaveLength(1)
    expect(reach.state().attempts.every(({ outcome }) => outcome !== 'running')).toBe(true)
  })
})
