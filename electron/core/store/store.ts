/**
 * The encrypted local database: opening, statements, transactions. What is in it is the business of the migrations and of
 * those who use it. Every page is authenticated by SQLCipher; damage shows as `store-damaged` and never destroys the file.
 */
import { existsSync, statSync } from 'node:fs'
import Database, { setLogger } from '@signalapp/sqlcipher'
import { BackendError } from '../../../shared/contract/errors.ts'
import { toHex } from './hex.ts'
import { checkKey, writeKeyCheck } from './key-check.ts'
import { migrate } from './migrate.ts'
import type { ValueStore } from './values.ts'

// SQLite's own remarks; what matters comes back as errors.
setLogger(() => {})

export type SqlValue = string | number | null | Uint8Array<ArrayBuffer>
export type SqlRow = Record<string, SqlValue>

export interface Store {
  readonly values: ValueStore
  /** `Row` is what the statement selects; the migrations' column types hold it true. */
  all<Row extends SqlRow>(sql: string, params?: readonly SqlValue[]): Row[]
  get<Row extends SqlRow>(sql: string, params?: readonly SqlValue[]): Row | undefined
  /** Rows changed. */
  run(sql: string, params?: readonly SqlValue[]): number
  /** All or nothing, on the disk when it returns. Inside another transaction it becomes part of that one. */
  transaction<T>(work: () => T): T
  /** What was deleted is nowhere in the files any more: freed pages are overwritten, and the log of changes starts anew. */
  scrub(): void
  /** Encrypts every page anew, all or nothing: from then on the key before opens nothing. The caller keeps the check value of the key. */
  rekey(key: Uint8Array): void
  close(): void
}

/** Checking every page costs about 3 ms a MiB: beyond this size damage shows when the page is read. */
const CHECKED_WHOLE_BYTES = 256 * 1024 * 1024
/** The detail of `store-locked` where it is the key that does not fit, and not another process that has the store open. */
export const WRONG_KEY = 'wrong key'
/** Long enough for a predecessor that is just ending. */
const BUSY_MS = 3000

/**
 * Opens or makes the store at `path` (`:memory:`: one that is gone when closed). Throws `store-locked` for a wrong key or
 * while another process has it open, `store-damaged` when its pages do not hold together; the file is left as it was.
 */
export function openStore({ path, key }: { readonly path: string; readonly key: Uint8Array }): Store {
  const inMemory = path === ':memory:'
  const existed = !inMemory && existsSync(path) && statSync(path).size > 0
  const known = existed ? checkKey(path, key) : 'unknown'
  if (known === 'wrong') throw new BackendError('store-locked', WRONG_KEY)
  if (!existed && !inMemory) writeKeyCheck(path, key)
  const database = new Database(path, { cacheStatements: true })
  try {
    // SQLCipher would write to standard error.
    database.pragma('cipher_log_level = NONE')
    database.pragma(`key = "x'${toHex(key)}'"`)
    database.pragma(`busy_timeout = ${BUSY_MS}`)
    // One process owns a profile; the lock falls with it, also when it is killed.
    database.pragma('locking_mode = EXCLUSIVE')
    database.exec('BEGIN IMMEDIATE; SELECT count(*) FROM sqlite_schema; COMMIT')
    // The check reads the file alone: pages that a crash left in the log, perhaps under a new key, must be in it first.
    database.pragma('wal_checkpoint(TRUNCATE)')
    if (existed && statSync(path).size <= CHECKED_WHOLE_BYTES && database.pragma('cipher_integrity_check').length > 0) {
      throw new BackendError('store-damaged', 'pages do not hold together')
    }
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    // Spilled sorts would otherwise be files of their own.
    database.pragma('temp_store = MEMORY')
    // What is deleted is overwritten with zeros (sqlite.org/pragma.html#pragma_secure_delete).
    database.pragma('secure_delete = ON')
    migrate(database)
    if (existed && known === 'unknown') writeKeyCheck(path, key)
    return createStore(database)
  } catch (error) {
    database.close()
    throw asStoreError(error, known === 'right')
  }
}

function createStore(database: Database): Store {
  const guarded = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw asStoreError(error, true)
    }
  }
  const store: Omit<Store, 'values'> = {
    all: <Row extends SqlRow>(sql: string, params: readonly SqlValue[] = []) => guarded(() => database.prepare(sql).all<Row>(params)),
    get: <Row extends SqlRow>(sql: string, params: readonly SqlValue[] = []) => guarded(() => database.prepare(sql).get<Row>(params)),
    run: (sql, params = []) => guarded(() => database.prepare(sql).run(params).changes),
    transaction: <T>(work: () => T): T => guarded(() => database.transaction(work)()),
    // Frames of the write-ahead log still hold the old pages until it is emptied (sqlite.org/wal.html, section 2.3).
    scrub: () => void database.pragma('wal_checkpoint(TRUNCATE)'),
    rekey: (key) =>
      guarded(() => {
        // One transaction (zetetic.net/sqlcipher/sqlcipher-api, PRAGMA rekey); then the log, whose frames are under the old key, starts anew.
        database.pragma(`rekey = "x'${toHex(key)}'"`)
        database.pragma('wal_checkpoint(TRUNCATE)')
      }),
    close: () => database.close(),
  }
  return { ...store, values: createValues(store) }
}

function createValues(store: Pick<Store, 'get' | 'run'>): ValueStore {
  return {
    get: (key) => store.get<{ value: string }>('SELECT value FROM value WHERE key = ?', [key])?.value ?? null,
    set(key, value) {
      if (value === null) store.run('DELETE FROM value WHERE key = ?', [key])
      else store.run('INSERT INTO value (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [key, value])
    },
  }
}

/** Whether it is the disk or the store itself that failed, and nothing about what was to be written: the same may succeed later. */
export function isTrouble(error: unknown): boolean {
  if (error instanceof BackendError) return error.code === 'store-locked' || error.code === 'store-damaged'
  return /^SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN|NOMEM|BUSY|PROTOCOL)/.test(codeOf(error))
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '')

function asStoreError(error: unknown, keyIsRight: boolean): unknown {
  const code = codeOf(error)
  if (code === 'SQLITE_NOTADB')
    return keyIsRight ? new BackendError('store-damaged', 'first page') : new BackendError('store-locked', WRONG_KEY)
  if (code.startsWith('SQLITE_CORRUPT')) return new BackendError('store-damaged', 'pages do not hold together')
  if (code.startsWith('SQLITE_BUSY')) return new BackendError('store-locked', 'open in another process')
  return error
}
