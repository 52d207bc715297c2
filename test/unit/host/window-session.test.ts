/** What a window may reach: the contract, and nothing of the process behind it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../../electron/host/engine.ts'
import { type EventFrame, joinWindow } from '../../../electron/host/window-session.ts'
import { contract } from '../../../shared/contract/api.ts'
import { memoryPortPair } from '../../../shared/contract/memory-port.ts'
import { connect, type Frame, type Port } from '../../../shared/contract/port.ts'
import { createEvents } from '../../../shared/util/events.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { createFakePrograms } from '../../support/fake-programs.ts'

const start = { profileDir: '/p', handle: 'alice', bundlePath: '/b', network: { kind: 'system' as const }, storeKey: null, contacts: [] }
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

async function setUp() {
  const programs = createFakePrograms()
  const engine = await startEngine(programs.spawn, start, new VirtualClock())
  const hostEvents = createEvents<EventFrame>()
  const bugs: unknown[] = []
  const open = () => {
    const [page, shell] = memoryPortPair()
    joinWindow({
      window: shell,
      engine: engine.open(),
      host: { 'users.list': async () => [] },
      onHostEvent: hostEvents.on,
      hello: { build: '1', shell: 'memory', groups: ['users'], user: 'alice' },
      onBug: (_name, error) => bugs.push(error),
    })
    return page
  }
  return { programs, engine, hostEvents, open, bugs }
}

/** Sends a raw frame and resolves with the answer to it. */
function ask(page: Port, frame: Extract<Frame, { t: 'call' }>): Promise<unknown> {
  return new Promise((resolve) => {
    page.onFrame((raw) => {
      if (typeof raw === 'object' && raw !== null && 'id' in raw && raw.id === frame.id) resolve(raw)
    })
    page.send(frame)
  })
}

describe('a window session', () => {
  it('greets first, with the contract, the user and what this shell can do', async () => {
    const { open } = await setUp()
    const first = await new Promise((resolve) => open().onFrame(resolve))
    expect(first).toEqual({
      t: 'event',
      name: 'hello',
      payload: { contract: 1, build: '1', shell: 'memory', groups: ['users'], user: 'alice' },
    })
  })

  it('sends core calls to the engine, answers its own, and says absent for groups this shell lacks', async () => {
    const { open } = await setUp()
    const backend = connect(contract, open())
    await expect(backend.call('contact.list', {})).resolves.toEqual([])
    await expect(backend.call('users.list', {})).resolves.toEqual([])
    await expect(backend.call('lab.get', {})).rejects.toMatchObject({ code: 'absent' })
  })

  it('never lets a window speak to the process itself', async () => {
    const { open, programs } = await setUp()
    const before = [...programs.log]
    for (const name of ['core.stop', 'core.start', 'relay.stop', 'lab.tamper', 'constructor', '__proto__', '']) {
      expect(await ask(open(), { t: 'call', id: 7, name, input: {} })).toEqual({ t: 'fail', id: 7, code: 'unknown-call', detail: '' })
    }
    expect(programs.log).toEqual(before)
  })

  it('gives two windows of one engine their own answers, though they use the same ids', async () => {
    const { open } = await setUp()
    const windows = Array.from({ length: 5 }, () => connect(contract, open()))
    const answers = await Promise.all(windows.map((backend, i) => backend.call('contact.add', { card: `friend_${i}:${'k'.repeat(43)}` })))
    expect(answers.map((chat) => chat.peer.handle)).toEqual(['friend_0', 'friend_1', 'friend_2', 'friend_3', 'friend_4'])
  })

  it('fans engine events and host events out to every window, and to none that closed', async () => {
    const { open, programs, hostEvents } = await setUp()
    const pages = [open(), open()]
    const heard = pages.map((page) => {
      const names: string[] = []
      page.onFrame((raw) => names.push((raw as EventFrame).name))
      return names
    })
    await settle()
    programs.cores.get('alice')?.events.emit('typing.changed', { chatId: 'cloud:bob', typing: true })
    hostEvents.emit({ t: 'event', name: 'users.changed', payload: [] })
    await settle()
    expect(heard.map((names) => names.toSorted())).toEqual([
      ['hello', 'typing.changed', 'users.changed'],
      ['hello', 'typing.changed', 'users.changed'],
    ])
    pages[1]?.close()
    hostEvents.emit({ t: 'event', name: 'users.changed', payload: [] })
    await settle()
    expect(heard.map((names) => names.length)).toEqual([4, 3])
  })

  it('survives any frame, and still answers afterwards', async () => {
    const { open, bugs } = await setUp()
    const hostile = fc.oneof(
      fc.anything(),
      fc.record({ t: fc.constantFrom('call', 'ok', 'fail', 'event'), id: fc.anything(), name: fc.anything(), input: fc.anything() }),
      fc.record({ t: fc.constant('call'), id: fc.nat(), name: fc.constantFrom(...Object.keys(contract.calls)), input: fc.anything() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (frames) => {
        const page = open()
        for (const frame of frames) {
          // Whatever a structured clone can carry may arrive; the rest cannot be sent at all.
          try {
            page.send(frame as Frame)
          } catch {}
        }
        // An id that no arbitrary frame has: a page that answers itself out of turn confuses only itself.
        const sane = { t: 'call', id: 2 ** 50 + 1, name: 'users.list', input: {} } as const
        expect(await ask(page, sane)).toEqual({ t: 'ok', id: sane.id, value: [] })
        page.close()
      }),
      { numRuns: 200 },
    )
    expect(bugs).toEqual([])
  })
})
