/**
 * The log of messages and receipt marks: writing them in groups, finding one again, and reading an account's stream.
 * The only place that gives out sequence numbers.
 */
import type { Database } from '@signalapp/sqlcipher'
import type { WireBody } from '../../shared/protocol/relay.ts'
import type { Account, Accounts } from './accounts.ts'
import { createBulkInsert } from './bulk-insert.ts'
import { transaction } from './database.ts'
import { createStreamReader, type StreamPage } from './stream-reader.ts'
import { type Located, Tail } from './tail.ts'

export interface MessageEntry {
  readonly kind: 'message'
  readonly sender: Account
  readonly device: number
  readonly cid: number
  readonly recipient: Account
  readonly body: WireBody
}

/** `owner` has or has read what `peer` wrote, up to a seq. */
export interface MarkEntry {
  readonly kind: 'mark'
  readonly owner: Account
  readonly device: number
  readonly peer: Account
  readonly state: 'delivered' | 'read'
  readonly upTo: number
}

export type Entry = MessageEntry | MarkEntry

export interface Written {
  readonly seq: number
  readonly at: number
  readonly upTo: number
  /** False for a repeated message or a mark that does not move: nobody needs to be told. */
  readonly isNew: boolean
}

export interface Journal {
  /** Writes `entries` in order, synced to the disk when this returns. Throws if any of it failed; then none is written. */
  commit(entries: readonly Entry[], now: number): readonly Written[]
  /** What `commit` does inside its transaction. `settle` is to be called once that transaction is on disk. */
  write(entries: readonly Entry[], now: number): { readonly written: readonly Written[]; settle(): void }
  /** What stands in this account's stream after `after`, oldest first. */
  read(account: Account, after: number, limits: { readonly items: number; readonly bytes: number }): StreamPage
}

const CACHED_DEVICES = 100_000

export function createJournal(database: Database, accounts: Accounts): Journal {
  const insertMessages = createBulkInsert(database, 'INSERT INTO message (seq, sender, recipient, device, cid, body, at)', 7)
  // A crash inside a segment leaves index rows behind, which are then written once more.
  const insertStream = createBulkInsert(database, 'INSERT OR IGNORE INTO stream (account, seq)', 2)
  const insertSent = createBulkInsert(database, 'INSERT OR IGNORE INTO sent (device, cid, seq)', 3)
  const setDone = database.prepare('UPDATE indexing SET done_to = ?')
  const findSent = database.prepare('SELECT seq FROM sent WHERE device = ? AND cid = ?')
  const findHighestCid = database.prepare('SELECT max(cid) AS cid FROM sent WHERE device = ?')
  const findTime = database.prepare('SELECT at FROM message WHERE seq = ?')
  const findMark = database.prepare('SELECT up_to, seq, at FROM mark WHERE owner = ? AND peer = ? AND state = ?')
  const setMark = database.prepare('INSERT OR REPLACE INTO mark (owner, peer, state, up_to, seq, at) VALUES (?, ?, ?, ?, ?, ?)')

  const tail = new Tail()
  const position = loadPosition(database, tail)
  const reader = createStreamReader(database, accounts, tail)
  /** Highest cid of a device: anything above is certainly new, which spares the search for a duplicate. */
  const highestCids = new Map<number, number>()

  const highestCid = (device: number): number => {
    const known = highestCids.get(device)
    if (known !== undefined) return known
    if (highestCids.size >= CACHED_DEVICES) highestCids.clear()
    const highest = Math.max(findHighestCid.get<{ cid: number | null }>([device])?.cid ?? -1, tail.highestCid(device))
    highestCids.set(device, highest)
    return highest
  }

  const write = (entries: readonly Entry[], now: number) => {
    const values: (string | number)[] = []
    const located: Located[] = []
    const highest = new Map<number, number>()
    let seq = position.lastSeq

    const findDuplicate = (device: number, cid: number): Located | { seq: number } | undefined => {
      if (cid > (highest.get(device) ?? highestCid(device))) return undefined
      const seqInTail = tail.find(device, cid)
      if (seqInTail !== undefined) return { seq: seqInTail }
      return located.find((entry) => entry.device === device && entry.cid === cid) ?? findSent.get<{ seq: number }>([device, cid])
    }
    const writeMessage = ({ sender, device, cid, recipient, body }: MessageEntry): Written => {
      const duplicate = findDuplicate(device, cid)
      if (duplicate) return { seq: duplicate.seq, at: findTime.get<{ at: number }>([duplicate.seq])?.at ?? now, upTo: 0, isNew: false }
      seq += 1
      values.push(seq, sender.id, recipient.id, device, cid, JSON.stringify(body), now)
      located.push({ seq, sender: sender.id, recipient: recipient.id, device, cid })
      highest.set(device, Math.max(cid, highest.get(device) ?? highestCid(device)))
      return { seq, at: now, upTo: 0, isNew: true }
    }
    const writeMark = ({ owner, peer, state, upTo }: MarkEntry): Written => {
      const held = findMark.get<{ up_to: number; seq: number; at: number }>([owner.id, peer.id, state])
      // Nobody can have read what was never written: a mark ahead of the log would cover messages still to come.
      const reach = Math.min(upTo, seq)
      if (held && held.up_to >= reach) return { seq: held.seq, at: held.at, upTo: held.up_to, isNew: false }
      seq += 1
      setMark.run([owner.id, peer.id, state, reach, seq, now])
      return { seq, at: now, upTo: reach, isNew: true }
    }

    const written = entries.map((entry) => (entry.kind === 'message' ? writeMessage(entry) : writeMark(entry)))
    insertMessages(values)
    // Each message brings up to three index rows; taking a little more than that keeps the tail short.
    const slice = tail.slice(16 + 4 * located.length)
    if (slice) {
      insertStream(slice.stream)
      insertSent(slice.sent)
      if (slice.doneTo !== null) setDone.run([slice.doneTo])
    }
    return {
      written,
      settle() {
        position.lastSeq = seq
        for (const entry of located) tail.add(entry)
        for (const [device, cid] of highest) highestCids.set(device, cid)
        if (slice) tail.taken(slice)
      },
    }
  }

  return {
    write,
    commit(entries, now) {
      const { written, settle } = transaction(database, () => write(entries, now))
      settle()
      return written
    },
    read: reader,
  }
}

/** Where the log ends, with what the index tables do not have yet put into `tail`. */
function loadPosition(database: Database, tail: Tail): { lastSeq: number } {
  const doneTo = database.prepare('SELECT done_to FROM indexing').get<{ done_to: number }>()?.done_to ?? 0
  const unindexed = database.prepare('SELECT seq, sender, recipient, device, cid FROM message WHERE seq > ? ORDER BY seq')
  for (const row of unindexed.all<{ seq: number; sender: number; recipient: number; device: number; cid: number }>([doneTo])) tail.add(row)
  const highest = database.prepare(
    'SELECT max((SELECT coalesce(max(seq), 0) FROM message), (SELECT coalesce(max(seq), 0) FROM mark)) AS seq',
  )
  return { lastSeq: highest.get<{ seq: number }>()?.seq ?? 0 }
}
