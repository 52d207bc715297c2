import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { announceSealed } from '../../../relay/mail.ts'
import { createPresence, type Session } from '../../../relay/presence.ts'
import type { Account } from '../../../relay/store/accounts.ts'
import { MAX_MAILBOX_BYTES, MAX_MAILBOX_PACKETS, type PacketEntry } from '../../../relay/store/mailbox.ts'
import { openStore, type Store } from '../../../relay/store/store.ts'
import { startSweeping } from '../../../relay/sweeping.ts'
import { Turns } from '../../../relay/turns.ts'
import { MAIL_PAGE, MAX_PACKET_BYTES, type SealedPacket } from '../../../shared/protocol/secret.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { freshDirectory } from '../../support/relay-here.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

const DAY = 24 * 60 * 60_000
/** Packets that one account may have in a mailbox. */
const SHARE = MAX_MAILBOX_PACKETS / 8
const directories: string[] = []
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true })
})
const directory = () => {
  const made = freshDirectory()
  directories.push(made)
  return made
}
const open = (dataDir: string) => openStore({ dataDir, onNotice: () => {} })

interface Person {
  readonly account: Account
  readonly device: number
}
const person = (store: Store, handle: string): Person => {
  const account = store.accounts.claim(handle, `key-${handle}`, 1)
  if (!account) throw new Error('handle taken')
  const device = store.accounts.device(account, `device-${handle}`, 1)
  store.prekeys.publish(device, testPrekeys(1), 1)
  return { account, device }
}
const sealed = (bytes: number) => randomBytes(bytes).toString('base64url')
const entry = (from: Person, to: Person, cid: number, packet: string): PacketEntry => ({
  kind: 'packet',
  sender: from.account,
  fromDevice: from.device,
  cid,
  recipient: to.account,
  toDevice: to.device,
  packet,
})
const everything = (store: Store, device: number): SealedPacket[] => {
  const found: SealedPacket[] = []
  for (let more = true; more; ) {
    const page = store.mailboxes.read(device, found.at(-1)?.id ?? 0)
    found.push(...page.packets)
    more = page.more
  }
  return found
}

