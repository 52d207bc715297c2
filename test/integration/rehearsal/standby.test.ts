/** Two people who write without a pause while the way in use is cut, with a second connection kept ready: nothing lost or doubled, order kept. */
import { expect, test } from 'vitest'
import { startTraffic } from '../../../electron/host/lab-run/traffic.ts'
import { filesHere } from './files-here.ts'

const own = { places: ['ru-moscow-a'], to: ['240.149.167.0/24'] }

test.each([
  ['reset', 450],
  ['drop', 1_100],
] as const)('by a box that does %s: no two messages are further apart than %i ms', { timeout: 90_000 }, async (act, longestMs) => {
  const { here, play } = await filesHere([{ id: 'cut', label: 'Cuts', match: own, act: { do: act } }], [{ atMs: 20_000, start: ['cut'] }])
  const { clock, person, run, until } = here
  for (const name of ['alice', 'bob']) await until(person(name).core.call('settings.set', { standby: 'always' }))
  await run(2_000)
  await play()
  await run(9_000)
  const before = await until(person('alice').core.call('path.get', {}))
  expect(before).toMatchObject({ route: { kind: 'plain' }, standby: { kind: 'sibling' } })
  const traffic = startTraffic([person('alice'), person('bob')], 100, clock)
  await run(25_000)
  const after = await until(person('alice').core.call('path.get', {}))
  expect(after.route?.recipe).toBe(before.standby?.recipe)
  if (act === 'reset') expect(after.lastSwitch?.gapMs).toBe(0)
  const delivery = await until(traffic.finish(30_000))
  expect(delivery).toMatchObject({ ok: true, lost: 0, duplicated: 0, ordered: true })
  expect(delivery.maxGapMs).toBeLessThanOrEqual(longestMs)
})
