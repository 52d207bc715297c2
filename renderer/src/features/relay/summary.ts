/** What the tables come to, in numbers for a few sentences. Pure; counts rows, never guesses what a table might mean. */
import type { Holdings } from '../../../../shared/contract/chat.ts'

export interface Summary {
  readonly messages: number
  readonly devices: number
  readonly files: number
  readonly pages: number
  /** Handles of the others in the newest rows. */
  readonly people: readonly string[]
  /** Nothing but the account and its devices. */
  readonly onlyAccount: boolean
}

/** The relay writes a person as `2 (bob)`. */
const handleIn = (cell: string | undefined) => /\(([a-z][a-z0-9_]{2,31})\)$/.exec(cell ?? '')?.[1]

export function summaryOf(holdings: Holdings, own: string): Summary {
  const count = (table: string) => holdings.tables.find((each) => each.table === table)?.count ?? 0
  const newest = holdings.tables.find((each) => each.table === 'message')?.sample ?? []
  const people = newest
    .flatMap((row) => [handleIn(row.sender), handleIn(row.recipient)])
    .filter((handle) => handle !== undefined && handle !== own)
  return {
    messages: count('message'),
    devices: count('device'),
    files: count('media'),
    pages: count('page'),
    people: [...new Set(people)].filter((handle) => handle !== undefined),
    onlyAccount: holdings.tables.every((table) => table.table === 'account' || table.table === 'device' || table.count === 0),
  }
}
