/** What is told of what came: gathered, seldom, and nothing before accepting. And what versions of packets are taken. */
import { describe, expect, it } from 'vitest'
import type { FakeRelay } from '../../chats/fake-relay.ts'
import { settle } from '../../chats/profile.ts'
import { acquainted, look, notices, pass, rows, secured, stateOf, words, write } from './pair.ts'

const sentBy = (relay: FakeRelay, from: string) => relay.sealed.filter((packet) => packet.from === from).length

describe('receipts', () => {
  it('of a flood go in one packet every two seconds', async () => {
    const { clock, relay, alice } = await secured()
    await pass(clock, 10_000)
    const before = sentBy(relay, 'bob')
    for (let i = 0; i < 40; i++) {
      await write(alice, 'bob', `text ${i}`)
      clock.advance(100)
    }
    await pass(clock, 10_000)
    expect(sentBy(relay, 'bob') - before).toBeLessThanOrEqual(4)
    const states = (await rows(alice, 'bob')).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))
    expect(states).toEqual(Array(40).fill('delivered'))
  })

  it('still to be told go after a restart', async () => {
    const { clock, alice, bob } = await secured()
    await write(alice, 'bob', 'one')
    await write(alice, 'bob', 'two')
    await look(bob, 'alice')
    await bob.restart()
    bob.link.connect()
    await pass(clock, 10_000)
    expect((await rows(alice, 'bob')).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))).toEqual(['read', 'read'])
  })

  it('of what has no timer are not told where reading is not shown, and those of a timer are', async () => {
    const { clock, alice, bob } = await secured()
    await bob.core.handlers['settings.set']({ receiptsShown: false })
    await write(alice, 'bob', 'stays')
    await alice.core.handlers['secret.timer']({ chatId: 'secret:bob', ttl: 60_000 })
    await write(alice, 'bob', 'vanishes')
    await look(bob, 'alice')
    await pass(clock, 10_000)
    expect((await rows(alice, 'bob')).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))).toEqual(['delivered', 'read'])
  })

  it('are not sent before the chat is accepted', async () => {
    const { clock, relay, alice } = await acquainted()
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    for (const text of ['one', 'two']) await write(alice, 'bob', text)
    await pass(clock, 30_000)
    expect(sentBy(relay, 'bob')).toBe(0)
  })
})

describe('what comes late of an ended chat', () => {
  it('stays when a new request is declined, and what came with the request goes', async () => {
    const { alice, bob } = await secured()
    bob.link.disconnect()
    await write(alice, 'bob', 'just before the end')
    await bob.core.handlers['secret.end']({ chatId: 'secret:alice' })
    bob.link.connect()
    await settle()
    expect(await words(bob, 'alice')).toEqual(['just before the end'])
    await alice.core.handlers['secret.start']({ handle: 'bob' })
    await write(alice, 'bob', 'with the request')
    expect((await stateOf(bob, 'alice'))?.state).toBe('asked')
    await bob.core.handlers['secret.decline']({ chatId: 'secret:alice' })
    await settle()
    expect(await words(bob, 'alice')).toEqual(['just before the end'])
  })
})

describe('a packet of another version', () => {
  it('after ours asks for an update, once, and begins nothing anew', async () => {
    const { clock, relay, alice, bob } = await secured()
    const [from] = relay.sealed.filter((packet) => packet.from === 'alice')
    if (!from) throw new Error('alice sent something')
    for (let i = 0; i < 3; i++) {
      const packet = Buffer.from(from.packet, 'base64url')
      packet[0] = 2
      relay.deliver('bob', bob.link.device, { ...from, packet: packet.toString('base64url') })
      await settle()
    }
    await pass(clock, 120_000)
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'update-needed'])
    expect(relay.asked.filter(({ name, by }) => name === 'prekeys.take' && by === 'bob')).toEqual([])
    await write(alice, 'bob', 'goes on')
    expect(await words(bob, 'alice')).toEqual(['goes on'])
  })

  it('below the highest one seen of this person is refused with a row', async () => {
    const { alice, bob } = await secured()
    expect(bob.store.get<{ version: number }>('SELECT version FROM secret_chat')?.version).toBe(1)
    // As after an update of both.
    bob.store.run('UPDATE secret_chat SET version = 2')
    await write(alice, 'bob', 'one')
    await write(alice, 'bob', 'two')
    expect(await words(bob, 'alice')).toEqual([])
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'older-version'])
  })
})
