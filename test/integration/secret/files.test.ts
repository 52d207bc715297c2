/** A file of a secret chat over the real relay: it comes whole, and of its bytes, name and type the relay has nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { Core } from '../../../electron/core/parts.ts'
import { png } from '../../support/picture.ts'
import { startRealCore } from '../../support/real-core.ts'
import { startRelayProcess } from '../../support/relay-process.ts'
import { uuid } from '../../unit/chats/profile.ts'

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })
/** Every pixel spells it, stored as it is. */
const CLOUD = 'CLDCLDCLDCLD'
const SECRET = 'SECSECSECSEC'
const pictureOf = (mark: string) => {
  const [red = 0, green = 0, blue = 0] = Buffer.from(mark)
  return png(300, 200, () => [red, green, blue])
}

async function send(core: Core, chatId: string, name: string, bytes: Uint8Array<ArrayBuffer>) {
  const { fileId } = await core.handlers['file.begin']({ chatId, messageId: uuid(name), name, size: bytes.length })
  await core.handlers['file.append']({ fileId, offset: 0, bytes })
  await core.handlers['file.finish']({ fileId })
}

it('arrives byte for byte, and is nowhere at the relay, where one of a cloud chat is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-secret-file-'))
  const dataDir = join(folder, 'relay')
  const relay = await startRelayProcess(dataDir)
  const sent: string[] = []
  const bundle = JSON.parse(readFileSync(relay.bundlePath, 'utf8'))
  const [alice, bob] = ['alice', 'bob'].map((handle) => startRealCore({ folder, handle, bundle, tap: (text) => sent.push(text) }))
  if (!alice || !bob) throw new Error('both were started')
  onTestFinished(async () => {
    for (const { end } of [alice, bob]) await end()
    await relay.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const stateOf = async (core: Core, id: string) => (await core.handlers['chat.list']({})).find((chat) => chat.id === id)?.secret?.state
  await alice.core.handlers['contact.add']({ card: bob.core.card })
  await alice.core.handlers['secret.start']({ handle: 'bob' })
  await until(async () => expect(await stateOf(bob.core, 'secret:alice')).toBe('asked'))
  await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
  await until(async () => expect(await stateOf(alice.core, 'secret:bob')).toBe('secured'))

  await send(alice.core, 'cloud:bob', 'marked-cloud.png', pictureOf(CLOUD))
  await send(alice.core, 'secret:bob', 'marked-secret.png', pictureOf(SECRET))
  for (const [chatId, mark] of [
    ['cloud:alice', CLOUD],
    ['secret:alice', SECRET],
  ] as const) {
    await until(async () => {
      const { messages } = await bob.core.handlers['message.list']({ chatId, limit: 10 })
      expect(messages.at(-1)?.body).toMatchObject({ type: 'image/png', transfer: { state: 'ready' } })
    })
    const { messages } = await bob.core.handlers['message.list']({ chatId, limit: 10 })
    const read = await bob.core.handlers['file.read']({ messageId: messages.at(-1)?.id ?? '', offset: 0, length: 190_000 })
    expect(Buffer.from(read.bytes).equals(pictureOf(mark))).toBe(true)
  }

  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const stored = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n')
  expect([CLOUD, SECRET].map((mark) => stored.includes(mark))).toEqual([true, false])
  for (const place of [stored, sent.join('\n')]) {
    expect(['marked-cloud', 'marked-secret'].map((name) => place.includes(name))).toEqual([true, false])
  }
}, 60_000)
