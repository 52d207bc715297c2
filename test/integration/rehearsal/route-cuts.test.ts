/** A file of 5 MB while the routes that carry it up are cut three times: it goes on where it was, on another, and arrives once. On a virtual clock. */
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

test('it is whole in the end, and never begins from the start again', { timeout: 120_000 }, async () => {
  const there = await filesHere([own, bridges, slow], moves)
  const { here } = there
  const { core } = here.person('alice')
  const done: number[] = []
  core.on('message.changed', ({ body }) => {
    if (body.kind === 'file' && body.transfer.state === 'uploading') done.push(body.transfer.done)
  })
  const recipes = new Set<string>()
  core.on('path.changed', ({ remembered }) => {
    for (const { plane, recipe } of remembered) if (plane === 'media') recipes.add(recipe)
  })
  await here.run(2_000)
  await there.play()
  await here.run(4_000)
  const bytes = await there.send('alice', SIZE)
  await there.untilFile('bob', ({ mine }) => !mine, 90_000)
  await here.until(here.person('bob').core.call('file.fetch', { messageId: (await there.newest('bob'))?.id ?? '' }))
  await there.untilFile('bob', ({ body }) => body.kind === 'file' && body.transfer.state === 'ready', 90_000)
  expect((await there.read('bob')).equals(bytes)).toBe(true)
  const moving = done.filter((at) => at > 0)
  expect(moving.length).toBeGreaterThan(10)
  expect(moving).toEqual([...moving].sort((a, b) => a - b))
  expect(recipes.size).toBeGreaterThan(1)
  const { messages } = await here.until(here.person('bob').core.call('message.list', { chatId: 'cloud:alice', limit: 10 }))
  expect(messages.filter(({ body }) => body.kind === 'file')).toHaveLength(1)
})
