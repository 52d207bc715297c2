/** The lock of a profile as the screens meet it: a passphrase set, asked for at the start, and the screens taken away while the engine goes on. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { bobKey, type CoreHere, coresHere } from '../../support/core-here.ts'
import { settle, uuid } from '../../unit/chats/profile.ts'

const locked = { code: 'store-locked' }
const words = 'a rather long one'
/** Each try is a second of work, as it is for people. */
/** Each passphrase is made hard to guess by work: seconds of it where others work, too. */
const slow = { timeout: 180_000 }

const here = coresHere()

/** With what was told to its screens. */
function startProcess() {
  const { client, control, links } = here.startProcess()
  const told: string[] = []
  for (const name of ['message.changed', 'chat.changed', 'profile.changed'] as const) client.on(name, () => void told.push(name))
  return { client, control, link: () => links[0], told }
}

const start = (client: CoreHere['client'], over: object = {}) => client.call('core.start', here.input(over))

/** A profile with a passphrase, running and open. */
async function withPassphrase() {
  const process = startProcess()
  await start(process.client)
  expect(await process.client.call('profile.setPassphrase', { current: null, next: words })).toMatchObject({ passphrase: true })
  return process
}

it('says what keeps the key of a profile, before and after', slow, async () => {
  const { client, control } = startProcess()
  await start(client)
  expect(await client.call('profile.get', {})).toEqual({ locked: false, bringing: false, passphrase: false, keeper: 'file' })
  await expect(client.call('profile.lock', {})).rejects.toMatchObject({ code: 'refused' })
  await control.stop()
  const other = startProcess()
  const storeKey = toBase64Url(new Uint8Array(32).fill(5))
  await start(other.client, { profileDir: join(here.folder, 'carol'), handle: 'carol', storeKey, keychain: 'weak' })
  expect(await other.client.call('profile.get', {})).toMatchObject({ keeper: 'weak-keychain' })
})

it(
  'is locked at the next start, tells and does nothing, takes a wrong passphrase as often as it is given, and opens with the right one',
  slow,
  async () => {
    const before = await withPassphrase()
    await before.client.call('message.send', { id: uuid('x'), chatId: 'cloud:bob', text: 'kept' })
    await before.control.stop()
    expect(existsSync(join(here.folder, 'alice', 'store.key'))).toBe(false)

    const { client, link, told } = startProcess()
    const early = client.call('chat.list', {})
    early.catch(() => {})
    expect(await start(client)).toEqual({ card: null })
    await expect(early).rejects.toMatchObject(locked)
    expect(await client.call('profile.get', {})).toMatchObject({ locked: true, passphrase: true })
    await expect(client.call('self.get', {})).rejects.toMatchObject(locked)
    await expect(client.call('profile.setPassphrase', { current: words, next: null })).rejects.toMatchObject(locked)
    for (const guess of ['a rather long', `${words} `]) {
      await expect(client.call('profile.unlock', { passphrase: guess })).rejects.toMatchObject(locked)
    }
    expect(link()).toBeUndefined()
    expect(told).toEqual([])
    expect(await client.call('profile.unlock', { passphrase: words })).toMatchObject({ locked: false })
    expect(await client.call('chat.list', {})).toMatchObject([{ id: 'cloud:bob', last: { preview: 'kept' } }])
    expect(told).toContain('profile.changed')
    expect(here.logged.join()).not.toContain('rather')
  },
)

