/** A censor that blocks and unblocks the plain path over and over, for two hours: how often the app moves, and that it says truly when. */
import { describe, expect, it } from 'vitest'
import { createReturn } from '../../../electron/core/reach/return.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'

const HOURS_2 = 2 * 3_600_000
const HOLD = 300_000
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Times, ms, at which the path is blocked and freed by turns; blocked at 0. */
type Flips = readonly number[]

function every(periodMs: number): Flips {
  return Array.from({ length: Math.ceil(HOURS_2 / (periodMs / 2)) }, (_, n) => (n * periodMs) / 2)
}

function atRandom(seed: number, meanMs: number): Flips {
  const random = seededRandom(seed)
  const flips = [0]
  for (let at = 0; at < HOURS_2; flips.push(at)) at += -Math.log(1 - random.fraction()) * meanMs
  return flips
}

/** The plain path carries until it is blocked, then a detour does. */
async function play(flips: Flips, seed: number) {
  const clock = new VirtualClock(1e12)
  let isFree = true
  let onPlain = true
  let switches = 0
  const lies: number[] = []
  let promised: number | null = null
  const returning = createReturn({
    clock,
    random: seededRandom(seed),
    holdMs: HOLD,
    test: async () => isFree,
    async move() {
      if (!isFree) return false
      if (promised === null || clock.now() < promised) lies.push(clock.now())
      onPlain = true
      switches++
      returning.arrived()
      return true
    },
    onChange() {
      promised = returning.state()?.readyAt ?? null
      if (promised !== null && promised < clock.now()) lies.push(clock.now())
    },
  })
  const lose = () => {
    if (!onPlain || isFree) return
    onPlain = false
    switches++
    returning.start()
  }
  flips.forEach((at, n) => {
    clock.after(at, () => {
      isFree = n % 2 === 1
      lose()
    })
  })
  await clock.run(HOURS_2, settle)
  return { switches, lies }
}

describe('two hours', () => {
  it.each([5_000, 30_000, 120_000, 600_000])(
    'of a path that is blocked and free by turns every %i ms: nine switches at most',
    async (period) => {
      for (let seed = 1; seed <= 20; seed++) {
        const { switches, lies } = await play(every(period), seed)
        expect(lies).toEqual([])
        expect(switches).toBeLessThanOrEqual(9)
      }
    },
  )

  it('of a path that comes and goes at random: nine switches at most', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { switches, lies } = await play(atRandom(seed, [5_000, 60_000, 300_000, 900_000][seed % 4] ?? 1), seed)
      expect(lies).toEqual([])
      expect(switches).toBeLessThanOrEqual(9)
    }
  })

  it('of a path that was blocked once for ten minutes: it is returned to, and stays', async () => {
    expect((await play([0, 600_000], 1)).switches).toBe(2)
  })
})

it('a plain path that fails right after the return must hold twice as long, up to six hours; the usual time once it had carried for long', async () => {
  const clock = new VirtualClock(1e12)
  let moves = 0
  const holds: number[] = []
  const returning = createReturn({
    clock,
    random: seededRandom(1),
    holdMs: HOLD,
    test: async () => true,
    async move() {
      moves++
      holds.push((returning.state()?.holdMs ?? 0) / HOLD)
      returning.arrived()
      return true
    },
    onChange() {},
  })
  const untilMoved = async () => {
    returning.start()
    for (const before = moves; moves === before; ) await clock.run(60_000, settle)
  }
  for (let n = 0; n < 9; n++) await untilMoved()
  expect(holds).toEqual([1, 2, 4, 8, 16, 32, 64, 72, 72])
  await clock.run(2 * 72 * HOLD, settle)
  await untilMoved()
  expect(holds.at(-1)).toBe(1)
})

it('nobody is told that the plain path has almost held while a test of it is silent; the countdown goes on when it was a lost packet', async () => {
  const clock = new VirtualClock(1e12)
  let answers: 'at once' | 'late' | 'never' = 'at once'
  let silences = 0
  const told: (number | null)[] = []
  const returning = createReturn({
    clock,
    random: seededRandom(1),
    holdMs: HOLD,
    test(signal) {
      if (answers === 'at once') return Promise.resolve(true)
      const takesMs = answers === 'late' ? 5_000 : 20_000
      if (answers === 'never') silences++
      else answers = 'at once'
      return new Promise((resolve) => clock.after(takesMs, () => resolve(takesMs === 5_000 && !signal.aborted)))
    },
    move: () => Promise.resolve(true),
    onChange: () => told.push(returning.state()?.readyAt ?? null),
  })
  returning.start()
  await clock.run(80_000, settle)
  const [readyAt] = told
  answers = 'late'
  await clock.run(200_000, settle)
  expect(told).toEqual([readyAt, null, readyAt])
  answers = 'never'
  while (silences === 0) await clock.run(1_000, settle)
  await clock.run(4_000, settle)
  expect(returning.state()).toBeNull()
  await clock.run(60_000, settle)
  // Asked once more, and then no word of it until it passes again.
  expect(silences).toBe(2)
  expect(told).toEqual([readyAt, null, readyAt, null])
})
