/** How files of secret chats go: with their message, from both sides, out of every page; and pictures that are seen once. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../shared/util/bytes.ts'
import { png } from '../../../support/picture.ts'
import { decryptedPages } from '../../../support/sqlcipher-pages.ts'
import { type Profile, settle } from '../../chats/profile.ts'
import { notices, type Pair, pass, rows, secured, write } from '../engine/pair.ts'
import { fileOf, handOver, nextId, readAll, until } from './sending.ts'

/** Every pixel spells it, stored as it is. */
const MARK = 'MARMARMARMARMAR'
const picture = png(90, 60, () => [0x4d, 0x41, 0x52])
const holds = (profile: Profile) => decryptedPages(profile.path, profile.storeKey).includes(MARK)
const bytesLeft = (profile: Profile) =>
  profile.store.get('SELECT (SELECT count(*) FROM secret_piece) + (SELECT count(*) FROM secret_sealed_piece) AS count')?.count

const arrive = async ({ clock, alice, bob }: Pair, more: { once?: boolean } = {}) => {
  await handOver(alice, 'bob', 'a.png', picture, more)
  const there = await until(clock, bob, 'alice', 'ready')
  await settle()
  return there?.id ?? ''
}
const open = async (profile: Profile, peer: string, id: string) => {
  await profile.core.handlers['secret.seen']({ chatId: `secret:${peer}`, ids: [id] })
  await settle()
}

describe('a file with a timer', () => {
  it('goes from both sides so long after it was opened, and no page of either database has a byte of it', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await alice.core.handlers['secret.timer']({ chatId: 'secret:bob', ttl: 10_000 })
    const id = await arrive(pair)
    clock.advance(60_000)
    await settle()
    expect((await fileOf(bob, 'alice'))?.vanish).toEqual({ ttl: 10_000, at: null })
    // The scan finds it while it is there.
    expect([holds(alice), holds(bob)]).toEqual([true, true])
    await open(bob, 'alice', id)
    expect((await fileOf(alice, 'bob'))?.vanish).toEqual({ ttl: 10_000, at: clock.now() + 10_000 })
    clock.advance(11_000)
    await settle()
    clock.advance(1)
    await settle()
    for (const [profile, peer] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      expect(await fileOf(profile, peer)).toBeUndefined()
      expect(bytesLeft(profile)).toBe(0)
      expect(profile.store.get('SELECT count(*) AS count FROM secret_file')).toEqual({ count: 0 })
      expect(holds(profile)).toBe(false)
    }
  })

  it('does not begin to vanish before it is here: what was not fetched cannot have been opened', async () => {
    const { clock, alice, bob } = await secured()
    await alice.core.handlers['secret.timer']({ chatId: 'secret:bob', ttl: 10_000 })
    await handOver(alice, 'bob', 'notes.txt', utf8('not a picture'))
    const { id = '' } = (await until(clock, bob, 'alice', 'remote')) ?? {}
    await open(bob, 'alice', id)
    expect((await fileOf(bob, 'alice'))?.vanish?.at).toBeNull()
    await bob.core.handlers['file.fetch']({ messageId: id })
    await until(clock, bob, 'alice', 'ready')
    await open(bob, 'alice', id)
    expect((await fileOf(bob, 'alice'))?.vanish?.at).toBe(clock.now() + 10_000)
  })
})

describe('removing a file for both', () => {
  it('takes it from every page on both sides', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    const id = await arrive(pair)
    await alice.core.handlers['secret.remove']({ chatId: 'secret:bob', ids: [id] })
    await settle()
    clock.advance(1)
    await settle()
    expect([holds(alice), holds(bob)]).toEqual([false, false])
    expect(await notices(bob, 'alice')).toContain('removed')
    await expect(readAll(bob, id)).rejects.toMatchObject({ code: 'no-such-message' })
  })

  it('while it is on its way up ends that, and leaves nothing', async () => {
    const { clock, alice, bob, relay } = await secured()
    await write(alice, 'bob', 'before')
    const { http } = alice.link
    let upload = () => {}
    alice.link.http = async (request, signal) => {
      if (request.method === 'PUT') {
        await new Promise<void>((resolve) => {
          upload = resolve
        })
      }
      return http(request, signal)
    }
    const { id } = await handOver(alice, 'bob', 'a.png', picture)
    await settle()
    await alice.core.handlers['secret.remove']({ chatId: 'secret:bob', ids: [id] })
    upload()
    clock.advance(5000)
    await settle(20)
    expect(relay.media.size).toBe(0)
    expect(await fileOf(bob, 'alice')).toBeUndefined()
    expect((await rows(alice, 'bob')).some(({ body }) => body.kind === 'file')).toBe(false)
    expect(bytesLeft(alice)).toBe(0)
  })
})

