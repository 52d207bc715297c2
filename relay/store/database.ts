/** Opens the relay's SQLite file and brings it to the newest schema. Not encrypted: what the relay can read, it can be made to hand over. */
import { Database, setLogger } from '@signalapp/sqlcipher'
import { migrations } from './migrations.ts'

export class DamagedStore extends Error {
  override readonly name = 'DamagedStore'
}

export interface DatabaseOptions {
  /** SQLite's own notices, by code: their text may quote statements, so it goes no further. */
  readonly onNotice: (code: string) => void
}

/** Throws `DamagedStore` when the file fails its integrity check or was written by a newer relay. */
export function openDatabase(path: string, { onNotice }: DatabaseOptions): Database {
  setLogger((code) => onNotice(code))
  const database = new Database(path)
  try {
    database.pragma('journal_mode = WAL')
    // In WAL mode only FULL syncs the log at each commit: an acknowledged message survives a power cut (sqlite.org/pragma.html).
    database.pragma('synchronous = FULL')
    database.pragma('cache_size = -65536')
    // A sealed packet that was forgotten leaves no bytes in the pages it stood in.
    database.pragma('secure_delete = ON')
    // Ids come from our own rows and nothing is deleted; checking each message three times over would double its cost.
    database.pragma('foreign_keys = OFF')
    database.pragma('busy_timeout = 5000')
    const health = database.pragma('quick_check(1)', { simple: true })
    if (health !== 'ok') throw new DamagedStore('integrity check failed')
    migrate(database)
    return database
  } catch (error) {
    database.close()
    throw isDamage(error) ? new DamagedStore('not a database, or damaged') : error
  }
}

/** Runs `work` in one transaction. What it wrote is on disk when this returns; after a throw nothing of it is. */
export function transaction<T>(database: Database, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(database)
    throw error
  }
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK')
  } catch {
    // SQLite has already rolled back by itself, as it does when the disk is full.
  }
}

function migrate(database: Database): void {
  const version = Number(database.pragma('user_version', { simple: true }))
  if (version > migrations.length) throw new DamagedStore('written by a newer relay')
  migrations.slice(version).forEach((statements, index) => {
    transaction(database, () => {
      database.exec(statements)
      database.exec(`PRAGMA user_version = ${version + index + 1}`)
    })
  })
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'SQLITE_NOTADB' || error.code === 'SQLITE_CORRUPT')
}
