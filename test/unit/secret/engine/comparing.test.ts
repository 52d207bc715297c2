/** Making sure that nobody sits in between, and what happens when keys change. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { openAccount } from '../../../../electron/core/account-file.ts'
import { Profile, settle } from '../../chats/profile.ts'
import { acquainted, look, notices, type Pair, pass, rows, secured, stateOf, words, write } from './pair.ts'

const compare = async (pair: Pair, who: 'alice' | 'bob') => {
  await pair[who].core.handlers['secret.compare']({ chatId: `secret:${who === 'alice' ? 'bob' : 'alice'}` })
  await settle()
}

describe('the safety number', () => {
  it('is the same sixty digits on both sides, and other ones for another pair', async () => {
    const { alice, bob } = await secured()
    const [mine, theirs] = [
      await alice.core.handlers['secret.safety']({ chatId: 'secret:bob' }),
      await bob.core.handlers['secret.safety']({ chatId: 'secret:alice' }),
    ]
    expect(mine.digits.join('')).toMatch(/^\d{60}$/)
    expect(mine).toEqual(theirs)
    const other = await secured()
    expect((await other.alice.core.handlers['secret.safety']({ chatId: 'secret:bob' })).digits).not.toEqual(mine.digits)
  })

  it('found the same is remembered with its day, found different is a row that stays', async () => {
    const { clock, alice } = await secured()
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    expect((await stateOf(alice, 'bob'))?.compared).toBe(clock.now())
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: false })
    expect((await stateOf(alice, 'bob'))?.compared).toBeNull()
    expect((await notices(alice, 'bob')).slice(-2)).toEqual(['compared', 'compare-failed'])
  })
})

describe('comparing by emoji', () => {
  it('asks the other side, and shows both the same seven symbols once both want it', async () => {
    const pair = await secured()
    const { alice, bob } = pair
    await compare(pair, 'alice')
    expect((await stateOf(alice, 'bob'))?.comparing).toEqual({ phase: 'waiting' })
    expect((await stateOf(bob, 'alice'))?.comparing).toEqual({ phase: 'asked' })
    await compare(pair, 'bob')
    const shown = (await stateOf(alice, 'bob'))?.comparing
    expect(shown).toMatchObject({ phase: 'show', symbols: expect.arrayContaining([expect.any(Number)]) })
    expect((await stateOf(bob, 'alice'))?.comparing).toEqual(shown)
    for (const [profile, chatId] of [[alice, 'secret:bob'] as const, [bob, 'secret:alice'] as const]) {
      await profile.core.handlers['secret.compared']({ chatId, same: true })
    }
    expect((await stateOf(alice, 'bob'))?.comparing).toBeNull()
    expect((await stateOf(bob, 'alice'))?.compared).not.toBeNull()
  })

  it('asked for by both at once still shows both the same', async () => {
    const pair = await secured()
    const { alice, bob } = pair
    for (const profile of [alice, bob]) profile.link.disconnect()
    await compare(pair, 'alice')
    await compare(pair, 'bob')
    for (const profile of [alice, bob]) profile.link.connect()
    await settle()
    // The one whose question did not count is asked now.
    for (const [profile, peer] of [[alice, 'bob'] as const, [bob, 'alice'] as const]) {
      if ((await stateOf(profile, peer))?.comparing?.phase === 'asked') await compare(pair, profile.handle === 'alice' ? 'alice' : 'bob')
    }
    const shown = (await stateOf(alice, 'bob'))?.comparing
    expect(shown?.phase).toBe('show')
    expect((await stateOf(bob, 'alice'))?.comparing).toEqual(shown)
  })
})

describe('another device of the same person', () => {
  /** Bob takes his account to a new computer, where he starts a secret chat with alice. */
  const move = async ({ alice, bob, relay, clock }: Pair) => {
    const { text } = await bob.core.handlers['account.export']({ passphrase: 'eight or more' })
    bob.link.disconnect()
    const account = openAccount(text, 'eight or more')
    const moved = new Profile({ relay, clock, handle: 'bob', account })
    onTestFinished(() => moved.end())
    for (const card of account.cards) await moved.core.handlers['contact.add']({ card })
    moved.link.connect()
    await settle()
    await moved.core.handlers['secret.start']({ handle: alice.handle })
    await settle()
    return moved
  }

  it('blocks writing until the person accepts the new keys, and takes back that they were compared', async () => {
    const pair = await secured()
    const { alice } = pair
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    const bob = await move(pair)
    expect(await stateOf(alice, 'bob')).toMatchObject({ state: 'changed', compared: null })
    expect((await notices(alice, 'bob')).at(-1)).toBe('keys-changed')
    await expect(write(alice, 'bob', 'not to be sent')).rejects.toMatchObject({ code: 'refused' })
    expect((await stateOf(bob, 'alice'))?.state).toBe('waiting')

    await alice.core.handlers['secret.acceptKeys']({ chatId: 'secret:bob' })
    await settle()
    expect(await stateOf(alice, 'bob')).toMatchObject({ state: 'secured', compared: null })
    await write(alice, 'bob', 'hello again')
    await write(bob, 'alice', 'new computer')
    expect(await words(bob, 'alice')).toEqual(['hello again', 'new computer'])
  })

  it('compared at once counts as accepted', async () => {
    const pair = await secured()
    const bob = await move(pair)
    await pair.alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    await settle()
    expect(await stateOf(pair.alice, 'bob')).toMatchObject({ state: 'secured', compared: pair.clock.now() })
    expect((await stateOf(bob, 'alice'))?.state).toBe('secured')
  })
})

