/** What the relay took is noted a moment later, with other things: nothing depends on that moment. */
import { describe, expect, it } from 'vitest'
import { settle } from '../../chats/profile.ts'
import { pass, rows, secured, words, write } from './pair.ts'

const packets = ({ store }: Awaited<ReturnType<typeof secured>>['alice']) =>
  store.get<{ count: number }>('SELECT count(*) AS count FROM secret_packet')?.count

describe('a packet that the relay took', () => {
  it('goes again when the program was killed before that was noted, and is shown once', async () => {
    const { clock, relay, alice, bob } = await secured()
    await pass(clock, 1000)
    await write(alice, 'bob', 'once')
    // Taken, and not noted yet.
    expect(packets(alice)).toBe(1)
    const asked = () => relay.asked.filter(({ by, name }) => by === 'alice' && name === 'sealed.send').length
    const before = asked()
    await alice.crash()
    alice.link.connect()
    await settle()
    expect(asked()).toBeGreaterThan(before)
    await pass(clock, 1000)
    expect(packets(alice)).toBe(0)
    expect((await rows(alice, 'bob')).at(-1)?.delivery).toEqual({ state: 'delivered' })
    expect(await words(bob, 'alice')).toEqual(['once'])
  })

  it('is not sent again on the same connection, nor on the next one', async () => {
    const { clock, relay, alice } = await secured()
    await pass(clock, 1000)
    await write(alice, 'bob', 'one')
    alice.link.disconnect()
    alice.link.connect()
    await settle()
    await write(alice, 'bob', 'two')
    await pass(clock, 1000)
    const cids = relay.asked.flatMap(({ by, name, input }) =>
      by === 'alice' && name === 'sealed.send' ? [(input as { cid: number }).cid] : [],
    )
    expect(new Set(cids).size).toBe(cids.length)
  })

  it('is noted when the program ends in order', async () => {
    const { clock, alice } = await secured()
    await pass(clock, 1000)
    await write(alice, 'bob', 'hello')
    await alice.restart()
    expect(packets(alice)).toBe(0)
  })
})

it('numbers of packets rise also when the clock was set back and the program begins anew', async () => {
  const { clock, relay, alice } = await secured()
  await write(alice, 'bob', 'one')
  await alice.restart()
  clock.jumpWall(-3_600_000)
  alice.link.connect()
  await settle()
  await write(alice, 'bob', 'two')
  await pass(clock, 1000)
  const cids = relay.asked.flatMap(({ by, name, input }) =>
    by === 'alice' && name === 'sealed.send' ? [(input as { cid: number }).cid] : [],
  )
  expect(cids).toEqual([...cids].sort((a, b) => a - b))
  expect(new Set(cids).size).toBe(cids.length)
})
