/**
 * What the relay holds about one account, read off the live schema: the tables are those SQLite lists, the columns those it
 * has, so nothing that is stored can be left out by forgetting to mention it.
 */
import type { Database } from '@signalapp/sqlcipher'
import type { Holdings } from '../../shared/contract/chat.ts'
import type { Account, Accounts } from './accounts.ts'
import { meanings, seenNotStored } from './meanings.ts'

const SAMPLE = 5
const SAMPLE_TEXT = 400

type Column = { name: string; type: string; meaning: string }
type Cell = string | number | Uint8Array | null

export interface Disclosure {
  /** Counts and the newest few rows of each table. */
  holdings(account: Account, now: number): Holdings
  /** Every row, as a legal request would get it. */
  everything(account: Account, now: number): Holdings
}

export function createDisclosure(database: Database, accounts: Accounts): Disclosure {
  const describe = (account: Account, now: number, rows: number, text: number): Holdings => ({
    computedAt: now,
    tables: liveTables(database).map((table) => ({ table, ...holdingsOf(table, account, rows, text) })),
    seenNotStored: [...seenNotStored],
  })

  const holdingsOf = (table: string, account: Account, rows: number, text: number) => {
    const columns = liveColumns(database, table)
    const concerns = meanings[table]?.concerns
    if (!concerns) return { columns, count: 0, sample: [] }
    const where = { account: account.id }
    const count = database.prepare(`SELECT count(*) AS n FROM "${table}" WHERE ${concerns}`).get<{ n: number }>(where)?.n ?? 0
    const newest = `SELECT * FROM "${table}" WHERE ${concerns} ORDER BY ${meanings[table]?.newestFirst} LIMIT ${rows}`
    const people = columnsNamingAccounts(database, table)
    const show = (column: string, value: Cell): string => {
      if (value === null) return ''
      if (meanings[table]?.times.includes(column)) return new Date(Number(value)).toISOString()
      if (people.has(column)) return `${value} (${accounts.byId(Number(value)).handle})`
      const shown = value instanceof Uint8Array ? Buffer.from(value).toString('base64url') : String(value)
      return shown.length > text ? `${shown.slice(0, text)}…` : shown
    }
    const sample = database
      .prepare(newest)
      .all(where)
      .map((row) => Object.fromEntries(Object.entries(row).map(([column, value]) => [column, show(column, value)])))
    return { columns, count, sample }
  }

  return {
    holdings: (account, now) => describe(account, now, SAMPLE, SAMPLE_TEXT),
    // A negative LIMIT is none (sqlite.org/lang_select.html).
    everything: (account, now) => describe(account, now, -1, Number.POSITIVE_INFINITY),
  }
}

export function liveTables(database: Database): string[] {
  const tables = database.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY rowid",
  )
  return tables.all<{ name: string }>().map((row) => row.name)
}

export function liveColumns(database: Database, table: string): Column[] {
  return database
    .prepare('SELECT name, type FROM pragma_table_info(?) ORDER BY cid')
    .all<{ name: string; type: string }>([table])
    .map(({ name, type }) => ({ name, type, meaning: meanings[table]?.columns[name] ?? '' }))
}

function columnsNamingAccounts(database: Database, table: string): Set<string> {
  const keys = database.prepare('SELECT "from" AS name FROM pragma_foreign_key_list(?) WHERE "table" = \'account\'')
  return new Set(keys.all<{ name: string }>([table]).map((row) => row.name))
}
