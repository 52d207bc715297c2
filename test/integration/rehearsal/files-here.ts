/** Two people in a rehearsal who send each other files while a censor of the test's own making stands on alice's way. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { RuleInput } from '../../../lab/censor/rule.ts'
import { createRehearsal, type VirtualRehearsal } from '../../../rehearsal/rehearsal.ts'
import type { Message } from '../../../shared/contract/chat.ts'
import { FILE_CHUNK_BYTES } from '../../../shared/contract/chat.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { card } from './story.ts'

export interface Move {
  readonly atMs: number
  readonly start?: readonly string[]
  readonly end?: readonly string[]
}

const LASTS_MS = 240_000

export async function filesHere(rules: readonly RuleInput[], moves: readonly Move[]): Promise<FilesHere> {
  const folder = await mkdtemp(join(tmpdir(), 'throughline-files-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const scenarioFile = join(folder, 'story.json')
  const told = moves.map((move, n) => ({
    id: `m${n}`,
    story: '2024-01-01T00:00Z',
    side: 'censor',
    text: 'A move.',
    effect: 'It acts.',
    ...move,
  }))
  const first = { id: 'begin', atMs: 0, story: '2024-01-01T00:00Z', side: 'world', text: 'An ordinary day.' }
  const story = {
    format: 1,
    card,
    places: ['ru-moscow-a', 'nl-a'],
    elsewhere: 'nl-a',
    lastsMs: LASTS_MS,
    world: {},
    rules,
    moves: [first, ...told],
    expected: [],
    checks: [],
  }
  await writeFile(scenarioFile, JSON.stringify(story))
  const troubles: string[] = []
  const here = await createRehearsal({ seed: 7, scenarioFile, onTrouble: (what) => troubles.push(what) })
  onTestFinished(async () => {
    await here.close()
    expect(troubles.filter((what) => what.includes('bug'))).toEqual([])
  })
  return new FilesHere(here)
}

export class FilesHere {
  readonly here: VirtualRehearsal
  constructor(here: VirtualRehearsal) {
    this.here = here
  }

  readonly play = (): Promise<unknown> => {
    return this.here.until(this.here.lab.call('lab.play', { scenario: card.id, client: 'alice' }))
  }

  /** Hands a file of so many bytes over to the writer's engine. */
  async send(from: 'alice' | 'bob', size: number): Promise<Uint8Array> {
    const { here } = this
    const { core } = here.person(from)
    const bytes = seededRandom(size).bytes(size)
    // Nobody fetches it unasked: it is no picture by its bytes.
    const chatId = `cloud:${from === 'alice' ? 'bob' : 'alice'}`
    const { fileId } = await here.until(core.call('file.begin', { chatId, messageId: randomUUID(), name: 'photo.bin', size }))
    for (let offset = 0; offset < size; offset += FILE_CHUNK_BYTES)
      await here.until(core.call('file.append', { fileId, offset, bytes: bytes.slice(offset, offset + FILE_CHUNK_BYTES) }))
    await here.until(core.call('file.finish', { fileId }))
    return bytes
  }

  async newest(of: 'alice' | 'bob'): Promise<Message | undefined> {
    const chatId = `cloud:${of === 'alice' ? 'bob' : 'alice'}`
    const { messages } = await this.here.until(this.here.person(of).core.call('message.list', { chatId, limit: 1 }))
    return messages[0]
  }

  /** Lets time pass until the newest file of this person is so; answers the ms it took. */
  async untilFile(of: 'alice' | 'bob', holds: (message: Message) => boolean, limitMs: number): Promise<number> {
    const { clock } = this.here
    const began = clock.monotonic()
    for (;;) {
      const message = await this.newest(of)
      if (message?.body.kind === 'file' && holds(message)) return clock.monotonic() - began
      if (clock.monotonic() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${JSON.stringify(message)}`)
      await this.here.run(100)
    }
  }

  async read(of: 'alice' | 'bob'): Promise<Buffer> {
    const message = await this.newest(of)
    const parts: Uint8Array[] = []
    for (let offset = 0; message; ) {
      const { bytes, total } = await this.here.until(
        this.here.person(of).core.call('file.read', { messageId: message.id, offset, length: FILE_CHUNK_BYTES }),
      )
      parts.push(bytes)
      offset += bytes.length
      if (offset >= total) break
    }
    return Buffer.concat(parts)
  }
}
