import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { FakeRelay } from './fake-relay.ts'
import { introduce, Profile, settle, uuid } from './profile.ts'

let clock: VirtualClock
let relay: FakeRelay
let alice: Profile
let bob: Profile

beforeEach(async () => {
  clock = new VirtualClock(1_700_000_000_000)
  relay = new FakeRelay(clock)
  alice = new Profile({ relay, clock, handle: 'alice' })
  bob = new Profile({ relay, clock, handle: 'bob' })
  await introduce(alice, bob)
})
afterEach(async () => {
  await alice.end()
  await bob.end()
})

describe('a message of ours', () => {
  it('is queued while offline, then goes from sent to delivered to read, and is told each time', async () => {
    const kept = await alice.send('bob', 'hello')
    expect(kept.delivery).toEqual({ state: 'queued' })
    alice.link.connect()
    await settle()
    expect(await alice.states('bob')).toEqual(['sent'])
    bob.link.connect()
    await settle()
    expect(await bob.texts('alice')).toEqual(['hello'])
    expect(await alice.states('bob')).toEqual(['delivered'])
    const [seen] = await bob.messages('alice')
    await bob.core.handlers['chat.read']({ chatId: 'cloud:alice', order: seen?.order ?? 0 })
    await settle()
    expect(await alice.states('bob')).toEqual(['read'])
    const told = alice.told('message.changed').map(({ delivery }) => delivery?.state)
    expect(told).toEqual(['queued', 'sent', 'delivered', 'read'])
  })

  it('carries the time of the relay once that has it', async () => {
    const { at } = await alice.send('bob', 'hello')
    clock.advance(60_000)
    alice.link.connect()
    await settle()
    expect((await alice.messages('bob'))[0]?.at).toBe(at + 60_000)
  })

  it('is sent once when the screen asks twice with the same id', async () => {
    alice.link.connect()
    const first = await alice.send('bob', 'once', uuid('x'))
    await settle()
    const second = await alice.send('bob', 'once', uuid('x'))
    await settle()
    expect(second.order).toBe(first.order)
    expect(relay.messagesTo('bob')).toHaveLength(1)
  })

  it('is not doubled when the answer of the relay is lost', async () => {
    const careful = new Profile({ relay, clock, handle: 'carol', auto: false })
    await careful.core.handlers['contact.add']({ card: bob.card })
    careful.link.connect()
    await careful.send('bob', 'one')
    await settle()
    careful.link.stepUp()
    careful.link.disconnect()
    expect(await careful.states('bob')).toEqual(['queued'])
    careful.link.connect()
    careful.link.stepAll()
    await settle()
    expect(await careful.states('bob')).toEqual(['sent'])
    expect(relay.messagesTo('bob')).toHaveLength(1)
    await careful.end()
  })

  it('keeps its order within the chat whatever is refused for a moment in between', async () => {
    let calls = 0
    relay.refuse = (name) =>
      name === 'message.send' && ++calls % 3 === 0 ? { code: calls % 2 ? 'internal' : 'rate-limited', retryMs: 500 } : null
    const texts = Array.from({ length: 20 }, (_, i) => `number ${i}`)
    for (const text of texts) await alice.send('bob', text)
    alice.link.connect()
    for (let i = 0; i < 60; i++) {
      await settle()
      clock.advance(1000)
    }
    expect(relay.messagesTo('bob').map(({ body }) => (body.kind === 'text' ? body.text : ''))).toEqual(texts)
  })

  it('keeps its order when one connection is exchanged for another with many under way', async () => {
    const careful = new Profile({ relay, clock, handle: 'carol', auto: false })
    await careful.core.handlers['contact.add']({ card: bob.card })
    const texts = Array.from({ length: 40 }, (_, i) => `number ${i}`)
    for (const text of texts) await careful.send('bob', text)
    careful.link.connect()
    for (let i = 0; i < 5; i++) careful.link.stepUp()
    careful.link.disconnect()
    careful.link.connect()
    await settle()
    for (let i = 0; i < 20; i++) {
      careful.link.stepAll()
      await settle(2)
    }
    expect(relay.messagesTo('bob').map(({ body }) => (body.kind === 'text' ? body.text : ''))).toEqual(texts)
    await careful.end()
  })

  it('keeps its order when refusals are slow to arrive and more is written meanwhile', async () => {
    const careful = new Profile({ relay, clock, handle: 'carol', auto: false })
    await careful.core.handlers['contact.add']({ card: bob.card })
    const texts = Array.from({ length: 11 }, (_, i) => `number ${i}`)
    for (const text of texts.slice(0, 10)) await careful.send('bob', text)
    relay.refuse = (name) => (name === 'message.send' ? { code: 'rate-limited', retryMs: 1000 } : null)
    careful.link.connect()
    while (careful.link.stepUp());
    relay.refuse = () => null
    careful.link.stepDown()
    await settle()
    clock.advance(2000)
    await careful.send('bob', texts[10] ?? '')
    for (let i = 0; i < 20; i++) {
      careful.link.stepAll()
      await settle(2)
      clock.advance(500)
    }
    expect(relay.messagesTo('bob').map(({ body }) => (body.kind === 'text' ? body.text : ''))).toEqual(texts)
    await careful.end()
  })

  it('waits as long as the relay says before it asks again', async () => {
    relay.refuse = (name) => (name === 'message.send' ? { code: 'rate-limited', retryMs: 5000 } : null)
    await alice.send('bob', 'patience')
    alice.link.connect()
    await settle()
    const asked = () => relay.asked.filter(({ name }) => name === 'message.send').length
    expect(asked()).toBe(1)
    clock.advance(4900)
    await settle()
    expect(asked()).toBe(1)
    relay.refuse = () => null
    clock.advance(2000)
    await settle()
    expect(await alice.states('bob')).toEqual(['sent'])
  })

  it('that never can go fails with the reason, and what comes after it goes on', async () => {
    relay.refuse = (_name, input) => (JSON.stringify(input).includes('too much') ? { code: 'too-large' } : null)
    alice.link.connect()
    await alice.send('bob', 'too much')
    await alice.send('bob', 'fine')
    await settle()
    expect((await alice.messages('bob')).map(({ delivery }) => delivery)).toEqual([
      { state: 'failed', reason: 'too-large' },
      { state: 'sent' },
    ])
  })

  it('that failed goes again when the user says so, or is removed', async () => {
    relay.refuse = (name) => (name === 'message.send' ? { code: 'wrong-key' } : null)
    alice.link.connect()
    await alice.send('bob', 'again', uuid('again'))
    await alice.send('bob', 'never', uuid('never'))
    await settle()
    relay.refuse = () => null
    await alice.core.handlers['message.retry']({ id: uuid('again') })
    await alice.core.handlers['message.discard']({ id: uuid('never') })
    await settle()
    expect(await alice.texts('bob')).toEqual(['again'])
    expect(await alice.states('bob')).toEqual(['sent'])
    expect(alice.told('message.removed')).toEqual([{ id: uuid('never'), chatId: 'cloud:bob' }])
    await expect(alice.core.handlers['message.discard']({ id: uuid('again') })).rejects.toMatchObject({ code: 'refused' })
  })

  it('does not wait for another chat that is stuck', async () => {
    relay.refuse = (_name, input) => (JSON.stringify(input).includes('"to":"bob"') ? { code: 'internal' } : null)
    const carol = new Profile({ relay, clock, handle: 'carol' })
    await introduce(alice, carol)
    alice.link.connect()
    await alice.send('bob', 'stuck')
    await alice.send('carol', 'free')
    await settle()
    expect(await alice.states('bob')).toEqual(['queued'])
    expect(await alice.states('carol')).toEqual(['sent'])
    await carol.end()
  })

  it('goes again when the relay stays silent on a live connection', async () => {
    const careful = new Profile({ relay, clock, handle: 'carol', auto: false })
    await careful.core.handlers['contact.add']({ card: bob.card })
    careful.link.connect()
    await careful.send('bob', 'anyone?')
    clock.advance(21_000)
    await settle()
    clock.advance(2000)
    await settle()
    careful.link.stepAll()
    await settle()
    expect(await careful.states('bob')).toEqual(['sent'])
    expect(relay.messagesTo('bob')).toHaveLength(1)
    await careful.end()
  })

  it('is never given a number that an older copy of this store has already used', async () => {
    alice.link.connect()
    await alice.send('bob', 'before')
    await settle()
    alice.store.values.set('outbox.cid', '0')
    await alice.restart()
    alice.store.run('DELETE FROM message')
    alice.store.values.set('stream.cursor', '0')
    alice.link.connect()
    await settle()
    await alice.send('bob', 'after')
    await settle()
    expect(await alice.texts('bob')).toEqual(['before', 'after'])
    expect(relay.messagesTo('bob')).toHaveLength(2)
  })
})

