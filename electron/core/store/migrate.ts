/** Brings a store to the newest shape. Migrations are numbered, never changed once released, and run in one transaction each. */
import type Database from '@signalapp/sqlcipher'
import { BackendError } from '../../../shared/contract/errors.ts'
import { migration as chats } from './migrations/0001-chats.ts'
import { migration as search } from './migrations/0002-search.ts'
import { migration as files } from './migrations/0003-files.ts'
import { migration as secret } from './migrations/0004-secret.ts'
import { migration as secretRepair } from './migrations/0005-secret-repair.ts'

export interface Migration {
  readonly version: number
  readonly sql: string
}

export const migrations: readonly Migration[] = [chats, search, files, secret, secretRepair]

/** Throws `refused` for a store that a newer build has already changed. */
export function migrate(database: Database): void {
  const current = Number(database.pragma('user_version', { simple: true }))
  const newest = migrations.at(-1)?.version ?? 0
  if (current > newest) throw new BackendError('refused', 'this store was changed by a newer version of the app')
  for (const { version, sql } of migrations) {
    if (version <= current) continue
    database.transaction(() => {
      database.exec(sql)
      database.pragma(`user_version = ${version}`)
    })()
  }
}
