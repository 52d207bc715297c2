/** Accounts and their devices. An account is a handle and the key that claimed it first; neither ever changes. */
import type { Database } from '@signalapp/sqlcipher'

export interface Account {
  readonly id: number
  readonly handle: string
  /** base64url, as on the wire. */
  readonly key: string
}

export interface Accounts {
  byHandle(handle: string): Account | null
  /** Throws for an id that no row has. */
  byId(id: number): Account
  /** The account of this handle, made now if nobody has it; `null` when another key has. */
  claim(handle: string, key: string, now: number): Account | null
  /** Number of this device of the account, made now if it is new. */
  device(account: Account, device: string, now: number): number
  /** The device's own name, base64url. */
  deviceName(id: number): string
}

// Rows here never change, so a cache can only be too full, not wrong.
const CACHED = 50_000

export function createAccounts(database: Database): Accounts {
  const selectByHandle = database.prepare('SELECT id, handle, key FROM account WHERE handle = ?')
  const selectById = database.prepare('SELECT id, handle, key FROM account WHERE id = ?')
  const insertAccount = database.prepare('INSERT INTO account (handle, key, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const selectDevice = database.prepare('SELECT id FROM device WHERE account = ? AND device = ?')
  const insertDevice = database.prepare('INSERT INTO device (account, device, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
  const selectName = database.prepare('SELECT device FROM device WHERE id = ?')

  const handles = new Map<string, Account>()
  const ids = new Map<number, Account>()
  const names = new Map<number, string>()

  const keep = (account: Account): Account => {
    if (ids.size >= CACHED) {
      handles.clear()
      ids.clear()
    }
    handles.set(account.handle, account)
    ids.set(account.id, account)
    return account
  }

  const byHandle = (handle: string): Account | null => {
    const cached = handles.get(handle)
    if (cached) return cached
    const row = selectByHandle.get<{ id: number; handle: string; key: string }>([handle])
    return row ? keep(row) : null
  }

  return {
    byHandle,
    byId(id) {
      const cached = ids.get(id)
      if (cached) return cached
      const row = selectById.get<{ id: number; handle: string; key: string }>([id])
      if (!row) throw new Error('no such account')
      return keep(row)
    },
    claim(handle, key, now) {
      const held = byHandle(handle)
      if (!held) insertAccount.run([handle, key, now])
      const account = held ?? byHandle(handle)
      return account?.key === key ? account : null
    },
    device(account, device, now) {
      const find = () => selectDevice.get<{ id: number }>([account.id, device])
      let row = find()
      if (!row) {
        insertDevice.run([account.id, device, now])
        row = find()
      }
      if (!row) throw new Error('device row vanished')
      return row.id
    },
    deviceName(id) {
      const cached = names.get(id)
      if (cached !== undefined) return cached
      const row = selectName.get<{ device: string }>([id])
      if (!row) throw new Error('no such device')
      if (names.size >= CACHED) names.clear()
      names.set(id, row.device)
      return row.device
    },
  }
}
