/** A file of 5 MB while the routes that carry it are cut three times: it goes on where it was, on another, and arrives once. Up and down, on a virtual clock. */
import { expect, test } from 'vitest'
import { filesHere } from './files-here.ts'

const SIZE = 5_000_000
const place = { places: ['ru-moscow-a'] }
const drop = { do: 'drop' as const }
const own = { id: 'own', label: 'Cuts the usual addresses', match: { ...place, to: ['240.149.167.0/24'] }, act: drop }
const bridges = { id: 'bridges', label: 'Cuts the bridges', match: { ...place, to: ['240.94.10.5/32', '240.95.20.8/32'] }, act: drop }
/** So that it lasts. */
const slow = { id: 'slow', label: 'Slows', match: place, act: { do: 'throttle' as const, kbps: 4_000 } }

const moves = [
  { atMs: 1_000, start: ['slow'] },
  { atMs: 6_000, start: ['own'] },
  { atMs: 12_000, start: ['bridges'], end: ['own'] },
  { atMs: 18_000, start: ['own'], end: ['bridges'] },
  { atMs: 28_000, end: ['own'] },
]

test.each(['alice', 'bob'] as const)('from %s', { timeout: 120_000 }, async (writer) => {
  const up = writer === 'alice'
  const there = await filesHere([own, bridges, slow], moves)
  const { here } = there
  const reader = up ? 'bob' : 'alice'
  await here.run(2_000)
  const before = up ? null : await there.send('bob', SIZE)
  if (before) await there.untilFile('alice', ({ mine }) => !mine, 60_000)
  const states: { state: string; done: number }[] = []
  here.person('alice').core.on('message.changed', ({ body }) => void (body.kind === 'file' && states.push(body.transfer)))
  await there.play()
  await here.run(4_000)
  const bytes = before ?? (await there.send('alice', SIZE))
  await there.untilFile(reader, ({ mine }) => !mine, 90_000)
  await here.until(here.person(reader).core.call('file.fetch', { messageId: (await there.newest(reader))?.id ?? '' }))
  await there.untilFile(reader, ({ body }) => body.kind === 'file' && body.transfer.state === 'ready', 90_000)
  expect((await there.read(reader)).equals(bytes)).toBe(true)

  const moving = states.filter(({ state, done }) => state === (up ? 'uploading' : 'downloading') && done > 0)
  expect(moving.length).toBeGreaterThan(10)
  // Never from the start again, though it broke off each time.
  expect(moving.map(({ done }) => done)).toEqual(moving.map(({ done }) => done).sort((a, b) => a - b))
  const [first, last] = [moving[0], moving.at(-1)].map((state) => states.indexOf(state ?? { state: '', done: 0 }))
  expect(states.slice(first, last).filter(({ state }) => state === 'waiting' || state === 'remote').length).toBeGreaterThanOrEqual(3)
  const { messages } = await here.until(here.person(reader).core.call('message.list', { chatId: `cloud:${writer}`, limit: 10 }))
  expect(messages.filter(({ body }) => body.kind === 'file')).toHaveLength(1)
})
