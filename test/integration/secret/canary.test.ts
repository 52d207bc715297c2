/** Marked words: in a cloud chat the relay has them everywhere, in a secret chat nowhere. The first proves that the search finds. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Core } from '../../../electron/core/parts.ts'
import { canReadMemory, countInMemory } from '../../support/process-memory.ts'
import { type RealCore, startRealCore } from '../../support/real-core.ts'
import { type RelayProcess, startRelayProcess } from '../../support/relay-process.ts'
import { skipLoudly } from '../../support/skip.ts'
import { uuid } from '../../unit/chats/profile.ts'

const marks = { cloud: 'CANARYincloudchat', secret: 'CANARYinsecretchat', draft: 'CANARYinsecretdraft' }
const folder = mkdtempSync(join(tmpdir(), 'throughline-canary-'))
const dataDir = join(folder, 'relay')
/** What went to the relay, inside TLS. */
const sent: string[] = []
let relay: RelayProcess
let people: RealCore[]

const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 })
const secretState = async (core: Core, id: string) => (await core.handlers['chat.list']({})).find((chat) => chat.id === id)?.secret?.state

beforeAll(async () => {
  relay = await startRelayProcess(dataDir)
  const bundle = JSON.parse(readFileSync(relay.bundlePath, 'utf8'))
  const start = (handle: string) => startRealCore({ folder, handle, bundle, tap: (text) => sent.push(text) })
  const [alice, bob] = [start('alice'), start('bob')]
  people = [alice, bob]
  await alice.core.handlers['contact.add']({ card: bob.core.card })
  await alice.core.handlers['secret.start']({ handle: 'bob' })
  await until(async () => expect(await secretState(bob.core, 'secret:alice')).toBe('asked'))
  await bob.core.handlers['secret.accept']({ chatId: 'secret:alice' })
  await until(async () => expect(await secretState(alice.core, 'secret:bob')).toBe('secured'))
  const { 'message.send': send, 'draft.set': draft } = alice.core.handlers
  await send({ id: uuid('cloud'), chatId: 'cloud:bob', text: `with ${marks.cloud} inside` })
  await send({ id: uuid('secret'), chatId: 'secret:bob', text: `with ${marks.secret} inside` })
  await draft({ chatId: 'secret:bob', text: marks.draft })
  for (const chatId of ['cloud:alice', 'secret:alice']) {
    await until(async () => {
      const { messages } = await bob.core.handlers['message.list']({ chatId, limit: 10 })
      expect(messages.at(-1)?.body).toMatchObject({ kind: 'text', text: expect.stringContaining('CANARY') })
    })
  }
}, 60_000)

afterAll(async () => {
  for (const { end } of people) await end()
  await relay.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('words of a secret chat', () => {
  const found = (has: (mark: string) => boolean) => [has(marks.cloud), has(marks.secret), has(marks.draft)]

  it('are in no file of the relay, where those of a cloud chat are', () => {
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const stored = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n')
    expect(found((mark) => stored.includes(mark))).toEqual([true, false, false])
  })

  it('are in nothing that goes to the relay, where those of a cloud chat are', () => {
    expect(found((mark) => sent.some((text) => text.includes(mark)))).toEqual([true, false, false])
  })

  it('are in what a legal request would get as little as in the relay’s log', async () => {
    const given = JSON.stringify(await relay.control.call('relay.disclose', { handle: 'alice' }))
    expect(found((mark) => given.includes(mark))).toEqual([true, false, false])
    expect(relay.stderr()).not.toContain('CANARY')
  })

  it('are nowhere in the memory of the running relay, where those of a cloud chat are', () => {
    if (!canReadMemory || relay.child.pid === undefined) skipLoudly('another process’s memory can be read through /proc only, on Linux')
    const counts = countInMemory(relay.child.pid, Object.values(marks))
    expect(found((mark) => (counts[mark] ?? 0) > 0)).toEqual([true, false, false])
  })
})
