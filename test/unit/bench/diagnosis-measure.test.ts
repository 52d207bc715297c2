/** The calibration of diagnosis itself: it plays what it says, alike for one seed, and counts what was said as it was. */
import { expect, test } from 'vitest'
import { loadScenarios } from '../../../lab/player/library.ts'
import { clean } from '../../bench/diagnosis/clean.ts'
import { accused, toldInRandom, toldInScenario } from '../../bench/diagnosis/judge.ts'
import { upperBound } from '../../bench/diagnosis/report.ts'
import { openAuthorities, type Played, playOn, type Said } from '../../bench/diagnosis/stage.ts'

const near = { rttMs: 20, loss: 0.05 }

test('a near line that loses packets, with nothing wrong, is accused of nothing, and the same seed plays the same', {
  timeout: 60_000,
}, async () => {
  const authorities = await openAuthorities()
  const played = await playOn(clean, near, 3, authorities)
  expect(played.moments[0]?.verdicts.map(({ plane }) => plane)).toEqual(['chat', 'media', 'links', 'web'])
  expect(accused(played, () => true)).toBe('no')
  expect(played.cost.packets).toBeGreaterThan(100)
  expect(await playOn(clean, near, 3, authorities)).toEqual(played)
})

test('a block of addresses is said in its time, and how long it took is counted from its move', { timeout: 60_000 }, async () => {
  const scenario = (await loadScenarios(null)).find(({ card }) => card.id === 'ip-drop')
  if (!scenario) throw new Error('no such scenario')
  const told = toldInScenario(scenario, await playOn(scenario, { rttMs: 80, loss: 0 }, 1, await openAuthorities()))
  expect(told.map(({ isKind, inTime, isMechanism }) => [isKind, inTime, isMechanism])).toEqual(told.map(() => [true, true, true]))
  for (const { times } of told) expect(times?.first).toBeLessThan(5000)
})

const said = (kind: Said['kind'], more: Partial<Said> = {}): Said => ({
  plane: 'chat',
  kind,
  mechanisms: [],
  word: 'confirmed',
  place: 'way',
  ...more,
})
const run = (...verdicts: readonly (readonly [number, Said])[]): Played => ({
  moments: verdicts.map(([atMs, verdict]) => ({ atMs, verdicts: [verdict] })),
  cost: { connections: 0, questions: 0, bytes: 0, packets: 0 },
})

test('of two truths either is right, a mechanism only one that is there, and time counts from the beginning', () => {
  const truth = [{ plane: 'chat', kinds: ['interference', 'overload'], mechanisms: ['sni_drop'], places: ['way', 'service'] }] as const
  const right = run(
    [0, said('ok')],
    [4000, said('overload', { word: 'suspected', place: 'service' })],
    [6000, said('overload', { place: 'service' })],
  )
  expect(toldInRandom(truth, right, 3000, 9000)).toMatchObject([
    { isKind: true, isMechanism: null, isPlace: true, times: { first: 1000, likely: 3000, confirmed: 3000 } },
  ])
  const wrong = run([5000, said('interference', { mechanisms: ['sni_drop', 'ip_drop'] })])
  expect(toldInRandom(truth, wrong, 3000, 9000)).toMatchObject([{ isKind: true, isMechanism: false }])
})

test('whoever was accused once stays on the list, and few runs prove little', () => {
  const once = run([0, said('ok')], [900, said('interference', { word: 'suspected' })], [1000, said('ok')])
  expect(accused(once, () => true)).toBe('suspected')
  expect(accused(once, () => false)).toBe('no')
  expect(upperBound(0, 300)).toBeCloseTo(0.00994, 4)
  expect(upperBound(1, 20)).toBeCloseTo(0.2161, 3)
})

test('an accusation that is taken back at once is told apart from one that stands', () => {
  const accusing = said('interference', { mechanisms: ['ip_drop'] })
  expect(accused(run([0, said('ok')], [900, accusing], [1100, said('ok')]), () => true)).toBe('moment')
  expect(accused(run([0, said('ok')], [900, accusing], [1100, { ...accusing, word: 'likely' }], [2000, said('ok')]), () => true)).toBe(
    'likely',
  )
})
