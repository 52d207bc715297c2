/** What the tables come to, in numbers for a few sentences. Pure; counts rows, never guesses what a table might mean. */
import type { Holdings } from '../../../../shared/contract/chat.ts'

export interface Summary {
  readonly messages: number
  readonly devices: number
  /** That the relay can open, and those of secret chats. */
  readonly files: number
  readonly sealedFiles: number
  /** Sealed packets that wait, for this account or from it. */
  readonly packets: number
  readonly pages: number
  readonly publicKeys: number
  /** Handles of the others in the newest rows. */
  readonly people: readonly string[]
  /** Nothing but the account, its devices and public keys. */
  readonly onlyAccount: boolean
}

/** The relay writes a person as `2 (bob)`. */
const handleIn = (cell: string | undefined) => /\(([a-z][a-z0-9_]{2,31})\)$/.exec(cell ?? '')?.[1]

export function summaryOf({ tables, sides }: Holdings, own: string): Summary {
  const count = (table: string) => tables.find((each) => each.table === table)?.count ?? 0
  const newest = tables.find((each) => each.table === 'message')?.sample ?? []
  const people = newest
    .flatMap((row) => [handleIn(row.sender), handleIn(row.recipient)])
    .filter((handle) => handle !== undefined && handle !== own)
  return {
    messages: count('message'),
    devices: count('device'),
    files: sides?.files.open ?? count('media'),
    sealedFiles: sides?.files.sealed ?? 0,
    packets: count('packet'),
    pages: count('page'),
    publicKeys: sides?.publicKeys ?? 0,
    people: [...new Set(people)].filter((handle) => handle !== undefined),
    onlyAccount: tables.every(
      ({ table, class: kind, count }) => table === 'account' || table === 'device' || kind === 'public-key' || count === 0,
    ),
  }
}
