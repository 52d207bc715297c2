/** Chats put together: what the calls of the contract ask of them, fed by one relay link. Knows nothing of routes. */
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Emit } from '../emit.ts'
import type { Log } from '../log.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { SettingsBook } from '../settings.ts'
import type { Store } from '../store/store.ts'
import { createApply } from './apply.ts'
import { type Contacts, createContacts } from './contacts.ts'
import { createCloudFiles } from './files/cloud.ts'
import { createDownloads, type Downloads } from './files/downloads.ts'
import { createIncomingFiles } from './files/incoming.ts'
import { createProgress } from './files/progress.ts'
import { createSpool, type Spool } from './files/spool.ts'
import { createUploads } from './files/uploads.ts'
import { createLedger, type Ledger, type Owner } from './ledger.ts'
import { createMessages, type Messages } from './messages.ts'
import { createOutbox } from './outbox.ts'
import { createReceipts, type Receipts } from './receipts.ts'
import { createStream } from './stream.ts'
import { createTyping, type Typing } from './typing.ts'

export interface ChatsDeps {
  readonly store: Store
  readonly owner: Owner
  readonly link: RelayLink
  readonly settings: SettingsBook
  readonly emit: Emit
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface Chats {
  readonly ledger: Ledger
  readonly contacts: Contacts
  readonly messages: Messages
  readonly receipts: Receipts
  readonly typing: Typing
  readonly spool: Spool
  readonly downloads: Downloads
  /** Something of ours is to go. */
  sendSoon(): void
  close(): void
}

export function createChats({ store, owner, link, settings, emit, clock, random, log }: ChatsDeps): Chats {
  const progress = createProgress(clock, (fileId) => {
    const row = store.get<{ ord: number | null }>('SELECT ord FROM file WHERE id = ?', [fileId])
    if (row && row.ord !== null) emit('message.changed', ledger.message(ledger.row({ ord: row.ord })))
  })
  const ledger = createLedger(store, owner, emit, progress)
  const contacts = createContacts(ledger, clock)
  const messages = createMessages(ledger, clock)
  const host = createCloudFiles(ledger, clock)
  const spool = createSpool(host, random)
  const typing = createTyping(ledger, link, clock, emit, () => settings.get().typingShown)
  const receipts = createReceipts({ ledger, link, clock, random, log, readingShown: () => settings.get().receiptsShown })
  const transfer = { host, progress, link, clock, random, log }
  const uploads = createUploads({ ...transfer, done: () => outbox.poke() })
  const downloads = createDownloads({ ...transfer, done: () => {} })
  const outbox = createOutbox({ ledger, link, clock, random, log, needsUpload: uploads.start, uploadAgain: uploads.again })
  const files = createIncomingFiles(ledger, random)
  const apply = createApply({ ledger, contacts, files, clock, random, log, arrived: typing.arrived })
  const applied = () => {
    receipts.poke()
    downloads.poke()
  }
  const stream = createStream({ ledger, link, apply, clock, random, log, applied })

  const undo = [
    link.onOnline((missed) => {
      // First what was missed: it may show that the relay already has what we would send again.
      stream.began(missed)
      uploads.resume()
      outbox.resume()
      receipts.resume()
      downloads.resume()
    }),
    link.onOffline(stream.ended),
    link.onItems(stream.pushed),
    link.onTyping(typing.heard),
  ]

  return {
    ledger,
    contacts,
    messages,
    receipts,
    typing,
    spool,
    downloads,
    sendSoon: outbox.poke,
    close() {
      for (const stop of undo) stop()
      for (const part of [stream, outbox, receipts, typing, uploads, downloads, progress]) part.close()
    },
  }
}
