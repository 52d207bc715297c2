/** kill -9 of the engine at any moment: what a screen was told is kept arrives exactly once, in order; what arrived stays. */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { processPort } from '../../../electron/host/child.ts'
import { contract } from '../../../shared/contract/api.ts'
import { connect } from '../../../shared/contract/port.ts'
import type { StreamItem } from '../../../shared/protocol/relay.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { systemClock } from '../../../shared/util/clock.ts'
import { seededRandom } from '../../../shared/util/random.ts'
import { FakeRelay, type Identified } from '../../unit/chats/fake-relay.ts'
import { uuid } from '../../unit/chats/profile.ts'
import type { FromChild, ToChild } from './kill-pipe.ts'

const KILLS = 20
const KEPT_BEFORE_EACH = 500
const peers = ['bob', 'carol'] as const

let folder: string
const program = join(import.meta.dirname, '../../../.cache/test/kill-child.js')
const keyOf = (fill: number) => toBase64Url(new Uint8Array(32).fill(fill))

beforeAll(() => {
  // A killed process loses nothing that it gave to the system, so memory will do for a disk, and is faster.
  folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'throughline-kill-'))
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
afterAll(() => rmSync(folder, { recursive: true }))

/** One life of the engine. */
function start(relay: FakeRelay, draw: () => number) {
  const child = fork(program, [join(folder, 'store.db'), 'alice'], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const client = connect(contract, processPort(child))
  const tell = (message: ToChild) => {
    if (child.connected) child.send(message, () => {})
  }
  const online = new Promise<void>((resolve) => {
    child.on('message', (message: FromChild | { t: string }) => {
      if (!('relay' in message)) return
      if (message.relay === 'login') {
        login(message.who, message.cursor)
        resolve()
        return
      }
      const answer = relay.answer(who, message.name, message.input as never)
      // The answer may be on its way when the process is killed.
      if (draw() < 0.2) setTimeout(() => tell({ relay: 'answer', id: message.id, answer }), 2)
      else tell({ relay: 'answer', id: message.id, answer })
    })
  })
  let who: Identified = { handle: 'alice', key: '', device: '' }
  const pushed = { push: (items: readonly StreamItem[]) => tell({ relay: 'items', items }) }
  const login = (identified: Identified, cursor: number) => {
    who = identified
    relay.register(who.handle, who.key).links.add(pushed)
    tell({ relay: 'online', ...relay.page('alice', cursor) })
  }
  return {
    client,
    online,
    async kill() {
      child.kill('SIGKILL')
      await ended
      relay.register('alice', '').links.delete(pushed)
    },
  }
}

it(`loses and doubles nothing over ${KILLS} kills`, { timeout: 240_000 }, async () => {
  const relay = new FakeRelay(systemClock)
  const random = seededRandom(4)
  for (const [i, peer] of peers.entries()) relay.register(peer, keyOf(i + 1))
  const kept: Record<string, string[]> = { bob: [], carol: [] }
  const asked: Record<string, string[]> = { bob: [], carol: [] }
  let written = 0
  const keptBeforeKill: number[] = []

  for (let life = 0; life <= KILLS; life++) {
    const engine = start(relay, random.fraction)
    await engine.online
    if (life === 0) for (const [i, peer] of peers.entries()) await engine.client.call('contact.add', { card: `${peer}:${keyOf(i + 1)}` })
    let alive = true
    let keptNow = 0
    const killAt = KEPT_BEFORE_EACH + Math.floor(random.fraction() * 100)
    const write = async (peer: (typeof peers)[number]) => {
      while (alive) {
        const text = `${peer} ${life} ${asked[peer]?.length}`
        asked[peer]?.push(text)
        try {
          await engine.client.call('message.send', { id: uuid(text), chatId: `cloud:${peer}`, text })
        } catch {
          return
        }
        kept[peer]?.push(text)
        keptNow += 1
        if (keptNow % 10 === 0) {
          const from = { handle: peer, key: relay.register(peer, '').key, device: toBase64Url(new Uint8Array(16).fill(1)) }
          relay.post(from, ++written, 'alice', { kind: 'text', text: `to alice ${written}` })
        }
        if (keptNow === killAt) alive = false
      }
    }
    if (life < KILLS) {
      const writing = peers.map(write)
      await Promise.race(writing)
      await engine.kill()
      await Promise.all(writing)
      keptBeforeKill.push(keptNow)
      continue
    }
    // The last life only finishes.
    const arrivedAll = () => peers.every((peer) => relay.messagesTo(peer).length >= (kept[peer]?.length ?? 0))
    for (let waited = 0; !arrivedAll() && waited < 60_000; waited += 100) await new Promise((resolve) => setTimeout(resolve, 100))
    for (const peer of peers) {
      const arrived = relay.messagesTo(peer).map(({ body }) => (body.kind === 'text' ? body.text : ''))
      expect(new Set(arrived).size).toBe(arrived.length)
      // A message whose answer never reached the screen may have been kept as well; nothing else may differ.
      const told = new Set(kept[peer])
      expect(arrived.filter((text) => told.has(text))).toEqual(kept[peer])
      const known = new Set(asked[peer])
      expect(arrived.filter((text) => !known.has(text))).toEqual([])
    }
    const theirs: string[] = []
    for (const peer of peers) {
      for (let before = Number.MAX_SAFE_INTEGER, hasOlder = true; hasOlder; ) {
        const page = await engine.client.call('message.list', { chatId: `cloud:${peer}`, before, limit: 300 })
        for (const { mine, body } of page.messages) if (!mine && body.kind === 'text') theirs.push(body.text)
        before = page.messages[0]?.order ?? 0
        hasOlder = page.hasOlder
      }
    }
    expect(theirs.sort()).toEqual(Array.from({ length: written }, (_, i) => `to alice ${i + 1}`).sort())
    await engine.kill()
  }
  expect(Math.min(...keptBeforeKill)).toBeGreaterThanOrEqual(KEPT_BEFORE_EACH)
})
