/** How long nothing gets through when a live path is cut, from the moment of the cut, to the millisecond. R is 80 ms, 70 to the sibling. */
import { describe, expect, it } from 'vitest'
import { at, type Block, blocks, memoryWorld, R } from './memory-world.ts'

const SIBLING_R = 70
/** An echo after the least patience, and suspicion after as much again. */
const SUSPECT_MS = 2 * 350
const WRITE_EVERY_MS = 100

async function connected() {
  const world = await memoryWorld()
  const { lab, clock } = world
  const { reach } = world.reach()
  const log: string[] = []
  reach.link.onOnline(() => log.push('online'))
  reach.link.onOffline(() => log.push('offline'))
  await world.until(() => reach.link.online)
  await lab.run(3_000)
  return {
    ...world,
    reach,
    log,
    /** From now on, as somebody does who writes. Returns when answers came. */
    keepWriting() {
      const answeredAt: number[] = []
      const write = () => {
        reach.link.request('receipt.set', { peer: 'bob', state: 'read', upTo: 1 }).then(
          () => answeredAt.push(clock.monotonic()),
          () => {},
        )
        clock.after(WRITE_EVERY_MS, write)
      }
      write()
      return answeredAt
    },
    /** Resolves with the ms from now until another session is in use. */
    async cut(block: Block) {
      const { raceAt } = reach.state()
      const recipe = reach.state().route?.recipe
      const began = clock.monotonic()
      world.impose(block)
      await world.until(() => reach.state().raceAt !== raceAt && ![undefined, recipe].includes(reach.state().route?.recipe))
      return clock.monotonic() - began
    },
  }
}

describe('while somebody writes', () => {
  it('own addresses are cut: carried on by the sibling within 1.1 seconds, and never without a session', async () => {
    const { cut, keepWriting, lab, reach, log, until } = await connected()
    const answeredAt = keepWriting()
    await lab.run(1_000)
    const lastBefore = answeredAt.at(-1) ?? 0
    expect(await cut(blocks.drop(at.plain, at.second))).toBeLessThanOrEqual(WRITE_EVERY_MS + SUSPECT_MS + 4 * SIBLING_R)
    expect(reach.state()).toMatchObject({ route: { kind: 'sibling' }, lastSwitch: { kind: 'sibling', gapMs: SUSPECT_MS + 4 * SIBLING_R } })
    expect(log).toEqual(['online', 'online'])
    // What was on its way at the cut is answered still; from there to the first answer by the new path.
    const firstAfter = () => answeredAt.findIndex((ms) => ms > lastBefore + 2 * R)
    await until(() => firstAfter() > 0)
    expect((answeredAt[firstAfter()] ?? 0) - (answeredAt[firstAfter() - 1] ?? 0)).toBeLessThan(1_300)
  })

  it('cut again and again, down to the last bridge: each time under 1.5 seconds', async () => {
    const { cut, keepWriting, reach, lab } = await connected()
    keepWriting()
    await lab.run(1_000)
    const blocked = [blocks.drop(at.plain, at.second), blocks.drop(at.sibling), blocks.drop(at.bridges[0])]
    const kinds: unknown[] = []
    for (const block of blocked) {
      expect(await cut(block)).toBeLessThan(1_500)
      kinds.push(reach.state().route?.kind)
      await lab.run(1_000)
    }
    expect(kinds).toEqual(['sibling', 'proxy', 'proxy'])
  })

  it('a path that stutters for half a second is kept, without a dial', async () => {
    const { keepWriting, reach, lab, impose } = await connected()
    keepWriting()
    await lab.run(1_000)
    const lift = impose(blocks.dropRange)
    await lab.run(450)
    lift()
    await lab.run(3_000)
    expect(reach.state()).toMatchObject({ lastSwitch: null, route: { kind: 'plain' } })
    expect(reach.state().attempts).toHaveLength(1)
  })

  it('a reset is got round in half a second', async () => {
    const { cut, keepWriting, lab } = await connected()
    keepWriting()
    await lab.run(1_000)
    expect(await cut({ ...blocks.drop(at.plain, at.second), act: { do: 'reset' } })).toBeLessThanOrEqual(500)
  })
})

describe('while nobody writes', () => {
  it('shortly after somebody wrote, a cut is noticed and got round within 3 s and a race', async () => {
    const { cut, reach, lab } = await connected()
    const answered = reach.link.request('receipt.set', { peer: 'bob', state: 'read', upTo: 1 })
    await lab.run(200)
    await answered
    expect(await cut(blocks.drop(at.plain, at.second))).toBeLessThanOrEqual(3_000 + SUSPECT_MS + 4 * SIBLING_R)
  })

  it('long idle, within 10 s and a race; the gap that is told counts from the first question that went unanswered', async () => {
    const { cut, reach, lab } = await connected()
    await lab.run(60_000)
    expect(await cut(blocks.drop(at.plain, at.second))).toBeLessThanOrEqual(10_000 + SUSPECT_MS + 4 * SIBLING_R)
    expect(reach.state().lastSwitch?.gapMs).toBe(SUSPECT_MS + 4 * SIBLING_R)
  })

  it('and whoever then writes waits no longer than while somebody writes', async () => {
    const { cut, keepWriting, lab } = await connected()
    await lab.run(60_000)
    const gap = cut(blocks.drop(at.plain, at.second))
    keepWriting()
    expect(await gap).toBeLessThanOrEqual(WRITE_EVERY_MS + SUSPECT_MS + 4 * SIBLING_R)
  })
})
