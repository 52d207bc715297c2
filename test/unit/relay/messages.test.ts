import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Journal } from '../../../relay/store/journal.ts'
import { openStore, type Store, type StoreOptions } from '../../../relay/store/store.ts'
import { MAX_WIRE_TEXT, STREAM_PAGE, type StreamItem } from '../../../shared/protocol/relay.ts'
import { connectClient, keyOf, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'

const texts = (items: readonly StreamItem[]) =>
  items.flatMap((item) => (item.kind === 'message' && item.body.kind === 'text' ? [item.body.text] : []))
const lastSeq = (items: readonly StreamItem[]) => items.at(-1)?.seq ?? 0

describe('messages', () => {
  let here: RelayHere
  let names = 0
  const open: TestClient[] = []
  beforeAll(async () => {
    here = await relayHere({ rate: { perSecond: 5000, burst: 20_000 } })
  })
  afterAll(async () => {
    for (const client of open) client.close()
    await here.end()
  })

  const person = () => newIdentity(`user_${++names}`)
  const online = async (identity: TestIdentity, cursor = 0) => {
    const client = await connectClient(here.chat, identity, { cursor })
    open.push(client)
    return client
  }
  const pair = async () => [await online(person()), await online(person())] as const
  /** Everything after `cursor`, by hello and as many pages as it takes. */
  const readAll = async (client: TestClient) => {
    for (let more = client.hello.more; more; ) {
      const page = await client.request('stream.read', { after: lastSeq(client.items) })
      if (!page.ok) throw new Error(page.code)
      client.items.push(...page.items)
      more = page.more
    }
    return client.items
  }

  it('arrive with their sender, key and place in the stream', async () => {
    const [ann, bob] = await pair()
    const sent = await ann.sendText(bob.identity, 1, 'Hello שלום 👋')
    if (!sent.ok) throw new Error(sent.code)
    await bob.until((items) => items.length === 1)
    expect(bob.items[0]).toEqual({
      kind: 'message',
      seq: sent.seq,
      at: sent.at,
      from: ann.identity.handle,
      fromKey: keyOf(ann.identity),
      to: bob.identity.handle,
      toKey: keyOf(bob.identity),
      device: Buffer.from(ann.identity.device).toString('base64url'),
      cid: 1,
      body: { kind: 'text', text: 'Hello שלום 👋' },
    })
  })

  it('keep their order and arrive once each, however many are under way', async () => {
    const [ann, bob] = await pair()
    const wanted = Array.from({ length: 500 }, (_, i) => `m${i}`)
    const answers = await Promise.all(wanted.map((text, i) => ann.sendText(bob.identity, i + 1, text)))
    await bob.until((items) => items.length >= wanted.length)
    expect(texts(bob.items)).toEqual(wanted)
    const seqs = answers.map((answer) => (answer.ok ? answer.seq : 0))
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(bob.items.map((item) => item.seq)).toEqual(seqs)
  })

  it('sent again get the same answer and are delivered once, also over a new connection and within one group', async () => {
    const [ann, bob] = await pair()
    const [first, twin] = await Promise.all([ann.sendText(bob.identity, 9, 'once'), ann.sendText(bob.identity, 9, 'once')])
    const again = await ann.sendText(bob.identity, 9, 'once')
    ann.close()
    const later = await (await online(ann.identity)).sendText(bob.identity, 9, 'once')
    expect(first.ok).toBe(true)
    expect([twin, again, later]).toEqual([first, first, first])
    const after = await online(ann.identity)
    await after.sendText(bob.identity, 10, 'twice')
    await bob.until((items) => texts(items).includes('twice'))
    expect(texts(bob.items)).toEqual(['once', 'twice'])
  })

  it('with a lower number than the last, sent late, are not taken for repeated ones', async () => {
    const [ann, bob] = await pair()
    await ann.sendText(bob.identity, 50, 'fifty')
    await ann.sendText(bob.identity, 7, 'seven')
    await ann.sendText(bob.identity, 50, 'fifty')
    await ann.sendText(bob.identity, 51, 'last')
    await bob.until((items) => texts(items).includes('last'))
    expect(texts(bob.items)).toEqual(['fifty', 'seven', 'last'])
  })

  it('wait for whoever is offline and come with the hello, then page by page, without a gap when new ones arrive meanwhile', async () => {
    const ann = await online(person())
    const bob = person()
    ;(await online(bob)).close()
    const wanted = Array.from({ length: STREAM_PAGE * 2 + 50 }, (_, i) => `m${i}`)
    await Promise.all(wanted.map((text, i) => ann.sendText(bob, i + 1, text)))

    const back = await online(bob)
    expect(back.hello.items).toHaveLength(STREAM_PAGE)
    expect(back.hello.more).toBe(true)
    await ann.sendText(bob, 1000, 'meanwhile')
    await readAll(back)
    await ann.sendText(bob, 1001, 'live')
    await back.until((items) => texts(items).includes('live'))
    expect(texts(back.items)).toEqual([...wanted, 'meanwhile', 'live'])

    const caughtUp = await online(bob, lastSeq(back.items))
    expect(caughtUp.hello).toMatchObject({ items: [], more: false })
  })

  it('fill a page only up to a size that suits a bad line', async () => {
    const ann = await online(person())
    const bob = person()
    ;(await online(bob)).close()
    const long = 'x'.repeat(MAX_WIRE_TEXT)
    for (let i = 0; i < 30; i++) await ann.sendText(bob, i, long)
    const back = await online(bob)
    expect(back.hello.more).toBe(true)
    expect(JSON.stringify(back.hello).length).toBeLessThan(300_000)
    expect(texts(await readAll(back))).toHaveLength(30)
  })

  it('stand in the sender’s own stream too, and reach the sender’s other devices', async () => {
    const [ann, bob] = await pair()
    const tablet = await online({ ...ann.identity, device: newIdentity('x').device })
    await ann.sendText(bob.identity, 1, 'from the laptop')
    await tablet.until((items) => items.length === 1)
    expect(texts(tablet.items)).toEqual(['from the laptop'])
    expect(ann.items).toEqual([])
    expect(texts((await online({ ...ann.identity, device: newIdentity('y').device })).items)).toEqual(['from the laptop'])
  })

  it('to oneself stand in the stream once', async () => {
    const ann = await online(person())
    await ann.sendText(ann.identity, 1, 'note')
    expect(texts((await online({ ...ann.identity, device: newIdentity('x').device })).items)).toEqual(['note'])
  })

  it('are refused with the reason when they cannot be delivered as meant', async () => {
    const [ann, bob] = await pair()
    const send = (change: object) =>
      ann.request('message.send', {
        cid: 1,
        turn: 0,
        to: bob.identity.handle,
        toKey: keyOf(bob.identity),
        body: { kind: 'text', text: 'x' },
        ...change,
      })
    expect(await send({ to: 'nobody_here' })).toEqual({ ok: false, code: 'unknown-handle' })
    expect(await send({ toKey: keyOf(newIdentity('x')) })).toEqual({ ok: false, code: 'wrong-key' })
    expect(await send({ toKey: 'short' })).toEqual({ ok: false, code: 'bad-input' })
    expect(await send({ body: { kind: 'text', text: 'x'.repeat(MAX_WIRE_TEXT + 1) } })).toEqual({ ok: false, code: 'too-large' })
    expect(await send({ body: { kind: 'text', text: '' } })).toEqual({ ok: false, code: 'bad-input' })
    expect(await send({ cid: -1 })).toEqual({ ok: false, code: 'bad-input' })
    expect(await send({ cid: 2 ** 60 })).toEqual({ ok: false, code: 'bad-input' })
    expect(await send({ body: { kind: 'text', text: '\u0000'.repeat(MAX_WIRE_TEXT) } })).toMatchObject({ ok: true })
  })

  it('are marked as delivered and read for the other side, forwards only and never beyond what was written', async () => {
    const [ann, bob] = await pair()
    const first = await ann.sendText(bob.identity, 1, 'one')
    const second = await ann.sendText(bob.identity, 2, 'two')
    if (!first.ok || !second.ok) throw new Error('not sent')
    const mark = (state: 'delivered' | 'read', upTo: number) => bob.request('receipt.set', { peer: ann.identity.handle, state, upTo })
    expect(await mark('delivered', second.seq)).toEqual({ ok: true })
    expect(await mark('read', first.seq)).toEqual({ ok: true })
    expect(await mark('read', second.seq)).toEqual({ ok: true })
    expect(await mark('read', first.seq)).toEqual({ ok: true })
    expect(await mark('delivered', Number.MAX_SAFE_INTEGER)).toEqual({ ok: true })
    await ann.until((items) => items.length === 4)
    const receipts = ann.items.map((item) => (item.kind === 'receipt' ? [item.by, item.peer, item.state, item.upTo] : []))
    const who = [bob.identity.handle, bob.identity.handle]
    expect(receipts.slice(0, 3)).toEqual([
      [...who, 'delivered', second.seq],
      [...who, 'read', first.seq],
      [...who, 'read', second.seq],
    ])
    const third = await ann.sendText(bob.identity, 3, 'three')
    if (!third.ok) throw new Error('not sent')
    expect(receipts[3]?.[3]).toBeLessThan(third.seq)
    // A device that comes back sees only where the marks stand now.
    const back = await online(ann.identity)
    expect(back.items.filter((item) => item.kind === 'receipt').map((item) => [item.state, item.peer])).toEqual([
      ['read', bob.identity.handle],
      ['delivered', bob.identity.handle],
    ])
    expect(await bob.request('receipt.set', { peer: 'nobody_here', state: 'read', upTo: 1 })).toEqual({ ok: false, code: 'unknown-handle' })
  })

  it('say that somebody types, to those online only and not too often', async () => {
    const [ann, bob] = await pair()
    const heard: unknown[] = []
    bob.socket.on('typing', (payload) => heard.push(payload))
    ann.socket.emit('typing', { to: bob.identity.handle })
    ann.socket.emit('typing', { to: bob.identity.handle })
    await ann.request('echo', { n: 1 })
    await bob.request('echo', { n: 1 })
    expect(heard).toEqual([{ from: ann.identity.handle }])
  })
})

describe('a device that asks too much', () => {
  it('is told how long to wait, and others are not kept waiting', async () => {
    const here = await relayHere({ rate: { perSecond: 10, burst: 20 } })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => ann.sendText(bob.identity, i, `m${i}`)))
    const refused = answers.filter((answer) => !answer.ok)
    expect(refused[0]).toMatchObject({ code: 'rate-limited', retryMs: expect.any(Number) })
    expect(await bob.request('echo', { n: 1 })).toMatchObject({ ok: true })
    ann.close()
    bob.close()
    await here.end()
  })

  it('gets nothing past a message that was refused, however late it comes, until it begins again with the oldest', async () => {
    const here = await relayHere({ rate: { perSecond: 10, burst: 20 } })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ann.sendText(bob.identity, i, `m${i}`)))
    const taken = answers.filter(({ ok }) => ok).length
    expect(answers.map(({ ok }) => ok)).toEqual(answers.map((_, i) => i < taken))
    let turn = 0
    const once = (to: TestIdentity, cid: number) => expect.poll(() => ann.sendText(to, cid, `m${cid}`, ++turn), { timeout: 10_000 })
    await once(ann.identity, 100).toMatchObject({ ok: true })
    // Without a time to wait: not for its rate, but for its turn.
    await expect.poll(() => ann.sendText(bob.identity, 30, 'm30'), { timeout: 10_000 }).toEqual({ ok: false, code: 'rate-limited' })
    for (let i = taken; i <= 30; i++) await once(bob.identity, i).toMatchObject({ ok: true })
    await bob.until((items) => items.length === 31)
    expect(texts(bob.items)).toEqual(Array.from({ length: 31 }, (_, i) => `m${i}`))
    ann.close()
    bob.close()
    await here.end()
  })
})