it('takes the screens away at once and goes on receiving, and no timer begins for what nobody sees', slow, async () => {
  const { client, link, told } = await withPassphrase()
  link()?.connect()
  await client.call('message.send', { id: uuid('x'), chatId: 'cloud:bob', text: 'before' })
  await settle()
  const late = client.call('message.list', { chatId: 'cloud:bob', limit: 10 })
  late.catch(() => {})
  expect(await client.call('profile.lock', {})).toMatchObject({ locked: true })
  told.length = 0
  here.relay.post({ handle: 'bob', key: bobKey, device: 'B'.repeat(22) }, 1, 'alice', { kind: 'text', text: 'while locked' })
  await settle()
  expect(told).toEqual([])
  for (const name of ['chat.list', 'contact.list', 'settings.get'] as const)
    await expect(client.call(name, {})).rejects.toMatchObject(locked)
  await expect(client.call('secret.seen', { chatId: 'secret:bob', ids: [uuid('s')] })).rejects.toMatchObject(locked)
  await expect(client.call('chat.read', { chatId: 'cloud:bob', order: 1e9 })).rejects.toMatchObject(locked)
  await expect(client.call('profile.unlock', { passphrase: 'wrong' })).rejects.toMatchObject(locked)
  await client.call('profile.unlock', { passphrase: words })
  expect((await client.call('message.list', { chatId: 'cloud:bob', limit: 10 })).messages).toMatchObject([
    { body: { text: 'before' } },
    { body: { text: 'while locked' } },
  ])
  expect((await client.call('chat.list', {}))[0]?.unread).toBe(1)
})

it('locks by itself after the chosen time without input, also when the computer slept meanwhile', slow, async () => {
  const { client } = await withPassphrase()
  const isLocked = async () => (await client.call('profile.get', {})).locked
  await client.call('settings.set', { autoLock: 5 })
  for (let minute = 0; minute < 12; minute += 4) {
    here.clock.advance(4 * 60_000)
    await client.call('profile.active', {})
  }
  expect(await isLocked()).toBe(false)
  here.clock.advance(5 * 60_000 + 5000)
  expect(await isLocked()).toBe(true)
  // What a locked page says about input keeps nothing open.
  await client.call('profile.active', {})
  await client.call('profile.unlock', { passphrase: words })
  here.clock.jumpWall(6 * 60_000)
  here.clock.advance(5000)
  expect(await isLocked()).toBe(true)
  await client.call('profile.unlock', { passphrase: words })
  await client.call('settings.set', { autoLock: 0 })
  here.clock.advance(24 * 3600_000)
  expect(await isLocked()).toBe(false)
})

it('never locks itself where there is no passphrase to open it with', async () => {
  const { client } = startProcess()
  await start(client)
  await client.call('settings.set', { autoLock: 5 })
  here.clock.advance(3600_000)
  expect(await client.call('profile.get', {})).toMatchObject({ locked: false })
})

it('opens without a passphrase again once it was removed by whoever knows it', slow, async () => {
  const { client, control } = await withPassphrase()
  await expect(client.call('profile.setPassphrase', { current: 'guess', next: null })).rejects.toMatchObject(locked)
  expect(await client.call('profile.setPassphrase', { current: words, next: null })).toMatchObject({ passphrase: false })
  await control.stop()
  const again = startProcess()
  expect((await start(again.client)).card).toMatch(/^alice:/)
})

it('lets an account in that comes from another computer, once its passphrase is given, and asks for it no second time', slow, async () => {
  const home = startProcess()
  await start(home.client)
  const { text } = await home.client.call('account.export', { passphrase: words })
  const { card } = await home.client.call('self.get', {})
  const there = { profileDir: join(here.folder, 'another computer'), contacts: [], account: { text, passphrase: null } }

  const away = startProcess()
  expect(await start(away.client, there)).toEqual({ card: null })
  expect(await away.client.call('profile.get', {})).toMatchObject({ locked: true, bringing: true, passphrase: false })
  await expect(away.client.call('chat.list', {})).rejects.toMatchObject(locked)
  await expect(away.client.call('profile.unlock', { passphrase: 'another one' })).rejects.toMatchObject(locked)
  expect(await away.client.call('profile.get', {})).toMatchObject({ bringing: true })
  expect(await away.client.call('profile.unlock', { passphrase: words })).toMatchObject({ locked: false, bringing: false })
  expect((await away.client.call('self.get', {})).card).toBe(card)
  expect(await away.client.call('contact.list', {})).toMatchObject([{ handle: 'bob', source: 'card' }])
  await away.control.stop()

  const again = startProcess()
  expect(await start(again.client, there)).toEqual({ card })
  await expect(start(startProcess().client, { ...there, handle: 'eve', profileDir: join(here.folder, 'eve') })).rejects.toMatchObject({
    code: 'bad-account',
  })
  expect(here.logged.join()).not.toContain('rather')
})
