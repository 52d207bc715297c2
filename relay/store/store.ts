/** Everything the relay remembers, behind one door. One process at a time may hold it open for writing. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Accounts, createAccounts } from './accounts.ts'
import { openDatabase } from './database.ts'
import { createDisclosure, type Disclosure } from './disclosure.ts'
import { createJournal, type Journal } from './journal.ts'
import { createMailboxes, type Mailboxes } from './mailbox.ts'
import { createMediaRecords, type MediaRecords } from './media-records.ts'
import { createPages, type Pages } from './pages.ts'
import { createPrekeyStore, type PrekeyStore } from './prekeys.ts'

export interface Store {
  readonly accounts: Accounts
  readonly journal: Journal
  readonly media: MediaRecords
  readonly pages: Pages
  readonly prekeys: PrekeyStore
  readonly mailboxes: Mailboxes
  readonly disclosure: Disclosure
  close(): void
}

export interface StoreOptions {
  readonly dataDir: string
  readonly onNotice: (code: string) => void
}

/** Throws `DamagedStore` when the file cannot be trusted. */
export function openStore({ dataDir, onNotice }: StoreOptions): Store {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const database = openDatabase(join(dataDir, 'relay.db'), { onNotice })
  const accounts = createAccounts(database)
  return {
    accounts,
    journal: createJournal(database, accounts),
    media: createMediaRecords(database),
    pages: createPages(database, accounts),
    prekeys: createPrekeyStore(database),
    mailboxes: createMailboxes(database, accounts),
    disclosure: createDisclosure(database, accounts),
    close: () => database.close(),
  }
}
