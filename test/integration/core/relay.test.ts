/** Two whole engines and a real relay on loopback: real TLS, real socket.io, real encrypted stores. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Core } from '../../../electron/core/parts.ts'
import { FILE_CHUNK_BYTES, type Message } from '../../../shared/contract/chat.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { type RealCore, startRealCore } from '../../support/real-core.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { uuid } from '../../unit/chats/profile.ts'

let folder: string
let here: RelayHere
let ends: (() => Promise<void>)[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'throughline-two-'))
  here = await relayHere()
  ends = []
})
afterEach(async () => {
  for (const end of ends) await end()
  await here.end()
  rmSync(folder, { recursive: true })
})

function start(handle: string): RealCore {
  const running = startRealCore({ folder, handle, bundle: here.relay.bundle })
  ends.push(running.end)
  return running
}

const messages = async (core: Core, peer: string) => (await core.handlers['message.list']({ chatId: `cloud:${peer}`, limit: 300 })).messages
const texts = (list: Message[]) => list.flatMap(({ body }) => (body.kind === 'text' ? body.text : body.kind === 'file' ? body.name : []))
const until = (check: () => Promise<void>) =>
  expect.poll(() => check().then(() => 'as expected', String), { timeout: 15_000 }).toBe('as expected')

it('two people write to each other, also while one is away, with ticks, a picture and a public page', { timeout: 60_000 }, async () => {
  const alice = start('alice')
  const bob = start('bob')
  await alice.core.handlers['contact.add']({ card: bob.core.card })
  // Bob is known to the relay once he has been there.
  await until(async () => expect((await bob.core.handlers['path.get']({})).status).toBe('connected'))

  await alice.core.handlers['message.send']({ id: uuid('1'), chatId: 'cloud:bob', text: 'Hello Bob 👋 שלום' })
  await until(async () => expect(texts(await messages(bob.core, 'alice'))).toEqual(['Hello Bob 👋 שלום']))
  await until(async () => expect((await messages(alice.core, 'bob'))[0]?.delivery).toEqual({ state: 'delivered' }))
  const [seen] = await messages(bob.core, 'alice')
  await bob.core.handlers['chat.read']({ chatId: 'cloud:alice', order: seen?.order ?? 0 })
  await until(async () => expect((await messages(alice.core, 'bob'))[0]?.delivery).toEqual({ state: 'read' }))

  ends.splice(ends.indexOf(bob.end), 1)
  await bob.end()
  const many = Array.from({ length: 60 }, (_, i) => `while away ${i}`)
  for (const text of many) await alice.core.handlers['message.send']({ id: uuid(text), chatId: 'cloud:bob', text })
  const bytes = seededRandom(1).bytes(300_000)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const { fileId } = await alice.core.handlers['file.begin']({
    chatId: 'cloud:bob',
    messageId: uuid('picture'),
    name: 'picture.png',
    size: bytes.length,
  })
  for (let offset = 0; offset < bytes.length; offset += FILE_CHUNK_BYTES) {
    await alice.core.handlers['file.append']({ fileId, offset, bytes: bytes.slice(offset, offset + FILE_CHUNK_BYTES) })
  }
  await alice.core.handlers['file.finish']({ fileId })
  await alice.core.handlers['message.send']({ id: uuid('last'), chatId: 'cloud:bob', text: 'after the picture' })
  await until(async () =>
    expect(new Set((await messages(alice.core, 'bob')).map(({ delivery }) => delivery?.state))).not.toContain('queued'),
  )

  const again = start('bob')
  const all = ['Hello Bob 👋 שלום', ...many, 'picture.png', 'after the picture']
  await until(async () => expect(texts(await messages(again.core, 'alice'))).toEqual(all))
  await until(async () =>
    expect((await messages(again.core, 'alice')).find(({ body }) => body.kind === 'file')?.body).toMatchObject({
      type: 'image/png',
      transfer: { state: 'ready' },
    }),
  )
  const received = (await messages(again.core, 'alice')).find(({ body }) => body.kind === 'file')?.id ?? ''
  const piece = await again.core.handlers['file.read']({ messageId: received, offset: 199_999, length: 2 })
  expect([...piece.bytes]).toEqual([...bytes.slice(199_999, 200_001)])
  expect((await again.core.handlers['chat.list']({}))[0]?.unread).toBe(all.length - 1)

  const { url } = await again.core.handlers['link.publish']({ title: 'A page', text: 'Real text' })
  expect(await alice.core.handlers['link.open']({ url, bypass: false })).toMatchObject({
    outcome: 'reader',
    title: 'A page',
    text: 'Real text',
    author: 'bob',
    by: 'plain',
  })
  const holdings = await alice.core.handlers['relay.holdings']({})
  expect(holdings.tables.length).toBeGreaterThan(0)
  expect(JSON.stringify(holdings.tables)).toContain('alice')
})