describe('receipts', () => {
  it('are told later when they were due offline, also after a restart', async () => {
    alice.link.connect()
    await alice.send('bob', 'hello')
    await settle()
    bob.link.connect()
    const [seen] = await bob.messages('alice')
    bob.link.disconnect()
    await bob.core.handlers['chat.read']({ chatId: 'cloud:alice', order: seen?.order ?? 0 })
    await bob.restart()
    expect(await alice.states('bob')).toEqual(['delivered'])
    bob.link.connect()
    await settle()
    expect(await alice.states('bob')).toEqual(['read'])
  })

  it('are one for many messages', async () => {
    alice.link.connect()
    for (let i = 0; i < 50; i++) await alice.send('bob', `number ${i}`)
    await settle(30)
    bob.link.connect()
    await settle()
    expect(relay.asked.filter(({ name, by }) => name === 'receipt.set' && by === 'bob')).toHaveLength(1)
    expect(new Set(await alice.states('bob'))).toEqual(new Set(['delivered']))
  })

  it('do not tell reading when the user said so, not even later', async () => {
    await bob.core.handlers['settings.set']({ receiptsShown: false })
    alice.link.connect()
    bob.link.connect()
    await alice.send('bob', 'hello')
    await settle()
    const [seen] = await bob.messages('alice')
    await bob.core.handlers['chat.read']({ chatId: 'cloud:alice', order: seen?.order ?? 0 })
    await bob.core.handlers['settings.set']({ receiptsShown: true })
    await bob.restart()
    bob.link.connect()
    await settle()
    expect(await alice.states('bob')).toEqual(['delivered'])
    expect((await bob.chat('alice')).unread).toBe(0)
  })

  it('never move a message backwards', async () => {
    alice.link.connect()
    await alice.send('bob', 'hello')
    await settle()
    const receipt = { kind: 'receipt', by: 'bob', peer: 'bob', at: 0 } as const
    relay.inject('alice', { ...receipt, seq: relay.nextSeq(), state: 'read', upTo: 1 })
    relay.inject('alice', { ...receipt, seq: relay.nextSeq(), state: 'delivered', upTo: 1 })
    await settle()
    expect(await alice.states('bob')).toEqual(['read'])
    expect(alice.told('message.changed').map(({ delivery }) => delivery?.state)).not.toContain('delivered')
  })

  it('cannot speak of messages still to come', async () => {
    alice.link.connect()
    await alice.send('bob', 'one')
    await settle()
    relay.inject('alice', { kind: 'receipt', seq: relay.nextSeq(), by: 'bob', peer: 'bob', state: 'read', upTo: 2 ** 50, at: 0 })
    await alice.send('bob', 'two')
    await settle()
    expect(await alice.states('bob')).toEqual(['read', 'sent'])
  })
})

describe('a question to the relay that the user waits for', () => {
  it('that came too soon is asked again by itself, and answered', async () => {
    alice.link.connect()
    await settle()
    let refusals = 2
    relay.refuse = (name) => (name === 'account.holdings' && refusals-- > 0 ? { code: 'rate-limited', retryMs: 1000 } : null)
    const answer = alice.core.handlers['relay.holdings']({})
    for (let i = 0; i < 3; i++) {
      await settle()
      clock.advance(1000)
    }
    expect((await answer).tables).toEqual([])
  })
})
