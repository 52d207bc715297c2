/** New keys by itself, when a session opens nothing any more: when, how often, and what happens to what was on its way. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FakeRelay } from '../../chats/fake-relay.ts'
import { type Profile, settle, uuid } from '../../chats/profile.ts'
import { byHand, isMove, step } from './by-hand.ts'
import { look, notices, type Pair, pass, rows, secured, stateOf, words, write } from './pair.ts'

const HOUR = 3_600_000
const resets = async (profile: Profile, peer: string) => (await notices(profile, peer)).filter((code) => code === 'reset').length
const resetAt = (profile: Profile) => profile.store.get<{ reset_at: number | null }>('SELECT reset_at FROM secret_chat')?.reset_at ?? null
const takes = (relay: FakeRelay, by: string) => relay.asked.filter((asked) => asked.name === 'prekeys.take' && asked.by === by).length
const mailOf = ({ relay }: Pair, profile: Profile) => relay.accounts.get(profile.handle)?.mail.get(profile.link.device) ?? []
const activeSid = (profile: Profile) => profile.store.get<{ sid: string }>("SELECT sid FROM secret_session WHERE role = 'active'")?.sid
/** Everything this side knew of its sessions is lost. */
const loseSessions = (profile: Profile) => profile.store.run('DELETE FROM secret_session')
const garbage = ({ relay }: Pair, to: Profile, from: Profile, n: number) => {
  const packet = new Uint8Array(600).fill(n)
  packet.set([1, 2])
  relay.deliver(to.handle, to.link.device, {
    from: from.handle,
    fromKey: relay.accounts.get(from.handle)?.key ?? '',
    fromDevice: from.link.device,
    packet: Buffer.from(packet).toString('base64url'),
  })
}

describe('a session whose keys were lost on one side', () => {
  it('is begun anew by itself, with a row on both sides, stays compared, and loses and repeats nothing', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    await write(alice, 'bob', 'before')
    await pass(clock, 10_000)
    loseSessions(bob)
    await write(alice, 'bob', 'while broken')
    expect(await words(bob, 'alice')).toEqual(['before'])
    expect(await notices(bob, 'alice')).toContain('unreadable')
    await pass(clock, 60_000)
    expect(await words(bob, 'alice')).toEqual(['before', 'while broken'])
    expect(await words(alice, 'bob')).toEqual(['before', 'while broken'])
    // The row of the reset stands for what could not be opened.
    expect(await notices(bob, 'alice')).toEqual(['asked', 'accepted', 'reset'])
    expect(await notices(alice, 'bob')).toEqual(['started', 'accepted', 'compared', 'reset'])
    expect((await rows(bob, 'alice')).find(({ body }) => body.kind === 'notice' && body.notice.code === 'reset')?.mine).toBe(true)
    expect((await stateOf(alice, 'bob'))?.compared).not.toBeNull()
    await write(bob, 'alice', 'after')
    await pass(clock, 10_000)
    expect(await words(alice, 'bob')).toEqual(['before', 'while broken', 'after'])
    expect((await rows(alice, 'bob')).flatMap(({ delivery }) => (delivery ? [delivery.state] : []))).toEqual(['delivered', 'delivered'])
    expect(activeSid(alice)).toBe(activeSid(bob))
  })

  it('is the same where its bytes can be read no more, whether a packet comes or something is written', async () => {
    for (const first of ['comes', 'is written']) {
      const pair = await secured()
      const { clock, alice, bob } = pair
      await write(alice, 'bob', 'before')
      await pass(clock, 10_000)
      bob.store.run('UPDATE secret_session SET state = ?', [new Uint8Array([1, 2, 3])])
      await bob.restart()
      bob.link.connect()
      await settle()
      if (first === 'comes') await write(alice, 'bob', 'while broken')
      else await write(bob, 'alice', 'while broken')
      await pass(clock, 60_000)
      for (const [profile, peer] of [[alice, 'bob'] as const, [bob, 'alice'] as const]) {
        expect(await words(profile, peer)).toEqual(['before', 'while broken'])
      }
      expect(activeSid(alice)).toBe(activeSid(bob))
    }
  })

  it('says again on both sides what had not arrived, in its order and with what was written since', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    bob.link.disconnect()
    for (const text of ['one', 'two']) await write(alice, 'bob', text)
    for (const text of ['uno', 'due']) await write(bob, 'alice', text)
    // The relay loses what waited, and bob his keys.
    mailOf(pair, bob).length = 0
    loseSessions(bob)
    await write(bob, 'alice', 'tre')
    bob.link.connect()
    await settle()
    await pass(clock, 60_000)
    expect((await words(bob, 'alice')).filter((text) => ['one', 'two'].includes(text))).toEqual(['one', 'two'])
    expect(await words(alice, 'bob')).toEqual(['one', 'two', 'uno', 'due', 'tre'])
  })

  it('never shows again what was there and went', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await alice.core.handlers['secret.timer']({ chatId: 'secret:bob', ttl: 5000 })
    await settle()
    await write(alice, 'bob', 'gone soon')
    await look(bob, 'alice')
    await pass(clock, 10_000)
    expect(await words(bob, 'alice')).toEqual([])
    // As if the receipts had been lost with the session: alice has it still, unkept.
    const id = uuid('again')
    alice.store.run(
      `INSERT INTO secret_message (id, chat_id, mine, kind, text, at, ttl, cap, sent) VALUES (?, 'secret:bob', 1, 'text', 'gone soon', ?, 5000, ?, 1)`,
      [id, clock.now(), clock.now() + HOUR],
    )
    bob.store.run('UPDATE secret_past SET id = ?', [id])
    loseSessions(bob)
    bob.link.disconnect()
    bob.link.connect()
    await settle()
    await pass(clock, 60_000)
    expect(await resets(bob, 'alice')).toBe(1)
    expect(await words(bob, 'alice')).toEqual([])
    expect(bob.told('message.changed').filter(({ body }) => body.kind === 'text')).toHaveLength(2)
  })
})

