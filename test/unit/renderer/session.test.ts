/** How the window follows the engine. */
import { describe, expect, it, vi } from 'vitest'
import { startSession, TYPING_MS } from '../../../renderer/src/state/session.ts'
import { createAppStore } from '../../../renderer/src/state/store.ts'
import { VirtualClock } from '../../../shared/util/virtual-clock.ts'
import { connectFake, type FakeOptions } from '../../support/fake-backend.ts'
import { labInMoscow } from '../../support/lab-states.ts'
import { detour } from '../../support/path-states.ts'

const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 })

async function session(options: FakeOptions = {}) {
  const fake = connectFake(options)
  const { store, dispatch } = createAppStore()
  const clock = new VirtualClock()
  const stop = startSession(fake.backend, store, dispatch, clock)
  await until(() => expect(store.getState().path).not.toBeNull())
  return { fake, store, dispatch, clock, stop, now: () => store.getState() }
}

describe('a session', () => {
  it('begins with a snapshot of everything on screen', async () => {
    const { now } = await session({ lab: labInMoscow })
    await until(() => expect(now().users).toHaveLength(2))
    expect(Object.keys(now().chats ?? {})).toContain('cloud:bob')
    expect(now()).toMatchObject({ self: { handle: 'alice' }, settings: { enterSends: true }, lab: { running: { client: 'alice' } } })
  })

  it('asks nothing of a lab that the shell does not have', async () => {
    const { fake, now } = await session({ lab: null })
    expect(now().lab).toBeNull()
    expect(fake.calls.map(({ name }) => name)).not.toContain('lab.get')
  })

  it('forgets after five seconds that somebody was writing, unless they still are', async () => {
    const { fake, clock, now } = await session()
    const types = async () => {
      fake.emit('typing.changed', { chatId: 'cloud:bob', typing: true })
      await until(() => expect(now().typing['cloud:bob']).toBe(true))
    }
    await types()
    clock.advance(TYPING_MS - 1)
    await types()
    await new Promise((resolve) => setTimeout(resolve))
    clock.advance(TYPING_MS - 1)
    expect(now().typing['cloud:bob']).toBe(true)
    clock.advance(1)
    expect(now().typing['cloud:bob']).toBe(false)
  })

  it('asks again for everything that is open when the engine comes back', async () => {
    const { fake, dispatch, now } = await session()
    dispatch({ type: 'window.loaded', chatId: 'cloud:bob', messages: [], hasOlder: false, hasNewer: false })
    fake.emit('engine.lost', { restarting: true })
    await until(() => expect(now().engine).toBe('restarting'))
    fake.emit('path.changed', detour)
    fake.hello()
    await until(() => expect(now().windows['cloud:bob']?.messages.length).toBeGreaterThan(5))
    expect(now().engine).toBe('running')
  })

  it('forgets what was open of a chat that the engine does not have any more', async () => {
    const { fake, dispatch, now } = await session()
    dispatch({ type: 'window.loaded', chatId: 'secret:nobody', messages: [], hasOlder: false, hasNewer: false })
    fake.hello()
    await until(() => expect(now().windows['secret:nobody']).toBeUndefined())
    expect(now().failure).toBeNull()
  })

  it('hears nothing more once stopped', async () => {
    const { fake, stop, now } = await session()
    stop()
    fake.emit('path.changed', detour)
    await new Promise((resolve) => setTimeout(resolve))
    expect(now().path?.route?.kind).toBe('plain')
  })
})
