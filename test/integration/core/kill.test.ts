/**
 * kill -9 of the engine at any moment, over a real relay: what a screen was told is kept arrives exactly once and in order,
 * at somebody online and at somebody offline, and what arrived here stays.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { processPort } from '../../../electron/host/child.ts'
import { calls, events } from '../../../shared/contract/api.ts'
import { type Client, connect } from '../../../shared/contract/port.ts'
import { coreControl } from '../../../shared/protocol/processes.ts'
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { connectClient, keyOf, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { type RelayHere, relayHere } from '../../support/relay-here.ts'
import { uuid } from '../../unit/chats/profile.ts'

const KILLS = 20
const KEPT_BEFORE_EACH = 500
const api = { calls: { ...calls, ...coreControl.calls }, events } as const
const program = join(import.meta.dirname, '../../../.cache/test-processes/kill-child.js')
/** Bob is there all the time and writes back; Carol comes at the very end. */
const [bob, carol] = [newIdentity('bob'), newIdentity('carol')]
const peers = [bob, carol]

let folder: string
let here: RelayHere

beforeAll(async () => {
  // A killed process loses nothing that it gave to the system, so memory will do for a disk, and is faster.
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'throughline-kill-'))
  here = await relayHere({ rate: { perSecond: 1e6, burst: 1e6 } })
  mkdirSync(join(program, '..'), { recursive: true })
  buildSync({
    entryPoints: [join(import.meta.dirname, 'kill-child.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
})
afterAll(async () => {
  await here.end()
  rmSync(folder, { recursive: true })
})

interface Life {
  readonly client: Client<typeof api>
  readonly card: string
  kill(): Promise<void>
}

async function start(): Promise<Life> {
  const child: ChildProcess = fork(program, [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 2, 2, 'ipc'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const client = connect(api, processPort(child))
  const { card } = await client.call('core.start', {
    profileDir: join(folder, 'alice'),
    handle: 'alice',
    bundlePath: here.relay.bundlePath,
    network: { kind: 'system' },
    storeKey: null,
    contacts: peers.map((peer) => `${peer.handle}:${keyOf(peer)}`),
  })
  if (card === null) throw new Error('locked')
  return {
    client,
    card,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

const textsFrom = (items: readonly StreamItem[], handle: string) =>
  items.flatMap((item) => (item.kind === 'message' && item.from === handle && item.body.kind === 'text' ? [item.body.text] : []))

/** Everything in this person's stream, read anew. */
async function streamOf(identity: TestIdentity): Promise<StreamItem[]> {
  const client = await connectClient(here.chat, { ...identity, device: newIdentity(identity.handle).device })
  const items = [...client.hello.items]
  for (let more = client.hello.more; more; ) {
    const page = await client.request('stream.read', { after: items.at(-1)?.seq ?? 0 })
    if (!page.ok) throw new Error(page.code)
    items.push(...page.items)
    more = page.more
  }
  client.close()
  return items
}

async function allFrom(client: Life['client'], peer: string): Promise<string[]> {
  const texts: string[] = []
  let before = Number.MAX_SAFE_INTEGER
  for (let hasOlder = true; hasOlder; ) {
    const page = await client.call('message.list', { chatId: `cloud:${peer}`, before, limit: 300 })
    texts.unshift(...page.messages.flatMap(({ mine, body }) => (!mine && body.kind === 'text' ? [body.text] : [])))
    before = page.messages[0]?.order ?? 0
    hasOlder = page.hasOlder
  }
  return texts
}

it(`loses, doubles and disorders nothing over ${KILLS} kills`, { timeout: 600_000 }, async () => {
  const random = seededRandom(4)
  const online: TestClient = await connectClient(here.chat, bob)
  ;(await connectClient(here.chat, carol)).close()
  const kept = new Map(peers.map(({ handle }) => [handle, [] as string[]]))
  const asked = new Map(peers.map(({ handle }) => [handle, new Set<string>()]))
  const keptBeforeKill: number[] = []
  const answers: string[] = []

  for (let life = 0; life < KILLS; life++) {
    const engine = await start()
    const [handle = '', key = ''] = engine.card.split(':')
    let alive = true
    let keptNow = 0
    const killAt = KEPT_BEFORE_EACH + Math.floor(random.fraction() * 100)
    const write = async (peer: string) => {
      for (let i = 0; alive; i++) {
        const text = `${peer} ${life} ${i}`
        asked.get(peer)?.add(text)
        try {
          await engine.client.call('message.send', { id: uuid(text), chatId: `cloud:${peer}`, text })
        } catch {
          return
        }
        kept.get(peer)?.push(text)
        keptNow += 1
        if (keptNow % 10 === 0 && life > 0) {
          const answer = `to alice ${answers.length}`
          answers.push(answer)
          const body = { kind: 'text', text: answer } as const
          void online.request('message.send', { cid: answers.length, turn: 0, to: handle, toKey: key, body })
        }
        if (keptNow >= killAt) alive = false
      }
    }
    const writing = peers.map((peer) => write(peer.handle))
    await Promise.race(writing)
    await engine.kill()
    await Promise.all(writing)
    keptBeforeKill.push(keptNow)
  }
  expect(Math.min(...keptBeforeKill)).toBeGreaterThanOrEqual(KEPT_BEFORE_EACH)

  // The last life only finishes.
  const engine = await start()
  const isQueued = async () => {
    const chats = await engine.client.call('chat.list', {})
    return chats.map(({ last }) => last?.mine !== true || last.delivery?.state !== 'queued').includes(false)
  }
  await expect.poll(isQueued, { timeout: 60_000 }).toBe(false)
  await expect.poll(async () => (await allFrom(engine.client, 'bob')).length, { timeout: 60_000 }).toBe(answers.length)
  expect(await allFrom(engine.client, 'bob')).toEqual(answers)
  await engine.kill()
  online.close()

  for (const peer of peers) {
    const arrived = textsFrom(await streamOf(peer), 'alice')
    const told = new Set(kept.get(peer.handle))
    expect(new Set(arrived).size).toBe(arrived.length)
    expect(arrived.filter((text) => told.has(text))).toEqual(kept.get(peer.handle))
    // What the screen asked for but was not told of when the process died may have been kept as well; nothing else may be there.
    expect(arrived.filter((text) => !asked.get(peer.handle)?.has(text))).toEqual([])
  }
})
