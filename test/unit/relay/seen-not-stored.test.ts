/** What the relay says it sees and does not store: each is done before its eyes, and its database is the same as before. */
import { randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { join } from 'node:path'
import { Database } from '@signalapp/sqlcipher'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seenNotStored } from '../../../relay/store/meanings.ts'
import { connectClient, keyOf, newIdentity, type TestClient } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

let here: RelayHere
let ann: TestClient
let bob: TestClient
let media: string
let slug: string

/** Every row of every table, SQLite's own counters aside. */
const everything = (): Record<string, unknown[]> => {
  const database = new Database(join(here.dataDir, 'relay.db'))
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
    return Object.fromEntries(
      tables.all<{ name: string }>().map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all<{ id: number }>()]),
    )
  } finally {
    database.close()
  }
}
const http = (method: string, path: string, more: { headers?: Record<string, string>; body?: Buffer } = {}) =>
  new Promise<number>((resolve, reject) => {
    const { port } = here.relay
    const sent = request(
      { host: '127.0.0.1', port, ca: here.bundle.roots, method, path, headers: more.headers ?? {}, agent: false },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    sent.on('error', reject)
    sent.end(more.body)
  })
/** The same device, on a new connection. */
const again = ({ identity }: TestClient) => connectClient(here.chat, identity)
const toBob = () => ({
  to: 'bob',
  toKey: keyOf(bob.identity),
  toDevice: Buffer.from(bob.identity.device).toString('base64url'),
})

beforeAll(async () => {
  here = await relayHere()
  ann = await connectClient(here.chat, newIdentity('ann'))
  bob = await connectClient(here.chat, newIdentity('bob'))
  await bob.request('prekeys.publish', testPrekeys(1, { oneTime: 3 }))
  const grant = await ann.request('media.grant', { size: 4 })
  const page = await ann.request('link.publish', { title: 'A page', text: 'For all' })
  if (!grant.ok || !page.ok) throw new Error('refused')
  media = grant.media
  slug = page.slug
  const headers = { authorization: `Bearer ${grant.token}`, 'content-length': '4' }
  expect(await http('PUT', `/m/${media}`, { headers, body: Buffer.from('blue') })).toBe(201)
})
afterAll(async () => {
  for (const client of [ann, bob]) client.close()
  await here.end()
})

const acts: Readonly<Record<(typeof seenNotStored)[number], () => Promise<void>>> = {
  'address-while-connected': async () => {
    ann = await again(ann)
    expect(JSON.stringify(everything())).not.toContain('127.0.0.1')
  },
  'when-online': async () => {
    for (let i = 0; i < 3; i++) {
      bob = await again(bob)
      await bob.request('echo', { n: i })
    }
  },
  typing: async () => {
    const heard = new Promise((resolve) => bob.socket.once('typing', resolve))
    ann.socket.emit('typing', { to: 'bob' })
    await heard
  },
  'file-readers': async () => {
    expect(await http('GET', `/m/${media}`)).toBe(200)
  },
  'page-readers': async () => {
    expect(await http('GET', `/${slug}`)).toBe(200)
  },
  'prekey-takers': async () => {
    const taken = await ann.request('prekeys.take', { handle: 'bob', key: keyOf(bob.identity) })
    expect(taken).toMatchObject({ ok: true, devices: [{}] })
  },
  'delivered-packets': async () => {
    bob.mail.length = 0
    for (const cid of [1, 2, 3])
      await ann.request('sealed.send', { cid, turn: 0, ...toBob(), packet: randomBytes(300).toString('base64url') })
    await bob.untilMail((mail) => mail.length === 3)
    expect(everything().packet).toHaveLength(3)
    await bob.request('sealed.done', { upTo: bob.mail.at(-1)?.id ?? 0 })
  },
}

describe('what the relay sees but does not store', () => {
  it.each(seenNotStored)('%s: nothing of it is in any row afterwards', async (code) => {
    const { one_time_prekey: before, ...others } = everything()
    await acts[code]()
    const { one_time_prekey: after, ...same } = everything()
    expect(same).toEqual(others)
    // Keys that were given away are gone; nothing stands in their place.
    expect(before).toEqual(expect.arrayContaining(after ?? []))
    if (code !== 'prekey-takers') expect(after).toEqual(before)
  })
})
