import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { FakeRelay } from './fake-relay.ts'
import { introduce, Profile, settle } from './profile.ts'

let clock: VirtualClock
let relay: FakeRelay
let alice: Profile
let bob: Profile

beforeEach(async () => {
  clock = new VirtualClock(1_700_000_000_000)
  relay = new FakeRelay(clock)
  alice = new Profile({ relay, clock, handle: 'alice' })
  bob = new Profile({ relay, clock, handle: 'bob' })
})
afterEach(async () => {
  await alice.end()
  await bob.end()
})

const keyOf = (profile: Profile) => profile.card.split(':')[1] ?? ''
const device = (fill: number) => toBase64Url(new Uint8Array(16).fill(fill))

function message(from: Profile, to: Profile, over: Partial<Extract<StreamItem, { kind: 'message' }>> = {}): StreamItem {
  return {
    kind: 'message',
    seq: relay.nextSeq(),
    from: from.handle,
    fromKey: keyOf(from),
    to: to.handle,
    toKey: keyOf(to),
    device: device(1),
    cid: 1,
    body: { kind: 'text', text: 'hello' },
    at: clock.now(),
    ...over,
  }
}

describe('a message from somebody new', () => {
  it('makes the person and the chat, marked as heard of from the relay, and counts as unread', async () => {
    relay.post({ handle: 'bob', key: keyOf(bob), device: device(1) }, 1, 'alice', { kind: 'text', text: 'hi' })
    alice.link.connect()
    const chat = await alice.chat('bob')
    expect(chat.peer).toEqual({ handle: 'bob', key: keyOf(bob), source: 'relay' })
    expect(chat.unread).toBe(1)
    expect(chat.last).toMatchObject({ preview: 'hi', mine: false, isFile: false })
    expect(alice.told('chat.changed').at(-1)?.id).toBe('cloud:bob')
  })

  it('whose card the user adds later becomes a contact by card, and only once', async () => {
    relay.post({ handle: 'bob', key: keyOf(bob), device: device(1) }, 1, 'alice', { kind: 'text', text: 'hi' })
    alice.link.connect()
    expect((await alice.core.handlers['contact.add']({ card: bob.card })).peer.source).toBe('card')
    await expect(alice.core.handlers['contact.add']({ card: bob.card })).rejects.toMatchObject({ code: 'already-there' })
    await expect(alice.core.handlers['contact.add']({ card: alice.card })).rejects.toMatchObject({ code: 'own-card' })
    expect(await alice.texts('bob')).toEqual(['hi'])
  })
})

describe('unread', () => {
  it('counts what was not seen, shows where it begins, and ends with reading', async () => {
    alice.link.connect()
    const from = { handle: 'bob', key: keyOf(bob), device: device(1) }
    for (let cid = 1; cid <= 3; cid++) relay.post(from, cid, 'alice', { kind: 'text', text: `number ${cid}` })
    await settle()
    const [first, second, third] = await alice.messages('bob')
    await alice.core.handlers['chat.read']({ chatId: 'cloud:bob', order: first?.order ?? 0 })
    expect(await alice.chat('bob')).toMatchObject({ unread: 2, firstUnread: second?.order })
    await alice.restart()
    expect(await alice.chat('bob')).toMatchObject({ unread: 2, firstUnread: second?.order })
    await alice.core.handlers['chat.read']({ chatId: 'cloud:bob', order: third?.order ?? 0 })
    expect(await alice.chat('bob')).toMatchObject({ unread: 0, firstUnread: null })
    await alice.core.handlers['chat.read']({ chatId: 'cloud:bob', order: 1 })
    expect((await alice.chat('bob')).unread).toBe(0)
  })

  it('ends when another device of the same account has read the chat', async () => {
    alice.link.connect()
    const { seq } = relay.post({ handle: 'bob', key: keyOf(bob), device: device(1) }, 1, 'alice', { kind: 'text', text: 'hi' })
    await settle()
    relay.inject('alice', { kind: 'receipt', seq: relay.nextSeq(), by: 'alice', peer: 'bob', state: 'read', upTo: seq, at: 0 })
    await settle()
    expect((await alice.chat('bob')).unread).toBe(0)
  })
})

