/**
 * What the relay holds about one account, read off the live schema: the tables are those SQLite lists, the columns those it
 * has, so nothing that is stored can be left out by forgetting to mention it.
 */
import type { Database } from '@signalapp/sqlcipher'
import type { DataClass, Holdings } from '../../shared/contract/chat.ts'
import type { Account, Accounts } from './accounts.ts'
import { meanings, seenNotStored } from './meanings.ts'
import { retention } from './retention.ts'
import { createSides, type SidesLimits } from './sides.ts'

const SAMPLE = 5
const SAMPLE_TEXT = 400
const SAMPLE_PEOPLE = 20
const SAMPLE_ROWS = 3
const ALL: SidesLimits = { people: Number.MAX_SAFE_INTEGER, rows: Number.MAX_SAFE_INTEGER, text: Number.POSITIVE_INFINITY }
/** Names that a column for an address, a telephone number or a kind of computer would have. */
const LIKE_ADDRESS = /addr|(^|_)ip(v?[46])?($|_)|host|agent|phone|mail|location|country/

type Column = { name: string; type: string; meaning: string; class?: DataClass }
type Cell = string | number | Uint8Array | null

export interface Disclosure {
  /** Counts and the newest few rows of each table. */
  holdings(account: Account, now: number): Holdings
  /** Every row, as a legal request would get it. */
  everything(account: Account, now: number): Holdings
}

export function createDisclosure(database: Database, accounts: Accounts): Disclosure {
  const sidesOf = createSides(database, accounts)
  const describe = (account: Account, now: number, rows: number, limits: SidesLimits): Holdings => {
    const tables = liveTables(database).map((table) => ({
      table,
      ...(meanings[table] && { class: meanings[table].class }),
      ...holdingsOf(table, account, rows, limits.text),
    }))
    const columns = tables.flatMap(({ table, columns }) => columns.map(({ name }) => ({ table, name })))
    const likeAddress = columns.filter(({ name }) => LIKE_ADDRESS.test(name)).map(({ table, name }) => `${table}.${name}`)
    return {
      computedAt: now,
      tables,
      seenNotStored: [...seenNotStored],
      sides: sidesOf(account, limits),
      kept: retention,
      columns: { searched: columns.length, likeAddress },
    }
  }

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
    holdings: (account, now) => describe(account, now, SAMPLE, { people: SAMPLE_PEOPLE, rows: SAMPLE_ROWS, text: SAMPLE_TEXT }),
    // A negative LIMIT is none (sqlite.org/lang_select.html).
    everything: (account, now) => describe(account, now, -1, ALL),
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
    .map(({ name, type }) => ({ name, type, ...(meanings[table]?.columns[name] ?? { meaning: '' }) }))
}

function columnsNamingAccounts(database: Database, table: string): Set<string> {
  const keys = database.prepare('SELECT "from" AS name FROM pragma_foreign_key_list(?) WHERE "table" = \'account\'')
  return new Set(keys.all<{ name: string }>([table]).map((row) => row.name))
}
