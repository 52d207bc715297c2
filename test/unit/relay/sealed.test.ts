import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Mailboxes } from '../../../relay/store/mailbox.ts'
import { openStore, type Store, type StoreOptions } from '../../../relay/store/store.ts'
import { MAIL_PAGE, MAX_PACKET_BYTES, type SealedPacket } from '../../../shared/protocol/secret.ts'
import { connectClient, keyOf, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

const FAST = { perSecond: 100_000, burst: 1_000_000 }
const deviceOf = ({ device }: TestIdentity) => Buffer.from(device).toString('base64url')
const sealed = (bytes = 400) => randomBytes(bytes).toString('base64url')
const packets = (mail: readonly SealedPacket[]) => mail.map(({ packet }) => packet)
const lastId = (mail: readonly SealedPacket[]) => mail.at(-1)?.id ?? 0

const send = (client: TestClient, to: TestIdentity, cid: number, packet: string, turn = 0) =>
  client.request('sealed.send', { cid, turn, to: to.handle, toKey: keyOf(to), toDevice: deviceOf(to), packet })
const done = (client: TestClient, upTo = lastId(client.mail)) => client.request('sealed.done', { upTo })
/** What still waits after the hello, by as many pages as it takes. */
const readAll = async (client: TestClient) => {
  for (let more = client.hello.sealed.more; more; ) {
    const page = await client.request('sealed.read', { after: lastId(client.mail) })
    if (!page.ok) throw new Error(page.code)
    client.mail.push(...page.packets)
    more = page.more
  }
  return client.mail
}

describe('sealed packets', () => {
  let here: RelayHere
  let names = 0
  const open: TestClient[] = []
  beforeAll(async () => {
    here = await relayHere({ rate: FAST })
  })
  afterAll(async () => {
    for (const client of open) client.close()
    await here.end()
  })

  const online = async (identity = newIdentity(`user_${++names}`)) => {
    const client = await connectClient(here.chat, identity)
    open.push(client)
    return client
  }
  /** Has published prekeys, and with them a mailbox. */
  const reachable = async (identity?: TestIdentity) => {
    const client = await online(identity)
    await client.request('prekeys.publish', testPrekeys(1))
    return client
  }

  it('arrive as they were sent, with who sent them from which device', async () => {
    const [ann, bob] = [await online(), await reachable()]
    const packet = sealed()
    const sent = await send(ann, bob.identity, 1, packet)
    if (!sent.ok) throw new Error(sent.code)
    await bob.untilMail((mail) => mail.length === 1)
    expect(bob.mail[0]).toEqual({
      id: expect.any(Number),
      from: ann.identity.handle,
      fromKey: keyOf(ann.identity),
      fromDevice: deviceOf(ann.identity),
      packet,
      at: sent.at,
    })
  })

  it('keep their order and arrive once each, however many are under way', async () => {
    const [ann, bob] = [await online(), await reachable()]
    const wanted = Array.from({ length: 500 }, () => sealed())
    const answers = await Promise.all(wanted.map((packet, i) => send(ann, bob.identity, i, packet)))
    expect(answers.every(({ ok }) => ok)).toBe(true)
    await bob.untilMail((mail) => mail.length >= wanted.length)
    expect(packets(bob.mail)).toEqual(wanted)
    const ids = bob.mail.map(({ id }) => id)
    expect(ids.every((id, i) => i === 0 || id > (ids[i - 1] ?? 0))).toBe(true)
  })

  it('sent again get the same answer and come once, also over a new connection and within one group', async () => {
    const [ann, bob] = [await online(), await reachable()]
    const packet = sealed()
    const [first, twin] = await Promise.all([send(ann, bob.identity, 9, packet), send(ann, bob.identity, 9, packet)])
    const later = await send(await online(ann.identity), bob.identity, 9, packet)
    expect(first.ok).toBe(true)
    expect([twin, later]).toEqual([first, first])
    expect(packets((await online(bob.identity)).mail)).toEqual([packet])
  })

  it('go to that one device, and to nobody else: not to others of the same person, not to the sender’s', async () => {
    const [ann, bob] = [await reachable(), await reachable()]
    const others = await Promise.all([
      reachable({ ...bob.identity, device: randomBytes(16) }),
      reachable({ ...ann.identity, device: randomBytes(16) }),
      reachable(),
    ])
    const packet = sealed()
    await send(ann, bob.identity, 1, packet)
    await bob.untilMail((mail) => mail.length === 1)
    for (const other of [ann, ...others]) {
      expect(await other.request('sealed.read', { after: 0 })).toEqual({ ok: true, packets: [], more: false })
      expect(await other.request('sealed.done', { upTo: Number.MAX_SAFE_INTEGER })).toEqual({ ok: true })
      expect(other.mail).toEqual([])
    }
    expect(packets((await online(bob.identity)).mail)).toEqual([packet])
  })

  it('wait for a device that is offline: with the hello, then page by page, without a gap when new ones come meanwhile', async () => {
    const [ann, bob] = [await online(), await reachable()]
    bob.close()
    const wanted = Array.from({ length: MAIL_PAGE * 2 + 50 }, () => sealed())
    await Promise.all(wanted.map((packet, i) => send(ann, bob.identity, i, packet)))
    const back = await online(bob.identity)
    expect(back.hello.sealed.packets).toHaveLength(MAIL_PAGE)
    expect(back.hello.sealed.more).toBe(true)
    const [meanwhile, live] = [sealed(), sealed()]
    await send(ann, bob.identity, 1000, meanwhile)
    await back.request('echo', { n: 1 })
    expect(back.mail).toHaveLength(MAIL_PAGE)
    await readAll(back)
    await send(ann, bob.identity, 1001, live)
    await back.untilMail((mail) => mail.at(-1)?.packet === live)
    expect(packets(back.mail)).toEqual([...wanted, meanwhile, live])
  })

  it('fill a page only up to a size that suits a bad line, and one that is large still comes', async () => {
    const [ann, bob] = [await online(), await reachable()]
    bob.close()
    const wanted = Array.from({ length: 12 }, () => sealed(MAX_PACKET_BYTES))
    for (const [i, packet] of wanted.entries()) expect(await send(ann, bob.identity, i, packet)).toMatchObject({ ok: true })
    const back = await online(bob.identity)
    expect(back.hello.sealed.more).toBe(true)
    expect(JSON.stringify(back.hello).length).toBeLessThan(300_000)
    expect(packets(await readAll(back))).toEqual(wanted)
  })

  it('are forgotten up to where the device says that it has them, and their places never come again', async () => {
    const [ann, bob] = [await online(), await reachable()]
    const [first, second, third] = [sealed(), sealed(), sealed()]
    for (const [i, packet] of [first, second].entries()) await send(ann, bob.identity, i, packet)
    await bob.untilMail((mail) => mail.length === 2)
    const [one, two] = bob.mail.map(({ id }) => id)
    expect(await done(bob, one)).toEqual({ ok: true })
    const back = await online(bob.identity)
    expect(packets(back.mail)).toEqual([second])
    await done(back, two)
    expect((await online(bob.identity)).mail).toEqual([])
    await send(ann, bob.identity, 2, third)
    const last = await online(bob.identity)
    expect(packets(last.mail)).toEqual([third])
    expect(lastId(last.mail)).toBeGreaterThan(two ?? 0)
  })

  it('are refused with the reason when they cannot be delivered as meant', async () => {
    const [ann, bob, cyd] = [await online(), await reachable(), await online()]
    const attempt = (change: object) =>
      ann.request('sealed.send', {
        cid: 1,
        turn: 0,
        to: bob.identity.handle,
        toKey: keyOf(bob.identity),
        toDevice: deviceOf(bob.identity),
        packet: sealed(),
        ...change,
      })
    expect(await attempt({ to: 'nobody_here' })).toEqual({ ok: false, code: 'unknown-handle' })
    expect(await attempt({ toKey: keyOf(ann.identity) })).toEqual({ ok: false, code: 'wrong-key' })
    expect(await attempt({ toKey: 'short' })).toEqual({ ok: false, code: 'bad-input' })
    expect(await attempt({ toDevice: deviceOf(newIdentity('x')) })).toEqual({ ok: false, code: 'unknown-device' })
    expect(await attempt({ toDevice: 'short' })).toEqual({ ok: false, code: 'bad-input' })
    for (const packet of ['', '+/+/', 'AA==', 'AB', 'A']) expect(await attempt({ packet })).toEqual({ ok: false, code: 'bad-input' })
    expect(await attempt({ packet: sealed(MAX_PACKET_BYTES + 3) })).toEqual({ ok: false, code: 'too-large' })
    // A device that never put up keys: nothing could be sealed for it.
    expect(await send(ann, cyd.identity, 1, sealed())).toEqual({ ok: false, code: 'unknown-device' })
    expect((await online(bob.identity)).mail).toEqual([])
  })

  it('reach a device that takes them slowly in pieces of the same size as a page', async () => {
    const [ann, bob] = [await online(), await reachable()]
    const lengths: number[] = []
    bob.socket.on('sealed', (more: readonly SealedPacket[]) => lengths.push(JSON.stringify(more).length))
    const wanted = Array.from({ length: 24 }, () => sealed(MAX_PACKET_BYTES))
    await Promise.all(wanted.map((packet, i) => send(ann, bob.identity, i, packet)))
    await bob.untilMail((mail) => mail.length === wanted.length)
    expect(packets(bob.mail)).toEqual(wanted)
    expect(Math.max(...lengths)).toBeLessThan(300_000)
  })
})

describe('the order of sealed packets', () => {
  it('holds past one that was refused for the moment: nothing behind it is taken until the sender begins again with it', async () => {
    const here = await relayHere({ rate: { perSecond: 10, burst: 80 } })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    await bob.request('prekeys.publish', testPrekeys(1))
    const wanted = Array.from({ length: 100 }, () => sealed())
    const answers = await Promise.all(wanted.map((packet, i) => send(ann, bob.identity, i, packet)))
    const taken = answers.filter(({ ok }) => ok).length
    expect(taken).toBeGreaterThan(0)
    expect(answers.map(({ ok }) => ok)).toEqual(answers.map((_, i) => i < taken))
    // What the relay would take by its rate again, but whose turn is over.
    await expect.poll(() => ann.request('echo', { n: 1 }), { timeout: 10_000 }).toMatchObject({ ok: true })
    await expect.poll(() => send(ann, bob.identity, 99, wanted[99] ?? ''), { timeout: 10_000 }).toEqual({ ok: false, code: 'rate-limited' })
    let turn = 0
    for (const [i, packet] of wanted.slice(0, taken + 3).entries()) {
      if (i < taken) continue
      await expect.poll(() => send(ann, bob.identity, i, packet, ++turn), { timeout: 10_000 }).toMatchObject({ ok: true })
    }
    await bob.untilMail((mail) => mail.length === taken + 3)
    expect(packets(bob.mail)).toEqual(wanted.slice(0, taken + 3))
    for (const client of [ann, bob]) client.close()
    await here.end()
  })
})

describe('a mailbox that is full', () => {
  it('refuses for the moment, and what comes behind too; other devices and cloud messages to the same person go on', async () => {
    let full: string | null = null
    const openStoreWithRoom = (options: StoreOptions): Store => {
      const store = openStore(options)
      const reserve: Mailboxes['reserve'] = (entry) => store.accounts.deviceName(entry.toDevice) !== full && store.mailboxes.reserve(entry)
      return { ...store, mailboxes: { ...store.mailboxes, reserve } }
    }
    const here = await relayHere({ rate: FAST }, { openStore: openStoreWithRoom })
    const person = newIdentity('bob')
    const tablet = { ...person, device: randomBytes(16) }
    const ann = await connectClient(here.chat, newIdentity('ann'))
    const [bob, other] = [await connectClient(here.chat, person), await connectClient(here.chat, tablet)]
    for (const client of [bob, other]) await client.request('prekeys.publish', testPrekeys(1))

    full = deviceOf(person)
    expect(await send(ann, person, 1, sealed())).toEqual({ ok: false, code: 'mailbox-full', retryMs: 60_000 })
    full = null
    expect(await send(ann, person, 2, sealed())).toEqual({ ok: false, code: 'mailbox-full' })
    expect(await send(ann, tablet, 3, sealed())).toMatchObject({ ok: true })
    expect(await ann.sendText(person, 4, 'x')).toMatchObject({ ok: true })
    const [first, second] = [sealed(), sealed()]
    await Promise.all([send(ann, person, 1, first, 1), send(ann, person, 2, second, 1)])
    await bob.untilMail((mail) => mail.length === 2)
    expect(packets(bob.mail)).toEqual([first, second])
    for (const client of [ann, bob, other]) client.close()
    await here.end()
  })
})

describe('a device that takes nothing of its mailbox', () => {
  it('is dropped before it fills the relay’s memory, and has everything when it comes back', async () => {
    const here = await relayHere({ rate: FAST })
    const bob = await connectClient(here.chat, newIdentity('bob'))
    // Several, since nobody may fill a mailbox alone.
    const senders = await Promise.all(Array.from({ length: 4 }, (_, i) => connectClient(here.chat, newIdentity(`ann_${i}`))))
    await bob.request('prekeys.publish', testPrekeys(1))
    bob.pause()
    const wanted: string[] = []
    while (!here.logged.some(({ message }) => message.includes('dropped'))) {
      expect(wanted.length).toBeLessThan(500)
      const ann = senders[(wanted.length / 20) % senders.length]
      if (!ann) throw new Error('nobody')
      const more = Array.from({ length: 20 }, () => sealed(MAX_PACKET_BYTES))
      await Promise.all(more.map((packet, i) => send(ann, bob.identity, wanted.length + i, packet)))
      wanted.push(...more)
    }
    bob.close()
    const back = await connectClient(here.chat, bob.identity)
    const got = packets(await readAll(back))
    expect(got).toHaveLength(wanted.length)
    expect(got.every((packet, i) => packet === wanted[i])).toBe(true)
    for (const client of [...senders, back]) client.close()
    await here.end()
  })
})

describe('a disk that fails', () => {
  it('is admitted to who sends a sealed packet, whose connection ends; the same packet goes once the disk does', async () => {
    let isFull = true
    const openStoreOnBadDisk = (options: StoreOptions): Store => {
      const store = openStore(options)
      const commit: Mailboxes['commit'] = (entries, now) => {
        if (isFull) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
        return store.mailboxes.commit(entries, now)
      }
      return { ...store, mailboxes: { ...store.mailboxes, commit } }
    }
    const here = await relayHere({}, { openStore: openStoreOnBadDisk })
    const [ann, bob] = [await connectClient(here.chat, newIdentity('ann')), await connectClient(here.chat, newIdentity('bob'))]
    await bob.request('prekeys.publish', testPrekeys(1))
    const ended = new Promise((resolve) => ann.socket.once('disconnect', resolve))
    const packet = sealed()
    expect(await send(ann, bob.identity, 1, packet)).toEqual({ ok: false, code: 'internal' })
    await ended
    isFull = false
    const again = await connectClient(here.chat, ann.identity)
    expect(await send(again, bob.identity, 1, packet)).toMatchObject({ ok: true })
    await bob.untilMail((mail) => mail.length === 1)
    expect(JSON.stringify(here.logged)).not.toContain(packet.slice(0, 20))
    for (const client of [ann, again, bob]) client.close()
    await here.end()
  })
})