describe('the stream', () => {
  it('is read to its end over many pages while more is being written', async () => {
    relay.pageSize = 3
    const from = { handle: 'bob', key: keyOf(bob), device: device(1) }
    for (let cid = 1; cid <= 10; cid++) relay.post(from, cid, 'alice', { kind: 'text', text: `number ${cid}` })
    alice.link.connect()
    for (let cid = 11; cid <= 20; cid++) relay.post(from, cid, 'alice', { kind: 'text', text: `number ${cid}` })
    await settle(30)
    expect(await alice.texts('bob')).toEqual(Array.from({ length: 20 }, (_, i) => `number ${i + 1}`))
  })

  it('shows what another device of ours wrote', async () => {
    await alice.core.handlers['contact.add']({ card: bob.card })
    alice.link.connect()
    relay.post({ handle: 'alice', key: keyOf(alice), device: device(5) }, 1, 'bob', { kind: 'text', text: 'from the phone' })
    await settle()
    expect(await alice.messages('bob')).toMatchObject([{ mine: true, from: 'alice', delivery: { state: 'sent' } }])
    expect((await alice.chat('bob')).unread).toBe(0)
  })

  it('gives nobody the chat of a person whose key the user knows', async () => {
    await introduce(alice, bob)
    alice.link.connect()
    relay.inject('alice', message(bob, alice, { fromKey: keyOf(alice).replace(/^./, 'A') }))
    await settle()
    expect(await alice.texts('bob')).toEqual([])
  })

  it('does not let a stranger take the place of a message by its device and counter', async () => {
    const mallory = new Profile({ relay, clock, handle: 'mallory' })
    alice.link.connect()
    relay.inject('alice', message(mallory, alice, { device: device(1), cid: 7, body: { kind: 'text', text: 'taken' } }))
    relay.inject('alice', message(bob, alice, { device: device(1), cid: 7 }))
    await settle()
    expect(await alice.texts('bob')).toEqual(['hello'])
    await mallory.end()
  })

  it('does not lose its counter to an absurd item in our own name', async () => {
    await introduce(alice, bob)
    alice.link.connect()
    const own = alice.store.values.get('identity.device') ?? ''
    relay.inject('alice', message(alice, bob, { device: own, cid: Number.MAX_SAFE_INTEGER }))
    await alice.send('bob', 'still here')
    await settle()
    expect(await alice.states('bob')).toEqual(['sent'])
  })

  it('survives any items in any order and still shows honest ones', { timeout: 60_000 }, async () => {
    await introduce(alice, bob)
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constant('a\0b'), fc.constant('\ud800'))
    const body: fc.Arbitrary<Extract<StreamItem, { kind: 'message' }>['body']> = fc.oneof(
      fc.record({ kind: fc.constant('text' as const), text }),
      fc.record({
        kind: fc.constant('file' as const),
        media: fc.constant(device(3)),
        name: text,
        type: text,
        size: fc.integer({ min: 1, max: 2 ** 25 }),
      }),
    )
    const handle = fc.constantFrom('alice', 'bob', 'stranger')
    const key = fc.constantFrom(keyOf(alice), keyOf(bob), 'A'.repeat(43))
    const seq = fc.nat(1000)
    const at = fc.double({ noNaN: true })
    const item: fc.Arbitrary<StreamItem> = fc.oneof(
      fc.record({
        kind: fc.constant('message' as const),
        seq,
        from: handle,
        fromKey: key,
        to: handle,
        toKey: key,
        device: fc.constantFrom(device(1), device(2), alice.store.values.get('identity.device') ?? ''),
        cid: fc.maxSafeNat(),
        body,
        at,
      }),
      fc.record({
        kind: fc.constant('receipt' as const),
        seq,
        by: handle,
        peer: handle,
        state: fc.constantFrom('delivered' as const, 'read' as const),
        upTo: fc.maxSafeNat(),
        at,
      }),
    )
    alice.link.connect()
    let cid = 0
    await fc.assert(
      fc.asyncProperty(fc.array(item, { maxLength: 8 }), async (items) => {
        alice.link.push(items)
        await settle(1)
        relay.post({ handle: 'bob', key: keyOf(bob), device: device(9) }, ++cid, 'alice', { kind: 'text', text: `honest ${cid}` })
        await settle(1)
        expect(await alice.texts('bob')).toContain(`honest ${cid}`)
        for (const { at } of await alice.messages('bob')) expect(Number.isNaN(new Date(at).getTime())).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})

it('drafts stay until they are sent', async () => {
  await alice.core.handlers['contact.add']({ card: bob.card })
  await alice.core.handlers['draft.set']({ chatId: 'cloud:bob', text: 'half a thou' })
  await alice.crash()
  expect((await alice.chat('bob')).draft).toBe('half a thou')
  await alice.send('bob', 'half a thought')
  expect((await alice.chat('bob')).draft).toBe('')
  expect(alice.told('chat.changed').at(-1)?.draft).toBe('')
})

it('typing is told once in three seconds, shown for five, and ends with the message', async () => {
  await introduce(alice, bob)
  alice.link.connect()
  await alice.core.handlers['typing.set']({ chatId: 'cloud:bob' })
  await alice.core.handlers['typing.set']({ chatId: 'cloud:bob' })
  expect(alice.link.typed).toEqual(['bob'])
  clock.advance(3000)
  await alice.core.handlers['typing.set']({ chatId: 'cloud:bob' })
  expect(alice.link.typed).toHaveLength(2)

  alice.link.type('bob')
  alice.link.type('bob')
  alice.link.type('nobody')
  clock.advance(5000)
  expect(alice.told('typing.changed')).toEqual([
    { chatId: 'cloud:bob', typing: true },
    { chatId: 'cloud:bob', typing: false },
  ])
  alice.link.type('bob')
  relay.post({ handle: 'bob', key: keyOf(bob), device: device(1) }, 1, 'alice', { kind: 'text', text: 'there' })
  await settle()
  expect(alice.told('typing.changed').at(-1)).toEqual({ chatId: 'cloud:bob', typing: false })

  await alice.core.handlers['settings.set']({ typingShown: false })
  clock.advance(10_000)
  await alice.core.handlers['typing.set']({ chatId: 'cloud:bob' })
  expect(alice.link.typed).toHaveLength(2)
})

it('lists windows of a chat, oldest first, and says whether there is more', async () => {
  await alice.core.handlers['contact.add']({ card: bob.card })
  for (let i = 1; i <= 5; i++) await alice.send('bob', `number ${i}`)
  const list = (before?: number) =>
    alice.core.handlers['message.list']({ chatId: 'cloud:bob', limit: 2, ...(before === undefined ? {} : { before }) })
  const newest = await list()
  const text = ({ messages }: typeof newest) => messages.map(({ body }) => (body.kind === 'text' ? body.text : ''))
  expect([text(newest), newest.hasOlder]).toEqual([['number 4', 'number 5'], true])
  const older = await list(newest.messages[0]?.order)
  expect([text(older), older.hasOlder]).toEqual([['number 2', 'number 3'], true])
  const oldest = await list(older.messages[0]?.order)
  expect([text(oldest), oldest.hasOlder]).toEqual([['number 1'], false])
})

it('leaves no word of a message readable on the disk', async () => {
  await alice.core.handlers['contact.add']({ card: bob.card })
  await alice.send('bob', 'the rendezvous is at noon')
  const folder = dirname(alice.path)
  for (const name of readdirSync(folder)) expect(readFileSync(join(folder, name)).includes('rendezvous')).toBe(false)
})

describe('search', () => {
  const find = async (query: string) =>
    (await alice.core.handlers['message.search']({ query })).map(({ body }) =>
      body.kind === 'text' ? body.text : body.kind === 'file' ? body.name : '',
    )

  beforeEach(async () => {
    await alice.core.handlers['contact.add']({ card: bob.card })
    for (const text of ['Café at NINE', '明日の会議は中止です', 'what "quoted" AND 100% really', 'سلام دوست من', 'nine again']) {
      await alice.send('bob', text)
    }
  })

  it('finds parts of words, without case and accents, newest first', async () => {
    expect(await find('nine')).toEqual(['nine again', 'Café at NINE'])
    expect(await find('afe')).toEqual(['Café at NINE'])
    expect(await find('nine café')).toEqual(['Café at NINE'])
  })

  it('finds scripts without spaces, also two characters alone', async () => {
    expect(await find('会議は')).toEqual(['明日の会議は中止です'])
    expect(await find('会議')).toEqual(['明日の会議は中止です'])
    expect(await find('دوست')).toEqual(['سلام دوست من'])
  })

  it('takes every sign as itself', async () => {
    expect(await find('"quoted"')).toHaveLength(1)
    expect(await find('0%')).toHaveLength(1)
    expect(await find('_')).toEqual([])
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), async (query) => {
        await find(query)
      }),
      { numRuns: 200 },
    )
  })

  it('no longer finds what was discarded', async () => {
    relay.refuse = (name) => (name === 'message.send' ? { code: 'wrong-key' } : null)
    alice.link.connect()
    await settle(20)
    const [hit] = await alice.core.handlers['message.search']({ query: 'quoted' })
    await alice.core.handlers['message.discard']({ id: hit?.id ?? '' })
    expect(await find('quoted')).toEqual([])
  })
})