describe('a device that takes nothing of what is sent to it', () => {
  it('is dropped before it fills the relay’s memory, and has everything when it comes back', async () => {
    const here = await relayHere({ rate: { perSecond: 5000, burst: 20_000 } })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    bob.pause()
    const long = 'x'.repeat(MAX_WIRE_TEXT)
    let sent = 0
    while (!here.logged.some(({ message }) => message.includes('dropped'))) {
      expect(sent).toBeLessThan(3000)
      await Promise.all(Array.from({ length: 50 }, () => ann.sendText(bob.identity, sent++, long)))
    }
    bob.close()
    const back = await connectClient(here.chat, bob.identity)
    expect(back.hello).toMatchObject({ more: true })
    expect(back.hello.items[0]).toMatchObject({ cid: 0 })
    for (const client of [ann, back]) client.close()
    await here.end()
  })
})

describe('a newer connection of the same device', () => {
  it('takes the place of the older one, which ends, and hears what comes from then on', async () => {
    const here = await relayHere()
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    const ended = new Promise((resolve) => bob.socket.once('disconnect', resolve))
    const newer = await connectClient(here.chat, bob.identity)
    await ended
    await ann.sendText(bob.identity, 1, 'still there?')
    await newer.until((items) => items.length === 1)
    for (const client of [ann, newer]) client.close()
    await here.end()
  })
})

describe('a disk that fails', () => {
  it('is admitted to the sender, whose connection ends so that nothing overtakes what was lost; the same id works once the disk does', async () => {
    let isFull = true
    const openStoreOnBadDisk = (options: StoreOptions): Store => {
      const store = openStore(options)
      const commit: Journal['commit'] = (entries, now) => {
        if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
        return store.journal.commit(entries, now)
      }
      return { ...store, journal: { ...store.journal, commit } }
    }
    const here = await relayHere({}, { openStore: openStoreOnBadDisk })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    const ended = new Promise((resolve) => ann.socket.once('disconnect', resolve))
    expect(await ann.sendText(bob.identity, 1, 'x')).toEqual({ ok: false, code: 'internal' })
    await ended
    expect(here.logged.find(({ level }) => level === 'error')?.facts).toMatchObject({ code: 'SQLITE_FULL' })
    isFull = false
    const again = await connectClient(here.chat, ann.identity)
    expect(await again.sendText(bob.identity, 1, 'x')).toMatchObject({ ok: true })
    await bob.until((items) => items.length === 1)
    ann.close()
    again.close()
    bob.close()
    await here.end()
  })
})