describe('a mailbox', () => {
  it('gives each device exactly its packets, in order and once, through repeats, forgetting and restarts', { timeout: 60_000 }, () => {
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          kind: fc.constant('send' as const),
          from: fc.nat(2),
          to: fc.nat(2),
          bytes: fc.constantFrom(1, 300, 5000, 60_000),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), nth: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('done' as const), to: fc.nat(2), nth: fc.nat(8) }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const dataDir = directory()
        let store = open(dataDir)
        const names = ['ann', 'bob', 'cyd']
        const people = () => names.map((name) => person(store, name))
        const sent: { entry: PacketEntry; to: number; id: number; isGone: boolean }[] = []
        const waiting = (to: number) => sent.filter((each) => each.to === to && !each.isGone)
        steps.forEach((step, cid) => {
          const who = people()
          if (step.kind === 'restart') {
            store.close()
            store = open(dataDir)
          } else if (step.kind === 'done') {
            const [toDevice, upTo] = [who[step.to]?.device ?? 0, waiting(step.to)[step.nth]?.id ?? 0]
            store.mailboxes.commit([{ kind: 'done', toDevice, upTo }], 5)
            for (const each of waiting(step.to)) if (each.id <= upTo) each.isGone = true
          } else {
            const repeated = step.kind === 'repeat' ? sent.filter(({ isGone }) => !isGone)[step.nth] : undefined
            if (step.kind === 'repeat' && !repeated) return
            const [from, to] = step.kind === 'send' ? [who[step.from], who[step.to]] : [who[0], who[0]]
            if (!from || !to) return
            const made = repeated?.entry ?? entry(from, to, cid, sealed(step.kind === 'send' ? step.bytes : 1))
            expect(store.mailboxes.reserve(made)).toBe(true)
            const [written] = store.mailboxes.commit([made], 5)
            expect(written?.isNew).toBe(!repeated)
            if (repeated) expect(written?.id).toBe(repeated.id)
            else if (step.kind === 'send') {
              expect(written?.id).toBeGreaterThan(Math.max(0, ...sent.map(({ id }) => id)))
              sent.push({ entry: made, to: step.to, id: written?.id ?? 0, isGone: false })
            }
          }
        })
        people().forEach(({ device }, to) => {
          const got = everything(store, device).map(({ id, packet, from }) => [id, packet, from])
          expect(got).toEqual(waiting(to).map((each) => [each.id, each.entry.packet, each.entry.sender.handle]))
        })
        store.close()
      }),
      { numRuns: 25, endOnFailure: true },
    )
  })

  /** Eight who write to bob, the last four of whom he read in a cloud chat. */
  const correspondents = (store: Store, bob: Person) =>
    Array.from({ length: 8 }, (_, i) => {
      const someone = person(store, `someone_${i}`)
      if (i >= 4) {
        store.journal.commit([{ kind: 'mark', owner: bob.account, device: bob.device, peer: someone.account, state: 'read', upTo: 1 }], 1)
      }
      return someone
    })
  const add = (store: Store, from: Person, to: Person, cid: number, packet = 'AAAA') => {
    const made = entry(from, to, cid, packet)
    return store.mailboxes.reserve(made) ? [made] : []
  }

  it('takes ten thousand packets, not one more; again as many as were forgotten, and those of before a restart count', {
    timeout: 60_000,
  }, () => {
    const dataDir = directory()
    let store = open(dataDir)
    let bob = person(store, 'bob')
    const full = correspondents(store, bob).map((from) => Array.from({ length: SHARE + 5 }, (_, i) => add(store, from, bob, i)).flat())
    expect(full.map(({ length }) => length)).toEqual(full.map(() => SHARE))
    store.mailboxes.commit(full.flat(), 1)
    expect(add(store, person(store, 'late'), bob, 1)).toEqual([])
    // One that is there already needs no room: it gets its answer.
    const [first] = correspondents(store, bob)
    if (!first) throw new Error('nobody')
    expect(store.mailboxes.commit(add(store, first, bob, 7), 2)[0]).toMatchObject({ at: 1, isNew: false })
    expect(add(store, bob, first, 1)).toHaveLength(1)

    const third = store.mailboxes.read(bob.device, 0).packets[2]?.id ?? 0
    store.close()
    store = open(dataDir)
    bob = person(store, 'bob')
    const again = person(store, 'someone_0')
    expect(add(store, again, bob, 20_000)).toEqual([])
    store.mailboxes.commit([{ kind: 'done', toDevice: bob.device, upTo: third }], 1)
    expect([20_000, 20_001, 20_002, 20_003].map((cid) => add(store, again, bob, cid).length)).toEqual([1, 1, 1, 0])
    store.close()
  })

  it('gives one account an eighth of its room, in packets and in bytes, and keeps the rest for others', () => {
    const store = open(directory())
    const [ann, cyd, bob] = [person(store, 'ann'), person(store, 'cyd'), person(store, 'bob')]
    const large = sealed(MAX_PACKET_BYTES)
    const room = Math.floor(MAX_MAILBOX_BYTES / 8 / MAX_PACKET_BYTES)
    const taken = Array.from({ length: room + 5 }, (_, cid) => add(store, ann, bob, cid, large).length)
    expect(taken).toEqual(taken.map((_, i) => (i < room ? 1 : 0)))
    // Another device is the same person.
    const phone = { ...ann, device: store.accounts.device(ann.account, 'phone', 1) }
    expect(add(store, phone, bob, 1, large)).toEqual([])
    expect(Array.from({ length: SHARE + 5 }, (_, cid) => add(store, cyd, bob, cid)).flat()).toHaveLength(SHARE)
    expect(add(store, ann, cyd, 100, large)).toHaveLength(1)
    store.close()
  })

  it('is never filled by strangers, however many: half of it is for those whose messages its owner has read', { timeout: 60_000 }, () => {
    const store = open(directory())
    const bob = person(store, 'bob')
    const [friend] = correspondents(store, bob).slice(4)
    if (!friend) throw new Error('nobody')
    const crowd = Array.from({ length: 12 }, (_, i) => person(store, `stranger_${i}`))
    const taken = crowd.map((from) => Array.from({ length: SHARE }, (_, cid) => add(store, from, bob, cid)).flat())
    expect(taken.flat()).toHaveLength(MAX_MAILBOX_PACKETS / 2)
    // To have read it oneself makes nobody known.
    const [pusher] = crowd.slice(8)
    if (!pusher) throw new Error('nobody')
    store.journal.commit([{ kind: 'mark', owner: pusher.account, device: pusher.device, peer: bob.account, state: 'read', upTo: 1 }], 1)
    expect(add(store, pusher, bob, 9000)).toEqual([])
    const known = Array.from({ length: SHARE + 5 }, (_, cid) => add(store, friend, bob, cid)).flat()
    expect(known).toHaveLength(SHARE)
    store.mailboxes.commit([...taken.flat(), ...known], 1)
    store.mailboxes.commit([{ kind: 'done', toDevice: bob.device, upTo: store.mailboxes.read(bob.device, 0).packets[9]?.id ?? 0 }], 1)
    expect(Array.from({ length: 12 }, (_, cid) => add(store, pusher, bob, 9000 + cid)).flat()).toHaveLength(10)
    store.close()
  })

  it('has as much room as before after a packet was sent again and again', { timeout: 60_000 }, () => {
    const store = open(directory())
    const [ann, bob] = [person(store, 'ann'), person(store, 'bob')]
    const again = entry(ann, bob, 1, 'AAAA')
    for (let i = 0; i < 9; i++) {
      const entries = Array.from({ length: SHARE - 1 }, () => again)
      expect(entries.every((each) => store.mailboxes.reserve(each))).toBe(true)
      store.mailboxes.commit(entries, 1)
    }
    expect(Array.from({ length: SHARE }, (_, cid) => add(store, ann, bob, 2 + cid)).flat()).toHaveLength(SHARE - 1)
    store.close()
  })

  it('takes 64 MiB, not one byte more', () => {
    const store = open(directory())
    const bob = person(store, 'bob')
    const large = sealed(MAX_MAILBOX_BYTES / 8 / 1024)
    const full = correspondents(store, bob).map((from) =>
      Array.from({ length: 1030 }, (_, cid) => add(store, from, bob, cid, large)).flat(),
    )
    expect(full.map(({ length }) => length)).toEqual(full.map(() => 1024))
    expect(add(store, person(store, 'late'), bob, 5000, 'AA')).toEqual([])
    store.close()
  })

  it('has the room again that a failed commit would have taken, and nothing of it stands', () => {
    const store = open(directory())
    const [ann, bob] = [person(store, 'ann'), person(store, 'bob')]
    const entries = Array.from({ length: SHARE }, (_, cid) => add(store, ann, bob, cid)).flat()
    expect(add(store, ann, bob, 5000)).toEqual([])
    // No integer: the strict table refuses the row, as a full disk would.
    expect(() => store.mailboxes.commit([...entries.slice(0, 3), entry({ ...ann, device: 0.5 }, bob, 3, 'AAAA')], 1)).toThrow()
    expect(everything(store, bob.device)).toEqual([])
    expect(add(store, ann, bob, 0)).toHaveLength(1)
    store.close()
  })

  it('keeps a packet for thirty days', () => {
    const store = open(directory())
    const [ann, bob] = [person(store, 'ann'), person(store, 'bob')]
    const clock = new VirtualClock()
    const sweeping = startSweeping([store.mailboxes], clock, (error) => {
      throw error
    })
    for (const [cid, packet] of ['old0', 'old1'].entries()) store.mailboxes.commit([entry(ann, bob, cid, packet)], clock.now())
    clock.advance(DAY)
    store.mailboxes.commit([entry(ann, bob, 2, 'new0')], clock.now())
    clock.advance(29 * DAY - 60_000)
    expect(everything(store, bob.device).map(({ packet }) => packet)).toEqual(['old0', 'old1', 'new0'])
    clock.advance(2 * 60_000)
    expect(everything(store, bob.device).map(({ packet }) => packet)).toEqual(['new0'])
    sweeping.stop()
    store.close()
  })

  it('leaves no piece of a packet in any file of the relay once it was forgotten and swept', { timeout: 60_000 }, () => {
    const dataDir = directory()
    const store = open(dataDir)
    const [ann, bob, cyd] = [person(store, 'ann'), person(store, 'bob'), person(store, 'cyd')]
    const files = () =>
      ['relay.db', 'relay.db-wal'].filter((name) => existsSync(join(dataDir, name))).map((name) => readFileSync(join(dataDir, name)))
    const isAnywhere = (word: string) => files().some((file) => file.includes(word))
    // Full of a word, so that any piece is found again. Sizes that share a page, fill one, and spill over many.
    const full = (word: string, bytes: number) => Buffer.alloc(bytes, word).toString('base64url')
    const sizes = [40, 400, 464, 1500, 4000, 9000, 30_000]
    for (let round = 0; round < 40; round++) {
      const entries = Array.from({ length: 30 }, (_, i) => {
        const bytes = sizes[(i * 5 + round) % sizes.length] ?? 40
        return i % 3 === 0
          ? entry(ann, cyd, round * 30 + i, full('staying ', bytes))
          : entry(ann, bob, round * 30 + i, full('leaving ', bytes))
      })
      store.mailboxes.commit(entries, 1)
      // Forgotten in pieces, while others come and stay: rows move between pages.
      const upTo = store.mailboxes.read(bob.device, 0).packets[round % 20]?.id ?? 0
      store.mailboxes.commit([{ kind: 'done', toDevice: bob.device, upTo }], 1)
    }
    expect([isAnywhere('leaving'), isAnywhere('staying')]).toEqual([true, true])
    store.mailboxes.commit([{ kind: 'done', toDevice: bob.device, upTo: Number.MAX_SAFE_INTEGER }], 1)
    store.mailboxes.sweep(0)
    expect([isAnywhere('leaving'), isAnywhere('staying')]).toEqual([false, true])
    expect(everything(store, cyd.device)).toHaveLength(400)
    store.close()
  })
})

