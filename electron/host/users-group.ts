/** The host group `users`: who lives on this computer, one more of them, and their windows. */
import type { Contract, EventPayload } from '../../shared/contract/api.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import type { Handlers } from '../../shared/contract/port.ts'
import type { Users } from './users.ts'

/** What a shell can do about windows. */
export interface Windows {
  /** Opens the user's window; where no window can be opened here, answers the address to open. */
  open(handle: string): Promise<string | null>
  /** A window of this user is connected now. */
  has(handle: string): boolean
  onChanged(listener: () => void): () => void
}

export type UserList = EventPayload<'users.changed'>
type UserCalls = 'users.list' | 'users.add' | 'users.move' | 'users.open' | 'users.diagnostics'

export interface UsersGroup {
  readonly handlers: Handlers<Contract, UserCalls>
  list(): UserList
  onChanged(listener: (users: UserList) => void): () => void
}

/** `isRehearsal`: nobody here is real, so that somebody may be given a new computer for a try. */
export function createUsersGroup(users: Users, windows: Windows, isRehearsal: boolean): UsersGroup {
  const list = (): UserList => users.list().map(({ handle, engine }) => ({ handle, card: engine.card, hasWindow: windows.has(handle) }))
  return {
    list,
    onChanged(listener) {
      const tell = () => listener(list())
      const undo = [users.onAdded(tell), users.onOpened(tell), windows.onChanged(tell)]
      return () => {
        for (const off of undo) off()
      }
    },
    handlers: {
      'users.list': async () => list(),
      'users.add': async ({ handle }) => {
        const { card } = await users.add(handle)
        // A folder of that name was there, locked.
        if (card === null) throw new BackendError('name-taken')
        return { card }
      },
      'users.move': async ({ handle }) => {
        if (!isRehearsal) throw new BackendError('refused', 'only in a rehearsal')
        await users.move(handle)
        return {}
      },
      'users.diagnostics': async ({ handle }) => {
        if (!isRehearsal) throw new BackendError('refused', 'only in a rehearsal')
        const engine = users.engine(handle)
        if (!engine) throw new BackendError('no-such-contact')
        return engine.core.call('path.export', {})
      },
      'users.open': async ({ handle }) => {
        if (!users.engine(handle)) throw new BackendError('no-such-contact')
        return { url: await windows.open(handle) }
      },
    },
  }
}
