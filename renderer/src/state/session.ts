/** Keeps the store in step with the engine: first a snapshot, then events. After the engine restarted, a new snapshot. */
import type { Backend } from '../../../shared/contract/api.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Profile } from '../../../shared/contract/profile.ts'
import { type Clock, systemClock, type Timer } from '../../../shared/util/clock.ts'
import type { AppStore, Dispatch } from './store.ts'

/** Rows asked for at once. */
export const PAGE_ROWS = 100
/** A typing sign that was not renewed is stale after this. */
export const TYPING_MS = 5_000

const mirrored = [
  'message.changed',
  'message.removed',
  'chat.changed',
  'path.changed',
  'history.changed',
  'probe.changed',
  'settings.changed',
  'engine.lost',
  'lab.changed',
  'users.changed',
  'bridge.changed',
  'bundle.changed',
] as const

/** Returns its own undo. */
export function startSession(backend: Backend, store: AppStore, dispatch: Dispatch, clock: Clock = systemClock): () => void {
  const undo: (() => void)[] = []
  const mirror = <E extends (typeof mirrored)[number]>(type: E) => {
    // `type` names the schema the payload has just passed; TypeScript cannot follow that pair through a list.
    undo.push(backend.on(type, (payload) => dispatch({ type, payload } as Parameters<Dispatch>[0])))
  }
  for (const type of mirrored) mirror(type)

  const heard = (payload: Profile) => {
    dispatch({ type: 'profile.changed', payload })
    const { hello } = store.getState()
    if (hello && !payload.locked) void snapshot(backend, store, dispatch, hello.groups)
  }

  const expiry = new Map<string, Timer>()
  undo.push(
    backend.on('typing.changed', (payload) => {
      expiry.get(payload.chatId)?.cancel()
      dispatch({ type: 'typing.changed', payload })
      const forget = () => dispatch({ type: 'typing.changed', payload: { chatId: payload.chatId, typing: false } })
      if (payload.typing) expiry.set(payload.chatId, clock.after(TYPING_MS, forget))
    }),
  )
  undo.push(
    backend.on('hello', (payload) => {
      dispatch({ type: 'hello', payload })
      // Whether it is locked comes first: a locked engine answers nothing else.
      backend.call('profile.get', {}).then(heard, (error) => dispatch({ type: 'failure.shown', code: codeOf(error) }))
    }),
  )
  undo.push(
    backend.on('profile.changed', (payload) => {
      const wasLocked = store.getState().profile?.locked ?? true
      if (wasLocked) heard(payload)
      else dispatch({ type: 'profile.changed', payload })
    }),
  )
  return () => {
    for (const timer of expiry.values()) timer.cancel()
    for (const stop of undo) stop()
  }
}

const codeOf = (error: unknown) => (error instanceof BackendError ? error.code : 'internal')

async function snapshot(backend: Backend, store: AppStore, dispatch: Dispatch, groups: readonly string[]): Promise<void> {
  const load = async (part: Promise<void>) => {
    try {
      await part
    } catch (error) {
      dispatch({ type: 'failure.shown', code: codeOf(error) })
    }
  }
  const parts = [
    backend.call('settings.get', {}).then((payload) => dispatch({ type: 'settings.changed', payload })),
    backend.call('self.get', {}).then((self) => dispatch({ type: 'self.loaded', self })),
    backend.call('chat.list', {}).then((chats) => {
      dispatch({ type: 'chats.loaded', chats })
      return refresh(backend, store, dispatch)
    }),
    backend.call('bundle.state', {}).then((payload) => dispatch({ type: 'bundle.changed', payload })),
    backend.call('history.get', {}).then((payload) => dispatch({ type: 'history.changed', payload })),
    backend.call('path.get', {}).then((payload) => dispatch({ type: 'path.changed', payload })),
  ]
  if (groups.includes('lab')) parts.push(backend.call('lab.get', {}).then((payload) => dispatch({ type: 'lab.changed', payload })))
  if (groups.includes('bridge')) parts.push(backend.call('bridge.get', {}).then((payload) => dispatch({ type: 'bridge.changed', payload })))
  if (groups.includes('users')) parts.push(backend.call('users.list', {}).then((payload) => dispatch({ type: 'users.changed', payload })))
  await Promise.all(parts.map(load))
}

/** Chats that were on screen before the engine restarted may have missed messages, or hold what is to be gone. */
async function refresh(backend: Backend, store: AppStore, dispatch: Dispatch): Promise<void> {
  const reload = async (chatId: string) => {
    const page = await backend.call('message.list', { chatId, limit: PAGE_ROWS })
    dispatch({ type: 'window.loaded', chatId, ...page, hasNewer: false })
  }
  await Promise.all(Object.keys(store.getState().windows).map(reload))
}
