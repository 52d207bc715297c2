/** A photo of 1 MB through a censor that freezes every connection after 16 kB: by the whole app, up and down, on a virtual clock. */
import { expect, test } from 'vitest'
import { filesHere } from './files-here.ts'

const PHOTO = 1_000_000
const freeze = {
  id: 'freeze',
  label: 'Stops every flow after 16 kB',
  match: { places: ['ru-moscow-a'] },
  act: { do: 'freeze' as const, afterBytes: 16_384 },
}

test('goes up and comes down in slices, up within 30 s, down within 15 s', { timeout: 180_000 }, async () => {
  const there = await filesHere([freeze], [{ atMs: 1_000, start: ['freeze'] }])
  const { here } = there
  await here.run(2_000)
  await there.play()
  await here.run(2_000)
  const up = await there.send('alice', PHOTO)
  const upMs = await there.untilFile('bob', ({ body }) => body.kind === 'file', 60_000)
  const message = await there.newest('bob')
  await here.until(here.person('bob').core.call('file.fetch', { messageId: message?.id ?? '' }))
  await there.untilFile('bob', ({ body }) => body.kind === 'file' && body.transfer.state === 'ready', 60_000)
  expect((await there.read('bob')).equals(up)).toBe(true)

  const down = await there.send('bob', PHOTO)
  await there.untilFile('alice', ({ body, mine }) => body.kind === 'file' && !mine, 60_000)
  await here.until(here.person('alice').core.call('file.fetch', { messageId: (await there.newest('alice'))?.id ?? '' }))
  const downMs = await there.untilFile('alice', ({ body }) => body.kind === 'file' && body.transfer.state === 'ready', 60_000)
  expect((await there.read('alice')).equals(down)).toBe(true)
  expect(upMs).toBeLessThan(30_000)
  // By then it is known what passes here.
  expect(downMs).toBeLessThan(15_000)
})