describe('a reset', () => {
  it('is not made for a damaged packet among good ones', async () => {
    const pair = await secured()
    const { clock, relay, alice, bob } = pair
    garbage(pair, bob, alice, 7)
    await pass(clock, 20_000)
    await write(alice, 'bob', 'still here')
    await pass(clock, 2 * HOUR)
    expect(takes(relay, 'bob')).toBe(0)
    expect(await resets(bob, 'alice')).toBe(0)
  })

  it('is made at most once an hour, however much rubbish comes, over restarts, and both can write all the time', async () => {
    const pair = await secured()
    const { clock, relay, alice, bob } = pair
    for (let minute = 0; minute < 180; minute += 3) {
      garbage(pair, bob, alice, minute)
      await settle()
      await pass(clock, 180_000)
      if (minute === 90) {
        await bob.restart()
        bob.link.connect()
        await settle()
      }
    }
    expect(takes(relay, 'bob')).toBe(3)
    expect(takes(relay, 'alice')).toBe(1)
    // One row stands for all that nothing came between.
    expect(await resets(alice, 'bob')).toBe(1)
    await write(alice, 'bob', 'one')
    await write(bob, 'alice', 'two')
    expect(await words(bob, 'alice')).toEqual(['one', 'two'])
    expect(await words(alice, 'bob')).toEqual(['one', 'two'])
    expect(activeSid(alice)).toBe(activeSid(bob))
  })

  it('begun by both at once ends on one session', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    for (const profile of [alice, bob]) profile.link.disconnect()
    for (const profile of [alice, bob]) loseSessions(profile)
    await write(alice, 'bob', 'from alice')
    await write(bob, 'alice', 'from bob')
    for (const profile of [alice, bob]) profile.link.connect()
    await pass(clock, 60_000)
    expect(activeSid(alice)).toBe(activeSid(bob))
    expect((await words(alice, 'bob')).sort()).toEqual(['from alice', 'from bob'])
    expect((await words(bob, 'alice')).sort()).toEqual(['from alice', 'from bob'])
  })

  it('that finds other keys waits for the user, who can accept them', async () => {
    const pair = await secured()
    const { clock, alice, bob } = pair
    await alice.core.handlers['secret.compared']({ chatId: 'secret:bob', same: true })
    for (const table of ['secret_message', 'secret_item', 'secret_packet', 'secret_session', 'secret_chat', 'secret_prekey']) {
      bob.store.run(`DELETE FROM ${table}`)
    }
    bob.store.values.set('secret.device', null)
    pair.relay.accounts.get('bob')?.prekeys.clear()
    await bob.restart()
    bob.link.connect()
    await settle()
    loseSessions(alice)
    alice.link.disconnect()
    alice.link.connect()
    await settle()
    await pass(clock, 60_000)
    expect(await stateOf(alice, 'bob')).toMatchObject({ state: 'changed', compared: null })
    expect(await stateOf(bob, 'alice')).toBeUndefined()
    expect((await alice.core.handlers['secret.safety']({ chatId: 'secret:bob' })).digits).toHaveLength(12)
    await alice.core.handlers['secret.acceptKeys']({ chatId: 'secret:bob' })
    await settle()
    expect((await stateOf(bob, 'alice'))?.state).toBe('asked')
    await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
    await settle()
    await write(alice, 'bob', 'hello again')
    await write(bob, 'alice', 'hello')
    expect(await words(alice, 'bob')).toEqual(['hello again', 'hello'])
  })
})