describe('a push of sealed packets', () => {
  const sessionOf = ({ account, device }: Person, isCaughtUp: boolean) => {
    const pushed: SealedPacket[][] = []
    const session: Session = {
      account,
      device,
      deviceName: '',
      race: { run: '', race: 1 },
      caughtUp: true,
      mailCaughtUp: isCaughtUp,
      turns: new Turns(),
      push: () => {},
      pushSealed: (packets) => void pushed.push([...packets]),
      typing: () => {},
      drop: () => {},
      takeOver: () => true,
    }
    return { session, pushed }
  }

  it('comes in pieces no larger than a page, and not to a device that has not read what was before', () => {
    const store = open(directory())
    const [ann, bob, cyd] = [person(store, 'ann'), person(store, 'bob'), person(store, 'cyd')]
    const presence = createPresence(store.accounts.deviceName)
    const [ready, behind] = [sessionOf(bob, true), sessionOf(cyd, false)]
    for (const { session } of [ready, behind]) presence.enter(session)
    const entries = Array.from({ length: 5 * MAIL_PAGE }, (_, cid) => entry(ann, cid % 2 === 0 ? bob : cyd, cid, 'AAAA'))
    announceSealed(presence, store.accounts, entries, store.mailboxes.commit(entries, 1))
    expect(ready.pushed.map(({ length }) => length)).toEqual([MAIL_PAGE, MAIL_PAGE, MAIL_PAGE / 2])
    expect(ready.pushed.flat()).toEqual(everything(store, bob.device))
    expect(behind.pushed).toEqual([])
    store.close()
  })
})
