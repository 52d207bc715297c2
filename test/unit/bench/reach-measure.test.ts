/** What `npm run bench -- reach` measures, at its smallest: ours against the goals of the design, and one replay against its own constants. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Authority } from '../../../lab/services/authority.ts'
import { blocks, distancesOf, GOAL_RTT_MS } from '../../bench/reach/blocks.ts'
import { CUT, measureCuts, OURS_STANDBY } from '../../bench/reach/cuts.ts'
import { measureLine, OURS } from '../../bench/reach/measure.ts'
import type { Outcome } from '../../bench/reach/outcome.ts'
import { signal } from '../../bench/reach/peers/signal.ts'
import { stageAuthority } from '../../bench/reach/stage.ts'

const line = { rttMs: GOAL_RTT_MS, loss: 0 }
const runs = 2
let authority: Authority
let ours: Outcome[]
beforeAll(async () => {
  authority = await stageAuthority()
  ours = await measureLine({ line, runs, contestants: [OURS], authority })
}, 60_000)

describe.each(blocks)('ours, $title', (block) => {
  const floor = block.floor(distancesOf(line))

  it.each(['first', 'later'] as const)('%s: within the goal of the design, and no faster than physics', (kind) => {
    const outcomes = ours.filter((each) => each.block === block.id)
    expect(outcomes).toHaveLength(runs)
    for (const run of outcomes) {
      expect(run[kind]).toBeGreaterThanOrEqual(floor)
      expect(run[kind]).toBeLessThanOrEqual(block.goal[kind])
    }
  })
})

describe('a live path that is cut', () => {
  let gaps: Outcome[]
  const of = (cut: string, whose: string) => gaps.filter(({ block, who }) => block === cut && who === whose).map(({ first }) => first)
  beforeAll(async () => {
    gaps = await measureCuts({ line, runs, contestants: [OURS], authority })
  }, 60_000)

  it('under two seconds until what was written since is answered', () => {
    expect(gaps).toHaveLength(4 * runs)
    for (const { first } of gaps) expect(first).toBeLessThan(2_000)
  })

  it('with a standby a reset costs no more than the way to the box and back, and silence no connect', () => {
    const { boxMs, rttMs } = distancesOf(line)
    for (const ms of of(CUT.reset, OURS_STANDBY)) expect(ms).toBeLessThanOrEqual(2 * boxMs + rttMs + 1)
    for (const ms of of(CUT.silence, OURS_STANDBY)) expect(ms).toBeLessThan(1_000)
    for (const ms of of(CUT.silence, OURS)) expect(ms).toBeGreaterThanOrEqual(1_000)
  })
})

it('a replay pays the same round trips, look-up first, on top of what its schedule waits for; and one seed gives the same again', async () => {
  const measure = () => measureLine({ line, runs: 1, contestants: [signal.name], authority })
  const once = await measure()
  const of = (id: string) => once.find(({ block }) => block === id)
  const [look, trip] = [8, GOAL_RTT_MS]
  expect(of('none')).toMatchObject({ first: look + 4 * trip })
  expect(of('syn-dropped')).toMatchObject({ first: look + 500 + 4 * trip })
  expect(of('sni-dropped')).toMatchObject({ first: look + trip + 3_000 + 3 * trip, later: look + 4 * trip })
  expect(of('one-proxy')).toMatchObject({ first: null, later: null })
  expect(await measure()).toEqual(once)
})
