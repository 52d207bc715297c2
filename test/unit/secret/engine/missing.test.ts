/** Messages that have not come are asked for once, said again while they are there, and otherwise said to be lost. */
import { describe, expect, it } from 'vitest'
import { settle } from '../../chats/profile.ts'
import { notices, type Pair, pass, rows, secured, words, write } from './pair.ts'

const MINUTE = 60_000
/** The relay drops what waits for bob, except the newest. */
const lose = async ({ relay, alice, bob }: Pair, texts: readonly string[]) => {
  bob.link.disconnect()
  const ids: string[] = []
  for (const text of texts) ids.push(await write(alice, 'bob', text))
  await write(alice, 'bob', 'the last')
  const mail = relay.accounts.get('bob')?.mail.get(bob.link.device) ?? []
  const lost = mail.splice(0, mail.length - 1)
  bob.link.connect()
  await settle()
  return { ids, lost }
}
const sentBy = ({ relay }: Pair, from: string) => relay.sealed.filter((packet) => packet.from === from).length
const codes = async ({ bob }: Pair) =>
  (await rows(bob, 'alice'))
    .flatMap(({ body }) => (body.kind === 'notice' ? [body.notice] : []))
    .filter(({ code }) => code !== 'asked' && code !== 'accepted')

describe('messages that have not come', () => {
  it('come after all, asked for by themselves, once each and as the same messages', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    const { ids, lost } = await lose(pair, ['one', 'two', 'three'])
    expect(await codes(pair)).toEqual([{ code: 'missing', count: 3 }])
    await pass(clock, 4 * MINUTE)
    expect(await words(bob, 'alice')).toEqual(['the last', 'one', 'two', 'three'])
    expect(await codes(pair)).toEqual([])
    expect((await rows(bob, 'alice')).filter(({ id }) => ids.includes(id))).toHaveLength(3)
    expect((await rows(alice, 'bob')).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))).toEqual(Array(4).fill('delivered'))
    // What was only late is nothing new.
    for (const packet of lost) pair.relay.deliver('bob', bob.link.device, packet)
    await settle()
    expect(await words(bob, 'alice')).toEqual(['the last', 'one', 'two', 'three'])
  })

  it('are not asked for when they come within two minutes', async () => {
    const pair = await secured()
    const { clock, relay, bob } = pair
    const { lost } = await lose(pair, ['one', 'two'])
    await pass(clock, MINUTE)
    expect(await words(bob, 'alice')).toEqual(['the last'])
    for (const packet of lost) relay.deliver('bob', bob.link.device, packet)
    await pass(clock, MINUTE / 2)
    const before = sentBy(pair, 'bob')
    await pass(clock, 10 * MINUTE)
    expect(sentBy(pair, 'bob')).toBe(before)
    expect(await codes(pair)).toEqual([])
  })

  it('are asked for once, also when no answer comes, and over a restart', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await lose(pair, ['one', 'two'])
    await bob.restart()
    bob.link.connect()
    alice.link.disconnect()
    await pass(clock, 3 * MINUTE)
    const before = sentBy(pair, 'bob')
    expect(before).toBeGreaterThan(0)
    await bob.restart()
    bob.link.connect()
    await pass(clock, 30 * MINUTE)
    expect(sentBy(pair, 'bob')).toBe(before)
    expect(await codes(pair)).toEqual([{ code: 'missing', count: 2 }])
    alice.link.connect()
    await pass(clock, MINUTE)
    expect(await codes(pair)).toEqual([])
    expect(await words(bob, 'alice')).toEqual(['the last', 'one', 'two'])
  })

  it('that the sender has no more are said to be lost, in a row that stays', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    const { ids } = await lose(pair, ['one', 'two'])
    // Removed here only, as a sweep does.
    alice.store.run('DELETE FROM secret_message WHERE id = ?', [ids[0] ?? ''])
    await pass(clock, 4 * MINUTE)
    expect(await words(bob, 'alice')).toEqual(['the last', 'two'])
    expect(await codes(pair)).toEqual([{ code: 'lost', count: 1 }])
    await write(alice, 'bob', 'more')
    await pass(clock, 10 * MINUTE)
    expect(await codes(pair)).toEqual([{ code: 'lost', count: 1 }])
  })

  it('are answered at most a thousand times in an hour', { timeout: 120_000 }, async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    const texts = Array.from({ length: 505 }, (_, i) => `text ${i}`)
    for (let round = 0; round < 2; round++) {
      bob.link.disconnect()
      for (const text of texts)
        await alice.core.handlers['message.send']({ id: crypto.randomUUID(), chatId: 'secret:bob', text: `${round} ${text}` })
      await settle(400)
      await write(alice, 'bob', `end ${round}`)
      const mail = pair.relay.accounts.get('bob')?.mail.get(bob.link.device) ?? []
      mail.splice(0, mail.length - 1)
      bob.link.connect()
      await pass(clock, 4 * MINUTE)
    }
    const heard = bob.store.all<{ count: number }>("SELECT count(*) AS count FROM secret_message WHERE kind = 'text'")
    expect(heard[0]?.count).toBe(1002)
    expect(await notices(bob, 'alice')).toContain('missing')
  })

  it('that are more than a packet may skip bring new keys at once, and come with those', { timeout: 120_000 }, async () => {
    const pair = await secured()
    const { clock, bob } = pair
    const texts = Array.from({ length: 1001 }, (_, i) => `message ${i}`)
    await lose(pair, texts)
    // All rows, for the list shows only the newest.
    const all = (kind: 'notice' | 'text') =>
      bob.store.all<{ text: string }>('SELECT text FROM secret_message WHERE kind = ? ORDER BY ord', [kind]).map(({ text }) => text)
    await pass(clock, 1000)
    expect(all('notice').map((text) => JSON.parse(text).code)).toEqual(['asked', 'accepted', 'reset'])
    await pass(clock, MINUTE)
    expect(all('text')).toEqual([...texts, 'the last'])
  })
})
