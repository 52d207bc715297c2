/** The race as bars: one axis, running parts that grow, and the race as it stood at any moment. */
import { describe, expect, it } from 'vitest'
import { niceTicks, raceSpan, waterfall, winningSteps, withoutRace } from '../../../renderer/src/features/path/waterfall-model.ts'
import { attempt, lookingPath, quietPath, russiaPath } from '../../support/path-fixtures.ts'

describe('the waterfall of a race', () => {
  it('puts every attempt on one axis in the order they began', () => {
    const shown = waterfall(russiaPath.attempts.toReversed(), 99_999)
    expect(shown.spanMs).toBe(1_480)
    expect(shown.rows.map((row) => row.attempt.id)).toEqual([1, 2, 3, 4])
    expect(shown.rows[3]?.bars).toEqual([
      { phase: 'reach', from: 750, to: 1_068, outcome: 'ok' },
      { phase: 'encrypt', from: 1_068, to: 1_316, outcome: 'ok' },
      { phase: 'recognise', from: 1_316, to: 1_480, outcome: 'ok' },
    ])
  })

  it('lets what still runs grow with the time, and the axis with it', () => {
    expect(raceSpan(lookingPath.attempts, 3_000)).toBe(3_000)
    const running = waterfall(lookingPath.attempts, 3_000).rows.find((row) => row.attempt.outcome === 'running')
    expect(running?.bars.at(-1)).toMatchObject({ phase: 'reach', to: 3_000, outcome: 'running' })
  })

  it('shows the race as it stood at a moment, without knowing the end', () => {
    const then = waterfall(russiaPath.attempts, 0, 600)
    expect(then.spanMs).toBe(1_480)
    expect(then.rows.map((row) => row.outcome)).toEqual(['running', 'running', 'running', 'waiting'])
    expect(then.rows.flatMap((row) => row.bars).every((bar) => bar.to <= 600)).toBe(true)
    expect(waterfall(russiaPath.attempts, 0, 700).rows[2]?.outcome).toBe('failed')
    expect(waterfall(russiaPath.attempts, 0, 1_480).rows.map((row) => row.outcome)).toEqual(['cancelled', 'failed', 'failed', 'won'])
  })

  it('keeps a bar of an attempt that ended at once', () => {
    const instant = attempt(9, 'address', 'x', 100, 'failed', [['reach', 0, 0, 'failed', 'refused']])
    expect(waterfall([instant], 0).rows[0]?.bars).toEqual([{ phase: 'reach', from: 100, to: 100, outcome: 'failed' }])
  })

  it('says which route is in use without having won the race, and says nothing of a winner, an older route or a race under way', () => {
    const { route, raceAt } = russiaPath
    if (!route || raceAt === null) throw new Error('a race that was won')
    const standby = { ...route, recipe: 'what stood ready', since: raceAt + 5_000 }
    expect(withoutRace({ ...russiaPath, route: standby })).toEqual(standby)
    expect(withoutRace(russiaPath)).toBeNull()
    expect(withoutRace({ ...russiaPath, route: { ...standby, since: raceAt - 1 } })).toBeNull()
    expect(withoutRace({ ...lookingPath, route: standby })).toBeNull()
  })

  it('marks the axis at round figures from zero, never past its end', () => {
    for (const span of [1, 7, 84, 342, 1_480, 60_000]) {
      const ticks = niceTicks(span)
      expect(ticks[0]).toBe(0)
      expect(ticks.length).toBeGreaterThanOrEqual(3)
      expect(ticks.length).toBeLessThanOrEqual(11)
      expect(ticks.at(-1)).toBeLessThanOrEqual(span)
    }
  })

  it('times the four steps of the attempt that won, leaving out what it did not need', () => {
    expect(winningSteps(quietPath.attempts)?.ms).toEqual({ lookup: 21, reach: 82, encrypt: 163, recognise: 76 })
    expect(winningSteps(russiaPath.attempts)?.ms.lookup).toBeNull()
    expect(winningSteps(lookingPath.attempts)).toBeNull()
  })
})