describe('an older handshake', () => {
  it('that the relay held back does not take the place of the session that counts', async () => {
    const pair = await secured()
    const { clock, relay, alice, bob } = pair
    // Alice began anew, and the relay keeps it from bob.
    alice.link.disconnect()
    loseSessions(alice)
    bob.link.disconnect()
    alice.link.connect()
    await pass(clock, 40_000)
    const held = mailOf(pair, bob).splice(0)
    expect(held.length).toBeGreaterThan(0)
    bob.link.connect()
    await pass(clock, HOUR + 120_000)
    await write(bob, 'alice', 'cannot be opened')
    await pass(clock, 2 * HOUR)
    const settled = activeSid(bob)
    expect(activeSid(alice)).toBe(settled)
    for (const packet of held) relay.deliver('bob', bob.link.device, packet)
    await settle()
    expect(activeSid(bob)).toBe(settled)
    await write(bob, 'alice', 'on')
    await write(alice, 'bob', 'and on')
    expect(await words(alice, 'bob')).toEqual(['cannot be opened', 'on', 'and on'])
  })
})

const steps = fc.array(
  fc.oneof(
    step(5, 'write'),
    step(8, 'up'),
    step(8, 'down'),
    step(4, 'connect'),
    step(2, 'disconnect'),
    step(2, 'lose-keys'),
    step(1, 'lose-mail'),
    step(1, 'hold'),
    step(1, 'rubbish'),
    step(1, 'restart'),
    step(4, 'wait'),
    step(1, 'hour'),
  ),
  { minLength: 10, maxLength: 70 },
)

it('ends on one session with everything there once, whatever is lost and whenever either begins anew, at most once an hour', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (todo) => {
      const pair = await byHand()
      const { clock, relay, both, written, peerOf } = pair
      const turn = async () => {
        for (let i = 0; i < 3; i++) {
          for (const { link } of both) link.stepAll()
          await settle(2)
        }
      }
      const run = async (until: () => Promise<boolean>) => {
        for (let i = 0; i < 200 && !(await until()); i++) {
          for (const { link } of both) link.connect()
          await turn()
          clock.advance(1500)
        }
        await turn()
      }
      const taken = new Map<string, number[]>()
      await pair.secure(run)
      const note = () => {
        for (const person of both) {
          const at = resetAt(person)
          const times = taken.get(person.handle) ?? []
          if (at !== null && at !== times.at(-1)) taken.set(person.handle, [...times, at])
        }
      }

      const held: Parameters<FakeRelay['deliver']>[] = []
      let count = 0
      for (const { does, who: name } of todo) {
        const person = pair[name]
        const peer = peerOf(person)
        const mail = relay.accounts.get(name)?.mail.get(person.link.device) ?? []
        count += 1
        if (isMove(does)) await pair.move(person, does, `${name} ${count}`)
        switch (does) {
          case 'lose-keys':
            loseSessions(person)
            break
          case 'lose-mail':
            mail.length = 0
            break
          case 'hold':
            for (const packet of mail.splice(0, 2)) held.push([name, person.link.device, packet])
            break
          case 'rubbish':
            garbage(pair, person, peer, count)
            break
          case 'wait':
            clock.advance(20_000)
            break
          case 'hour':
            clock.advance(HOUR)
            break
        }
        await settle(2)
        note()
      }
      for (const one of held) relay.deliver(...one)
      // Long enough for one more reset of each side, and something to say by which a loss shows.
      for (let hour = 0; hour < 4; hour++) {
        for (const person of both) {
          await pair.write(person, `${person.handle} last ${hour}`)
        }
        clock.advance(HOUR)
        for (let i = 0; i < 30; i++) {
          for (const { link } of both) link.connect()
          await turn()
          clock.advance(3000)
          note()
        }
      }
      expect(activeSid(pair.alice)).toBeDefined()
      expect(activeSid(pair.alice)).toBe(activeSid(pair.bob))
      for (const person of both) {
        const peer = peerOf(person)
        const heard = (await words(person, peer.handle)).filter((text) => !text.startsWith(person.handle))
        expect([...heard].sort()).toEqual([...(written[peer.handle] ?? [])].sort())
        const times = taken.get(person.handle) ?? []
        for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(HOUR)
        await person.end()
      }
    }),
    {
      numRuns: 15,
      endOnFailure: false,
      // Both lost their keys while connected, with nothing on the way that could show it: writing must.
      examples: [
        [
          (
            [
              ['lose-keys', 'alice'],
              ['down', 'alice'],
              ['connect', 'alice'],
              ['up', 'alice'],
              ['up', 'alice'],
              ['lose-keys', 'bob'],
              ['connect', 'alice'],
              ['down', 'alice'],
              ['write', 'alice'],
              ['up', 'alice'],
            ] as const
          ).map(([does, who]) => ({ does, who })),
        ],
      ],
    },
  )
})
