/** A second connection of a device that waits to take over from the first: nobody sees it, and nothing is lost or doubled when it does. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectClient, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'

let here: RelayHere
let ann: TestClient
beforeAll(async () => {
  here = await relayHere({ rate: { perSecond: 100_000, burst: 1_000_000 } })
  ann = await connectClient(here.chat, newIdentity('ann'))
})
afterAll(async () => {
  ann.close()
  await here.end()
})

const waiting = (who: TestIdentity) => connectClient(here.chat, who, { forge: (login) => ({ ...login, standby: true }) })
const texts = ({ items }: TestClient) =>
  items.flatMap((item) => (item.kind === 'message' && item.body.kind === 'text' ? [item.body.text] : []))
let cid = 0
const tell = (who: TestIdentity, text: string) => ann.sendText(who, ++cid, text)

it('is proven, leaves the one in use alone, and is sent nothing', async () => {
  const bob = newIdentity('bob')
  const live = await connectClient(here.chat, bob)
  const spare = await waiting(bob)
  expect(spare.relayProved).toBe(true)
  expect(spare.hello).toMatchObject({ items: [], more: true, sealed: { packets: [], more: true } })
  await tell(bob, 'one')
  await live.until(() => texts(live).length === 1)
  expect(await spare.request('echo', { n: 1 })).toMatchObject({ ok: true, n: 1 })
  expect([live.socket.connected, spare.items]).toEqual([true, []])
  live.close()
  spare.close()
})

it('is answered nothing but echoes before it takes over', async () => {
  const bob = newIdentity('bert')
  const spare = await waiting(bob)
  const answered: string[] = []
  spare.socket.emit('stream.read', { after: 0 }, () => answered.push('stream.read'))
  spare.socket.emit('message.send', { cid: 1, turn: 0, to: 'ann', toKey: 'A'.repeat(43), body: { kind: 'text', text: 'x' } }, () =>
    answered.push('message.send'),
  )
  await spare.request('echo', { n: 1 })
  expect(answered).toEqual([])
  spare.close()
})

it('takes over with what follows in the same flight: the one before ends, and everything came exactly once and in order', async () => {
  const bob = newIdentity('bill')
  const live = await connectClient(here.chat, bob)
  const spare = await waiting(bob)
  const ended = new Promise<void>((resolve) => live.socket.on('disconnect', () => resolve()))
  const count = 200
  const sending = Promise.all(Array.from({ length: count }, (_, n) => tell(bob, `${n}`)))
  await live.until((items) => items.length > 0)
  const [taken, page] = await Promise.all([
    spare.request('session.take', { race: 7 }),
    spare.request('stream.read', { after: live.items.at(-1)?.seq ?? 0 }),
  ])
  expect(taken).toEqual({ ok: true })
  await ended
  await sending
  if (!page.ok || page.more) throw new Error('not one page')
  // What was read, and what was pushed behind it.
  const before = live.items.filter(({ seq }) => seq <= (live.items.at(-1)?.seq ?? 0))
  const rest = () => [...page.items, ...spare.items].filter(({ seq }) => seq > (before.at(-1)?.seq ?? 0))
  await spare.until(() => before.length + rest().length >= count)
  const all = [...before, ...rest()].map(({ seq }) => seq)
  expect(all).toHaveLength(count)
  expect(all).toEqual([...new Set(all)].sort((a, b) => a - b))
  expect(await spare.sendText(ann.identity, 1, 'from here')).toMatchObject({ ok: true })
  // Once is enough.
  expect(await spare.request('session.take', { race: 8 })).toEqual({ ok: true })
  expect(spare.socket.connected).toBe(true)
  spare.close()
})

it('there is one for each device: a newer one ends the older, and the one in use stays', async () => {
  const bob = newIdentity('ben')
  const live = await connectClient(here.chat, bob)
  const [first, second] = [await waiting(bob), await waiting(bob)]
  await expect.poll(() => first.socket.connected).toBe(false)
  expect([live.socket.connected, second.socket.connected]).toEqual([true, true])
  for (const client of [live, first, second]) client.close()
})

it('a login by another key is no more welcome for waiting', async () => {
  const bob = newIdentity('boris')
  const live = await connectClient(here.chat, bob)
  await expect(waiting({ ...newIdentity('boris'), device: bob.device })).rejects.toThrow('handle-taken')
  live.close()
})
