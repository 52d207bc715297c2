import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { coresHere } from '../../support/core-here.ts'
import { settle, uuid } from '../../unit/chats/profile.ts'

const here = coresHere()
const { startProcess, input } = here

it('starts a practice profile with its contacts, sends and receives over one port, and finds all of it after a stop', async () => {
  const { client, links } = startProcess()
  const early = client.call('self.get', {})
  const { card } = await client.call('core.start', input())
  expect(await early).toMatchObject({ handle: 'alice', card, practice: true })
  const changed: string[] = []
  client.on('message.changed', (message) => void changed.push(message.delivery?.state ?? ''))
  links[0]?.connect()
  await client.call('message.send', { id: uuid('x'), chatId: 'cloud:bob', text: 'hello' })
  await settle()
  expect(changed).toEqual(['queued', 'sent'])
  await client.call('core.stop', {})

  const again = startProcess()
  expect(await again.client.call('core.start', input({ handle: null }))).toEqual({ card })
  expect(await again.client.call('chat.list', {})).toMatchObject([
    { id: 'cloud:bob', peer: { source: 'card' }, last: { preview: 'hello' } },
  ])
})

it('keeps the profile to its owner', async () => {
  await startProcess().client.call('core.start', input())
  if (process.platform !== 'win32') {
    expect(statSync(join(here.folder, 'alice')).mode & 0o077).toBe(0)
    expect(statSync(join(here.folder, 'alice', 'store.key')).mode & 0o077).toBe(0)
  }
})

it('opens a profile by the key of the shell, never leaves that beside it, and refuses another', async () => {
  const storeKey = toBase64Url(new Uint8Array(32).fill(5))
  const { client, control } = startProcess()
  await client.call('core.start', input({ storeKey }))
  expect((await client.call('self.get', {})).practice).toBe(false)
  expect(existsSync(join(here.folder, 'alice', 'store.key'))).toBe(false)
  await control.stop()
  const other = startProcess().client
  await expect(other.call('core.start', input({ storeKey: toBase64Url(new Uint8Array(32).fill(6)) }))).rejects.toMatchObject({
    code: 'store-locked',
  })
  await expect(other.call('core.start', input())).rejects.toMatchObject({ code: 'store-locked' })
  await other.call('core.start', input({ storeKey }))
})

it.each([
  ['no handle for a new profile', { handle: null }, 'bad-input'],
  ['a handle that is none', { handle: 'A b' }, 'bad-input'],
  ['a contact that is no card', { contacts: ['bob'] }, 'bad-input'],
  ['no bundle', { bundlePath: '/nowhere/bundle.json' }, 'bad-bundle'],
])('says what is wrong with %s, and can be asked again', async (_what, over, code) => {
  const { client } = startProcess()
  await expect(client.call('core.start', input(over))).rejects.toMatchObject({ code })
  await client.call('core.start', input())
})

it('does not take another handle for a profile, nor a second profile', async () => {
  const { client, control } = startProcess()
  await client.call('core.start', input())
  await expect(client.call('core.start', input())).rejects.toMatchObject({ code: 'already-there' })
  await control.stop()
  await expect(startProcess().client.call('core.start', input({ handle: 'mallory' }))).rejects.toMatchObject({ code: 'bad-input' })
})

it('names a damaged store, and leaves it as it was', async () => {
  const { client, control } = startProcess()
  await client.call('core.start', input())
  await control.stop()
  const path = join(here.folder, 'alice', 'store.db')
  const damaged = readFileSync(path)
  damaged.writeUInt8(damaged.readUInt8(5000) ^ 1, 5000)
  writeFileSync(path, damaged)
  await expect(startProcess().client.call('core.start', input())).rejects.toMatchObject({ code: 'store-damaged' })
  expect(readFileSync(path).equals(damaged)).toBe(true)
})

it('publishes a page, reads what the relay holds, and says so when it cannot ask', async () => {
  const { client, links } = startProcess()
  await client.call('core.start', input())
  await expect(client.call('relay.holdings', {})).rejects.toMatchObject({ code: 'not-connected' })
  links[0]?.connect()
  expect(await client.call('relay.holdings', {})).toMatchObject({ tables: [] })
  expect(await client.call('link.publish', { title: 'T', text: 'text' })).toEqual({ url: 'https://links.relay.test/a-page' })
  here.relay.refuse = () => ({ code: 'overloaded' })
  await expect(client.call('link.publish', { title: 'T', text: 'text' })).rejects.toMatchObject({ code: 'refused' })
})

it('keeps settings, tells every change, and takes nothing unknown', async () => {
  const { client, control } = startProcess()
  await client.call('core.start', input())
  expect(await client.call('settings.get', {})).toMatchObject({ theme: 'system', receiptsShown: true, tourStep: 0 })
  const told: unknown[] = []
  client.on('settings.changed', (settings) => void told.push(settings.theme))
  await client.call('settings.set', { theme: 'dark' })
  await expect(client.call('settings.set', { theme: 'pink' as 'dark' })).rejects.toMatchObject({ code: 'bad-input' })
  expect(told).toEqual(['dark'])
  await control.stop()
  const again = startProcess().client
  await again.call('core.start', input())
  expect((await again.call('settings.get', {})).theme).toBe('dark')
})

it('answers every call of the contract that is the engine’s', async () => {
  const { client } = startProcess()
  await client.call('core.start', input())
  expect(await client.call('path.get', {})).toMatchObject({ status: 'looking', verdicts: [] })
  for (const name of ['path.return', 'path.retry', 'path.probe'] as const) expect(await client.call(name, {})).toEqual({})
  await expect(client.call('chat.read', { chatId: 'cloud:nobody', order: 1 })).rejects.toMatchObject({ code: 'no-such-chat' })
  await expect(client.call('message.retry', { id: uuid('none') })).rejects.toMatchObject({ code: 'no-such-message' })
  expect(await client.call('contact.list', {})).toHaveLength(1)
})
