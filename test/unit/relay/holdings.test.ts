import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccounts } from '../../../relay/store/accounts.ts'
import { openDatabase } from '../../../relay/store/database.ts'
import { createDisclosure, liveColumns, liveTables } from '../../../relay/store/disclosure.ts'
import { meanings } from '../../../relay/store/meanings.ts'
import { dataClasses, Holdings } from '../../../shared/contract/chat.ts'
import { connectClient, keyOf, newIdentity, type TestClient } from '../../support/relay-client.ts'
import { freshDirectory, type RelayHere, relayHere } from '../../support/relay-here.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

describe('what the relay says it holds', () => {
  let here: RelayHere
  let ann: TestClient
  let bob: TestClient
  let cyd: TestClient
  const holdings = async (client: TestClient) => {
    const answer = await client.request('account.holdings', {})
    if (!answer.ok) throw new Error(answer.code)
    return v.parse(Holdings, answer.holdings)
  }
  const packet = randomBytes(2000).toString('base64url')
  const table = (all: Holdings, name: string) => all.tables.find((entry) => entry.table === name) ?? { count: -1, sample: [] }

  beforeAll(async () => {
    here = await relayHere({ rate: { perSecond: 5000, burst: 20_000 } })
    ann = await connectClient(here.chat, newIdentity('ann'))
    bob = await connectClient(here.chat, newIdentity('bob'))
    cyd = await connectClient(here.chat, newIdentity('cyd'))
    for (let i = 0; i < 8; i++) await ann.sendText(bob.identity, i, `secret number ${i}`)
    await bob.request('receipt.set', { peer: 'ann', state: 'read', upTo: 3 })
    await ann.request('link.publish', { title: 'A page', text: 'For all' })
    await ann.request('media.grant', { size: 10 })
    await bob.request('prekeys.publish', testPrekeys(1, { oneTime: 4 }))
    await ann.request('prekeys.take', { handle: 'bob', key: keyOf(bob.identity) })
    const toDevice = Buffer.from(bob.identity.device).toString('base64url')
    await ann.request('sealed.send', { cid: 900, turn: 0, to: 'bob', toKey: keyOf(bob.identity), toDevice, packet })
  })
  afterAll(async () => {
    for (const client of [ann, bob, cyd]) client.close()
    await here.end()
  })

  it('names every table and column of the live schema, each with a meaning and a class', () => {
    const dataDir = freshDirectory()
    const database = openDatabase(join(dataDir, 'relay.db'), { onNotice: () => {} })
    const tables = liveTables(database)
    expect(tables.length).toBeGreaterThan(0)
    expect(Object.keys(meanings).sort()).toEqual([...tables].sort())
    for (const name of tables) {
      const columns = liveColumns(database, name)
      expect(columns.map((column) => column.name)).toEqual(Object.keys(meanings[name]?.columns ?? {}))
      expect(columns.filter((column) => column.meaning === '' || !dataClasses.some((known) => known === column.class))).toEqual([])
      expect(dataClasses).toContain(meanings[name]?.class)
    }
    database.exec('CREATE TABLE tracking (account INTEGER, address TEXT)')
    expect(liveTables(database)).toContain('tracking')
    expect(liveColumns(database, 'tracking').map((column) => [column.meaning, column.class])).toEqual([
      ['', undefined],
      ['', undefined],
    ])
    database.close()
    rmSync(dataDir, { recursive: true })
  })

  it('finds them without reading what concerns others', () => {
    const dataDir = freshDirectory()
    const database = openDatabase(join(dataDir, 'relay.db'), { onNotice: () => {} })
    for (const [name, { concerns, newestFirst }] of Object.entries(meanings)) {
      if (!concerns) continue
      for (const what of [`count(*) FROM ${name} WHERE ${concerns}`, `* FROM ${name} WHERE ${concerns} ORDER BY ${newestFirst} LIMIT 5`]) {
        const plan = database.prepare(`EXPLAIN QUERY PLAN SELECT ${what}`).all<{ detail: string }>({ account: 1 })
        // The table of one row that says how far indexing has come may be read whole.
        expect(plan.map(({ detail }) => detail).filter((detail) => detail.startsWith('SCAN') && detail !== 'SCAN indexing')).toEqual([])
      }
    }
    database.close()
    rmSync(dataDir, { recursive: true })
  })

  it('counts what concerns the account and shows the newest few', async () => {
    const own = await holdings(ann)
    expect(table(own, 'message')).toMatchObject({ count: 8 })
    expect(table(own, 'message').sample).toHaveLength(5)
    expect(table(own, 'message').sample[0]).toMatchObject({ body: '{"kind":"text","text":"secret number 7"}', recipient: '2 (bob)' })
    expect(table(own, 'account').sample[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect([table(own, 'page').count, table(own, 'media').count, table(own, 'mark').count, table(own, 'device').count]).toEqual([
      1, 1, 1, 1,
    ])
  })

  it('puts cloud and secret chats side by side, person by person: the words of one, size and time of the other', async () => {
    const { sides } = await holdings(bob)
    expect(sides?.people.map(({ handle }) => handle)).toEqual(['ann'])
    const [withAnn] = sides?.people ?? []
    expect(withAnn?.cloud).toMatchObject({ messages: 8, rows: [{ mine: false, isFile: false, text: 'secret number 7' }, {}, {}] })
    const head = Buffer.from(packet, 'base64url').subarray(0, 16).toString('hex')
    expect(withAnn?.secret).toEqual({ packets: 1, bytes: 2000, rows: [{ at: expect.any(Number), mine: false, bytes: 2000, head }] })
    expect(sides).toMatchObject({ packets: { toMe: 1, fromMe: 0, bytes: 2000 }, publicKeys: 1 + 2 + 2 + 6, morePeople: 0 })
    expect((await holdings(ann)).sides).toMatchObject({
      packets: { toMe: 0, fromMe: 1 },
      publicKeys: 1,
      people: [{ handle: 'bob', secret: { rows: [{ mine: true }] } }],
    })
    expect((await holdings(cyd)).sides?.people).toEqual([])
  })

  it('says how long what is sealed stays, as it is in force', async () => {
    const DAY = 24 * 60 * 60_000
    expect((await holdings(ann)).kept).toEqual({
      keptMs: 30 * DAY,
      wipedWithinMs: 60_000,
      mailboxBytes: 64 * 1024 * 1024,
      mailboxPackets: 10_000,
    })
  })

  it('shows both sides of a secret chat how many sealed packets wait, when they came and how large they are, and only the seal of them', async () => {
    for (const own of [await holdings(ann), await holdings(bob)]) {
      expect(table(own, 'packet')).toMatchObject({ count: 1 })
      const [shown] = table(own, 'packet').sample
      expect(shown).toMatchObject({ sender: '1 (ann)', recipient: '2 (bob)', size: '2000', packet: `${packet.slice(0, 400)}…` })
      expect(shown?.at).toMatch(/^\d{4}-\d\d-\d\dT/)
    }
    const account = here.relay.store.accounts.byHandle('bob')
    if (!account) throw new Error('bob has no account')
    expect(table(here.relay.store.disclosure.everything(account, 1), 'packet').sample[0]?.packet).toBe(packet)
  })

  it('shows whose keys it hands out: how many one-time keys are left, and nothing of who took the others', async () => {
    const own = await holdings(bob)
    const counts = ['device_certificate', 'signed_prekey', 'one_time_prekey'].map((name) => table(own, name).count)
    expect(counts).toEqual([1, 2, 6])
    expect(table(own, 'one_time_prekey').sample[0]?.expires).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(
      ['device_certificate', 'signed_prekey', 'one_time_prekey'].map((name) => JSON.stringify(table(own, name).sample)).join(),
    ).not.toContain('ann')
    expect(table(await holdings(ann), 'one_time_prekey').count).toBe(0)
  })

  it('shows nobody what concerns others', async () => {
    const other = await holdings(cyd)
    expect(other.tables.filter(({ count }) => count > 0).map((entry) => [entry.table, entry.count])).toEqual([
      ['account', 1],
      ['device', 1],
    ])
    expect(JSON.stringify(other)).not.toContain('secret number')
  })

  it('counts the same while the newest messages are still being sorted in', async () => {
    for (let i = 100; i < 2000; i++) void ann.sendText(bob.identity, i, 'bulk')
    await ann.request('echo', { n: 1 })
    await bob.until((items) => items.some((item) => item.kind === 'message' && item.cid === 1999))
    expect(table(await holdings(bob), 'message').count).toBe(8 + 1900)
  })

  it('gives everything when the law asks, in the same words', () => {
    const account = here.relay.store.accounts.byHandle('ann')
    if (!account) throw new Error('ann has no account')
    const all = here.relay.store.disclosure.everything(account, 1)
    expect(table(all, 'message').sample).toHaveLength(table(all, 'message').count)
    expect(table(all, 'message').sample.at(-1)?.body).toContain('secret number 0')
  })

  it('has no column for an address, and would own up to one', async () => {
    const { columns } = await holdings(ann)
    expect(columns).toEqual({ searched: Object.values(meanings).flatMap((each) => Object.keys(each.columns)).length, likeAddress: [] })
    const dataDir = freshDirectory()
    const database = openDatabase(join(dataDir, 'relay.db'), { onNotice: () => {} })
    database.exec('CREATE TABLE visit (account INTEGER, ip TEXT, user_agent TEXT, recipient INTEGER)')
    const accounts = createAccounts(database)
    const account = accounts.claim('ann', 'k', 1)
    if (!account) throw new Error('handle taken')
    expect(createDisclosure(database, accounts).holdings(account, 1).columns?.likeAddress).toEqual(['visit.ip', 'visit.user_agent'])
    database.close()
    rmSync(dataDir, { recursive: true })
  })
})