it('a file that was not sent after all is in no page any more', async () => {
  const { clock, alice } = await secured()
  const { handlers } = alice.core
  const { fileId } = await handlers['file.begin']({ chatId: 'secret:bob', messageId: nextId(), name: 'a.png', size: picture.length })
  await handlers['file.append']({ fileId, offset: 0, bytes: picture })
  expect(holds(alice)).toBe(true)
  await handlers['file.cancel']({ fileId })
  clock.advance(1)
  expect(holds(alice)).toBe(false)
})

describe('a picture to be seen once', () => {
  it('cannot be looked at before it is opened, and goes from both sides when it is closed', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    const id = await arrive(pair, { once: true })
    expect(await fileOf(bob, 'alice')).toMatchObject({ once: true, transfer: { state: 'ready' } })
    expect(await fileOf(alice, 'bob')).toMatchObject({ once: true })
    await expect(readAll(bob, id)).rejects.toMatchObject({ code: 'refused' })
    await expect(bob.core.handlers['secret.viewed']({ chatId: 'secret:alice', id })).rejects.toMatchObject({ code: 'refused' })
    await open(bob, 'alice', id)
    expect((await readAll(bob, id)).length).toBe(picture.length)
    await bob.core.handlers['secret.viewed']({ chatId: 'secret:alice', id })
    await pass(clock, 3000)
    await pass(clock, 1)
    for (const [profile, peer] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      expect(await fileOf(profile, peer)).toMatchObject({ id, transfer: { state: 'gone', done: 0 } })
      expect(holds(profile)).toBe(false)
      await expect(readAll(profile, id)).rejects.toMatchObject({ code: 'no-such-file' })
      await expect(profile.core.handlers['file.fetch']({ messageId: id })).rejects.toMatchObject({ code: 'no-such-file' })
    }
    // Closing it twice is no mistake.
    await bob.core.handlers['secret.viewed']({ chatId: 'secret:alice', id })
    expect((await fileOf(alice, 'bob'))?.delivery?.state).toBe('read')
  })

  it('goes a minute after it was opened, also when the app was closed before that, and never comes back', async () => {
    const pair = await secured()
    const { clock, bob } = pair
    const id = await arrive(pair, { once: true })
    await open(bob, 'alice', id)
    clock.advance(59_000)
    await settle()
    expect((await fileOf(bob, 'alice'))?.transfer.state).toBe('ready')
    await bob.crash()
    expect((await readAll(bob, id)).length).toBe(picture.length)
    clock.advance(1_001)
    await settle()
    expect((await fileOf(bob, 'alice'))?.transfer.state).toBe('gone')
    bob.link.connect()
    await settle(20)
    expect((await fileOf(bob, 'alice'))?.transfer.state).toBe('gone')
    expect(holds(bob)).toBe(false)
  })

  it('that was due while the app was closed is gone before the first screen can ask', async () => {
    const pair = await secured()
    const id = await arrive(pair, { once: true })
    await open(pair.bob, 'alice', id)
    pair.clock.jumpWall(61_000)
    await pair.bob.crash()
    expect((await fileOf(pair.bob, 'alice'))?.transfer.state).toBe('gone')
  })

  it('says that it was seen even where reading is not shown', async () => {
    const pair = await secured()
    const { bob, alice, clock } = pair
    await bob.core.handlers['settings.set']({ receiptsShown: false })
    const id = await arrive(pair, { once: true })
    await open(bob, 'alice', id)
    await pass(clock, 3000)
    await pass(clock, 1)
    expect((await fileOf(alice, 'bob'))?.transfer.state).toBe('gone')
  })

  it('is a picture in a secret chat and nothing else', async () => {
    const { alice } = await secured()
    await expect(handOver(alice, 'bob', 'a.png', utf8('<svg/>'), { once: true })).rejects.toMatchObject({ code: 'refused' })
    const begun = alice.core.handlers['file.begin']({ chatId: 'cloud:bob', messageId: nextId(), name: 'a.png', size: 9, once: true })
    await expect(begun).rejects.toMatchObject({ code: 'refused' })
  })
})
