/** Self-destruct: what starts a timer, what stops nothing, and that nothing stays. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decryptedPages } from '../../../support/sqlcipher-pages.ts'
import { settle } from '../../chats/profile.ts'
import { look, notices, pass, rows, secured, words, write } from './pair.ts'

const setTimer = async (pair: Awaited<ReturnType<typeof secured>>, ttl: number | null) => {
  await pair.alice.core.handlers['secret.timer']({ chatId: 'secret:bob', ttl })
  await settle()
}
const vanishOf = async (profile: Awaited<ReturnType<typeof secured>>['alice'], peer: string) =>
  (await rows(profile, peer)).find(({ body }) => body.kind === 'text')?.vanish

describe('a self-destruct timer', () => {
  it('begins when the message was truly seen, on both sides, and takes it from both', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await setTimer(pair, 10_000)
    await write(alice, 'bob', 'gone soon')
    await pass(clock, 60_000)
    expect(await vanishOf(alice, 'bob')).toEqual({ ttl: 10_000, at: null })
    expect(await vanishOf(bob, 'alice')).toEqual({ ttl: 10_000, at: null })
    await look(bob, 'alice')
    expect(await vanishOf(alice, 'bob')).toEqual({ ttl: 10_000, at: clock.now() + 10_000 })
    clock.advance(9_000)
    await settle()
    expect(await words(bob, 'alice')).toEqual(['gone soon'])
    clock.advance(1_500)
    await settle()
    expect(await words(alice, 'bob')).toEqual([])
    expect(await words(bob, 'alice')).toEqual([])
    for (const profile of [alice, bob]) expect(profile.told('message.removed')).toHaveLength(1)
  })

  it('is shown as changed on both sides, and a change leaves what was written before as it was', async () => {
    const pair = await secured()
    const { alice, bob } = pair
    await setTimer(pair, 10_000)
    await write(bob, 'alice', 'with ten seconds')
    await setTimer(pair, null)
    expect(await notices(alice, 'bob')).toEqual(['started', 'accepted', 'timer', 'timer'])
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'timer', 'timer'])
    expect(await vanishOf(alice, 'bob')).toEqual({ ttl: 10_000, at: null })
    await write(alice, 'bob', 'stays')
    expect((await rows(bob, 'alice')).at(-1)?.vanish).toEqual({ ttl: null, at: null })
  })

  it('runs on while the app is closed: what was due is gone before the first screen can ask', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await setTimer(pair, 10_000)
    await write(alice, 'bob', 'gone soon')
    await look(bob, 'alice')
    clock.advance(11_000)
    await bob.crash()
    expect(await words(bob, 'alice')).toEqual([])
  })

  it('is never prolonged by a clock that is set back, also not over a restart', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await setTimer(pair, 60_000)
    await write(alice, 'bob', 'gone soon')
    await look(bob, 'alice')
    clock.jumpWall(-3_600_000)
    clock.advance(30_000)
    await bob.restart()
    await settle()
    expect(await words(bob, 'alice')).toEqual(['gone soon'])
    clock.advance(61_000)
    await settle()
    expect(await words(bob, 'alice')).toEqual([])
  })

  it('takes what nobody ever saw after four weeks', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await setTimer(pair, 10_000)
    await write(alice, 'bob', 'never seen')
    for (const profile of [alice, bob]) profile.link.disconnect()
    clock.advance(28 * 24 * 3_600_000 + 60_000)
    await settle()
    expect(await words(alice, 'bob')).toEqual([])
    expect(await words(bob, 'alice')).toEqual([])
  })

  it('leaves nothing of the message in any page of the database or of its log', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await setTimer(pair, 10_000)
    const marked = 'unmistakable words that vanish'
    await write(alice, 'bob', marked)
    await bob.core.handlers['draft.set']({ chatId: 'secret:alice', text: 'unmistakable draft' })
    const held = (profile: typeof bob) => decryptedPages(profile.path, profile.storeKey).includes('unmistakable')
    // The scan finds it while it is there.
    expect([held(alice), held(bob)]).toEqual([true, true])
    await look(bob, 'alice')
    await bob.core.handlers['draft.set']({ chatId: 'secret:alice', text: '' })
    // Told two seconds after the last receipt at the earliest.
    await pass(clock, 3000)
    clock.advance(11_000)
    await settle()
    clock.advance(1)
    await settle()
    expect([held(alice), held(bob)]).toEqual([false, false])
    for (const { path } of [alice, bob]) expect(readFileSync(path).includes('unmistakable')).toBe(false)
  })
})

describe('removing for both', () => {
  it('takes a message from both sides, whoever wrote it, and says so on the other', async () => {
    const { alice, bob } = await secured()
    const id = await write(alice, 'bob', 'a mistake')
    await write(bob, 'alice', 'an answer')
    const answer = (await rows(alice, 'bob')).at(-1)?.id ?? ''
    await alice.core.handlers['secret.remove']({ chatId: 'secret:bob', ids: [id, answer] })
    await settle()
    expect(await words(alice, 'bob')).toEqual([])
    expect(await words(bob, 'alice')).toEqual([])
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'removed'])
  })

  it('leaves nothing of it in any page of the database or of its log, on either side', async () => {
    const { clock, alice, bob } = await secured()
    const id = await write(alice, 'bob', 'unmistakable mistake')
    await pass(clock, 3000)
    const held = (profile: typeof bob) => decryptedPages(profile.path, profile.storeKey).includes('unmistakable')
    expect([held(alice), held(bob)]).toEqual([true, true])
    await alice.core.handlers['secret.remove']({ chatId: 'secret:bob', ids: [id] })
    // With what else was removed in this moment; nobody is waited for.
    await pass(clock, 1)
    expect(held(alice)).toBe(false)
    await pass(clock, 1)
    expect(held(bob)).toBe(false)
  })
})
