/** An engine is a process that may crash: what its users see of that. */
import { describe, expect, it } from 'vitest'
import { startEngine } from '../../../electron/host/engine.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { createFakePrograms } from '../../support/fake-programs.ts'

const start = { profileDir: '/p', handle: 'alice', bundlePath: '/b', network: { kind: 'system' as const }, storeKey: null, contacts: [] }
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

async function setUp() {
  const programs = createFakePrograms()
  const clock = new VirtualClock()
  const engine = await startEngine(programs.spawn, start, clock)
  const window = engine.open()
  const heard: unknown[] = []
  window.onFrame((raw) => heard.push(raw))
  const crash = async () => {
    programs.cores.get('alice')?.crash()
    await settle()
  }
  const lives = () => programs.started.length
  return { programs, clock, engine, window, heard, crash, lives }
}

describe('an engine', () => {
  it('tells every window when its process crashed, and comes back after a second', async () => {
    const { engine, clock, heard, crash, lives } = await setUp()
    let restarts = 0
    engine.onRestarted(() => {
      restarts += 1
    })
    await crash()
    expect(heard).toEqual([{ t: 'event', name: 'engine.lost', payload: { restarting: true } }])
    await clock.run(999, settle)
    expect(lives()).toBe(1)
    await clock.run(1, settle)
    expect(lives()).toBe(2)
    expect(restarts).toBe(1)
    await expect(engine.core.call('contact.list', {})).resolves.toEqual([])
    await engine.stop()
  })

  it('waits twice as long after every further crash, but never more than half a minute', async () => {
    const { engine, clock, crash, lives } = await setUp()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const before = lives()
      await crash()
      await clock.run(seconds * 1000 - 1, settle)
      expect(lives(), `${seconds} s`).toBe(before)
      await clock.run(1, settle)
      expect(lives()).toBe(before + 1)
    }
    await engine.stop()
  })

  it('counts a crash after a quiet minute as the first again', async () => {
    const { engine, clock, crash, lives } = await setUp()
    await crash()
    await clock.run(1000, settle)
    await crash()
    await clock.run(2000, settle)
    await clock.run(61_000, settle)
    await crash()
    await clock.run(1000, settle)
    expect(lives()).toBe(4)
    await engine.stop()
  })

  it('fails what was being asked when it crashed, and what is asked while it is away, as closed', async () => {
    const { engine, clock } = await setUp()
    await expect(engine.core.call('message.search', { query: 'crash while asking' })).rejects.toMatchObject({ code: 'closed' })
    await expect(engine.core.call('contact.list', {})).rejects.toMatchObject({ code: 'closed' })
    await clock.run(1000, settle)
    await expect(engine.core.call('contact.list', {})).resolves.toEqual([])
    await engine.stop()
  })

  it('keeps trying when the profile cannot be opened after a crash', async () => {
    const { programs, engine, clock, crash, lives } = await setUp()
    programs.refusals.set('core.start alice', new BackendError('store-locked'))
    await crash()
    await clock.run(1000, settle)
    expect(lives()).toBe(2)
    programs.refusals.clear()
    await clock.run(2000, settle)
    expect(lives()).toBe(3)
    await expect(engine.core.call('contact.list', {})).resolves.toEqual([])
    await engine.stop()
  })

  it('reports a first start that fails, and leaves no process', async () => {
    const programs = createFakePrograms()
    programs.refusals.set('core.start alice', new BackendError('store-damaged'))
    await expect(startEngine(programs.spawn, start, new VirtualClock())).rejects.toMatchObject({ code: 'store-damaged' })
    await settle()
    expect(programs.alive.size).toBe(0)
  })

  it('stops in order, and is not started again', async () => {
    const { programs, engine, clock, lives } = await setUp()
    await engine.stop()
    expect(programs.log.at(-1)).toBe('core.stop alice')
    expect(programs.alive.size).toBe(0)
    await clock.run(60_000, settle)
    expect(lives()).toBe(1)
  })

  it('cancels a start that was still to come when it is stopped', async () => {
    const { engine, clock, crash, lives } = await setUp()
    await crash()
    await engine.stop()
    await clock.run(60_000, settle)
    expect(lives()).toBe(1)
  })

  it('is started anew with something else while its windows stay, and as before where that fails', async () => {
    const { programs, engine, heard, lives } = await setUp()
    const order: string[] = []
    await engine.renew(async () => {
      order.push(...programs.log)
      return { ...start, profileDir: '/other' }
    })
    expect(order).toEqual(['core.start alice', 'core.stop alice'])
    expect(heard).toEqual([{ t: 'event', name: 'engine.lost', payload: { restarting: true } }])
    expect(lives()).toBe(2)
    expect(programs.cores.get('alice')?.start.profileDir).toBe('/other')

    await expect(engine.renew(() => Promise.reject(new BackendError('store-locked')))).rejects.toMatchObject({ code: 'store-locked' })
    await settle()
    expect(programs.cores.get('alice')?.start.profileDir).toBe('/other')
    await expect(engine.core.call('contact.list', {})).resolves.toEqual([])
    await engine.stop()
  })
})