describe('a session that was lost on one side', () => {
  it('is begun anew with the same keys by a visible row, and stays compared', async () => {
    const { clock, alice, bob } = await secured()
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    await write(alice, 'bob', 'before')
    await pass(clock, 1000)
    bob.store.run('DELETE FROM secret_session')
    bob.store.run("UPDATE secret_chat SET state = 'ended', ended = 'by-me'")
    await bob.core.handlers['secret.start']({ handle: 'alice' })
    await settle()
    expect((await notices(alice, 'bob')).at(-1)).toBe('reset')
    expect((await stateOf(alice, 'bob'))?.compared).not.toBeNull()
    await write(alice, 'bob', 'after')
    await look(bob, 'alice')
    await pass(clock, 3000)
    expect(await words(bob, 'alice')).toEqual(['before', 'after'])
    expect((await rows(alice, 'bob')).findLast(({ delivery }) => delivery)?.delivery).toEqual({ state: 'read' })
  })
})

describe('a packet that cannot be opened', () => {
  it('is one row that says so, however many come, and changes nothing else', async () => {
    const { relay, alice, bob } = await secured()
    await write(alice, 'bob', 'readable')
    bob.link.disconnect()
    await write(alice, 'bob', 'still readable')
    const from = relay.accounts.get('bob')?.mail.get(bob.link.device)?.pop()
    if (!from) throw new Error('alice sent something')
    bob.link.connect()
    await settle()
    for (let i = 0; i < 5; i++) {
      const packet = Buffer.from(from.packet, 'base64url')
      packet[packet.length - 1 - i] = (packet[packet.length - 1 - i] ?? 0) ^ 1
      relay.deliver('bob', bob.link.device, { ...from, packet: packet.toString('base64url') })
      await settle()
    }
    expect((await notices(bob, 'alice')).filter((code) => code === 'unreadable')).toHaveLength(1)
    relay.deliver('bob', bob.link.device, from)
    await settle()
    expect(await words(bob, 'alice')).toEqual(['readable', 'still readable'])
  })

  it('does not keep those behind it waiting, though what is wrong is here', async () => {
    const { alice, bob } = await secured()
    // Stands for any fault of ours that one message brings to light.
    bob.store.run("CREATE TRIGGER fault BEFORE INSERT ON secret_message WHEN new.text = 'second' BEGIN SELECT RAISE(ABORT, 'fault'); END")
    bob.link.disconnect()
    for (const text of ['first', 'second', 'third']) await write(alice, 'bob', text)
    bob.link.connect()
    await settle()
    expect(await words(bob, 'alice')).toEqual(['first', 'third'])
    expect(await notices(bob, 'alice')).toContain('unreadable')
    await write(alice, 'bob', 'fourth')
    expect(await words(bob, 'alice')).toEqual(['first', 'third', 'fourth'])
  })

  it('repeated by the relay is nothing at all', async () => {
    const { relay, alice, bob } = await secured()
    await write(alice, 'bob', 'once')
    const all = [...relay.sealed].filter(({ from }) => from === 'alice')
    for (const packet of all) relay.deliver('bob', bob.link.device, packet)
    await settle()
    expect(await words(bob, 'alice')).toEqual(['once'])
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted'])
  })

  it('that began a chat asks nobody a second time, though it rested on no one-time key', async () => {
    const { relay, alice, bob } = await acquainted()
    const kept = relay.accounts.get('bob')?.prekeys.get(bob.link.device)
    if (!kept) throw new Error('bob put up keys')
    relay.accounts.get('bob')?.prekeys.set(bob.link.device, { ...kept, x25519: [], mlkem768: [] })
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    await settle()
    const first = relay.sealed.find(({ from }) => from === 'alice')
    await bob.core.handlers['secret.decline']({ chatId: 'secret:alice' })
    await settle()
    if (!first) throw new Error('alice asked')
    relay.deliver('bob', bob.link.device, first)
    await settle()
    expect((await stateOf(bob, 'alice'))?.state).toBe('ended')
  })

  it('and says that it comes from ourselves makes nobody a contact of themselves', async () => {
    const { relay, bob } = await secured()
    const packet = relay.sealed.find(({ from }) => from === 'alice')
    if (!packet) throw new Error('alice asked')
    const [from = '', fromKey = ''] = bob.card.split(':')
    relay.deliver('bob', bob.link.device, { ...packet, from, fromKey })
    await settle()
    expect((await bob.core.handlers['contact.list']({})).map(({ handle }) => handle)).toEqual(['alice'])
  })

  it('says how many messages are missing, and takes it back when they come', async () => {
    const { relay, alice, bob } = await secured()
    bob.link.disconnect()
    for (const text of ['one', 'two', 'three']) await write(alice, 'bob', text)
    const mail = relay.accounts.get('bob')?.mail.get(bob.link.device) ?? []
    const held = mail.splice(0, 2)
    bob.link.connect()
    await settle()
    const missing = (await rows(bob, 'alice')).flatMap(({ body }) => (body.kind === 'notice' ? [body.notice] : [])).at(-1)
    expect(missing).toEqual({ code: 'missing', count: 2 })
    for (const packet of held) relay.deliver('bob', bob.link.device, packet)
    await settle()
    expect(await notices(bob, 'alice')).not.toContain('missing')
    expect((await words(bob, 'alice')).sort()).toEqual(['one', 'three', 'two'])
  })
})

describe('a device that is gone', () => {
  it('ends the chat with the reason, and what could not go is marked', async () => {
    const { relay, alice, bob } = await secured()
    bob.link.disconnect()
    relay.accounts.get('bob')?.prekeys.clear()
    await write(alice, 'bob', 'into the void')
    expect(await stateOf(alice, 'bob')).toMatchObject({ state: 'ended', ended: 'device-gone' })
    expect((await rows(alice, 'bob')).find(({ delivery }) => delivery)?.delivery).toEqual({ state: 'failed', reason: 'rejected' })
  })
})
