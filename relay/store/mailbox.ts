/**
 * The mailboxes of secret chats: sealed packets, each for one device, in the order they came, until that device says that it has
 * them. The relay cannot open them. Ids never come again, also after everything was forgotten.
 */
import type { Database } from '@signalapp/sqlcipher'
import { MAIL_PAGE, type SealedPacket } from '../../shared/protocol/secret.ts'
import type { Account, Accounts } from './accounts.ts'
import { transaction } from './database.ts'

export interface PacketEntry {
  readonly kind: 'packet'
  readonly sender: Account
  readonly fromDevice: number
  readonly cid: number
  readonly recipient: Account
  readonly toDevice: number
  /** base64url, as on the wire. */
  readonly packet: string
}

/** Everything for `toDevice` up to this id is safe there. */
export interface DoneEntry {
  readonly kind: 'done'
  readonly toDevice: number
  readonly upTo: number
}

export type MailEntry = PacketEntry | DoneEntry

export interface MailWritten {
  readonly id: number
  readonly at: number
  /** False for a repeated packet, and for what is no packet: nobody needs to be told. */
  readonly isNew: boolean
}

export interface MailPage {
  readonly packets: SealedPacket[]
  readonly more: boolean
}

export interface Mailboxes {
  /** Number of the device, if it has a mailbox: from its first publication of prekeys on. */
  find(account: Account, device: string): number | null
  /** Counts this packet as held from now on; to be called before `commit`. False when there is no room, for this sender, for one that is not there yet. */
  reserve(entry: PacketEntry): boolean
  /** Writes all of it in order, synced to the disk when this returns. Throws if any of it failed; then none is written. */
  commit(entries: readonly MailEntry[], now: number): readonly MailWritten[]
  /** What waits for this device after `after`, oldest first. */
  read(toDevice: number, after: number): MailPage
  /** Removes packets taken before this time, some at a time, and wipes what removed packets left behind in the write-ahead log. */
  sweep(before: number): void
}

export const MAX_MAILBOX_PACKETS = 10_000
export const MAX_MAILBOX_BYTES = 64 * 1024 * 1024
/** Nobody takes a mailbox from the others: the part of it that one account may fill, and all together whom its owner never read. */
const SENDER_SHARE = 1 / 8
const STRANGERS_SHARE = 1 / 2
const PAGE_BYTES = 262_144
/** Bounds the time one sweep keeps everything else waiting. */
const SWEEP_AT_ONCE = 1000
const CACHED_MAILBOXES = 100_000

type Held = { packets: number; bytes: number }
type FromSender = Held & { readonly isStranger: boolean }
/** What a mailbox holds in all, of strangers, and of each account. */
type Mailbox = { readonly all: Held; readonly strangers: Held; readonly from: Map<number, FromSender> }
type PacketRow = { id: number; sender: number; from_device: number; packet: Uint8Array<ArrayBuffer>; at: number }

export const sizeOf = (packet: string): number => Buffer.byteLength(packet, 'base64url')

/** How many packets of these sizes go in one flight: one at least. */
export function pageLength(sizes: readonly number[]): number {
  let bytes = 0
  const end = sizes.findIndex((size) => {
    bytes += Math.ceil((size * 4) / 3) + 256
    return bytes > PAGE_BYTES
  })
  return Math.min(MAIL_PAGE, Math.max(1, end === -1 ? sizes.length : end))
}

export function createMailboxes(database: Database, accounts: Accounts): Mailboxes {
  const findDevice = database.prepare(
    'SELECT d.id FROM device d JOIN device_certificate c ON c.device = d.id WHERE d.account = ? AND d.device = ?',
  )
  const insert = database.prepare(
    `INSERT INTO packet (sender, recipient, from_device, to_device, cid, size, at, packet) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (from_device, cid) DO NOTHING`,
  )
  const findSent = database.prepare('SELECT id, at FROM packet WHERE from_device = ? AND cid = ?')
  const sums = database.prepare(
    'SELECT sender, count(*) AS packets, sum(size) AS bytes FROM packet WHERE to_device = ? AND id <= ? GROUP BY sender',
  )
  // The one thing that is stored of cloud chats anyhow and that only the owner of the mailbox can bring about.
  const findRead = database.prepare(
    "SELECT 1 AS here FROM mark WHERE owner = (SELECT account FROM device WHERE id = ?) AND peer = ? AND state = 'read'",
  )
  const forget = database.prepare('DELETE FROM packet WHERE to_device = ? AND id <= ?')
  const sizes = database.prepare('SELECT id, size FROM packet WHERE to_device = ? AND id > ? ORDER BY id LIMIT ?')
  const select = database.prepare(
    'SELECT id, sender, from_device, packet, at FROM packet WHERE to_device = ? AND id > ? AND id <= ? ORDER BY id',
  )
  const dropOld = database.prepare(
    `DELETE FROM packet WHERE id IN (SELECT id FROM packet WHERE at < ? ORDER BY at LIMIT ${SWEEP_AT_ONCE}) RETURNING to_device, sender, size`,
  )

  /** What each mailbox holds, with what is still on its way to the disk. */
  const held = new Map<number, Mailbox>()
  let hasResidue = false

  const senderIn = (mailbox: Mailbox, device: number, sender: number): FromSender =>
    mailbox.from.get(sender) ?? { packets: 0, bytes: 0, isStranger: !findRead.get([device, sender]) }
  const count = (mailbox: Mailbox, device: number, sender: number, { packets, bytes }: Held): void => {
    const from = senderIn(mailbox, device, sender)
    for (const each of from.isStranger ? [mailbox.all, mailbox.strangers, from] : [mailbox.all, from]) {
      each.packets += packets
      each.bytes += bytes
    }
    if (from.packets > 0) mailbox.from.set(sender, from)
    else mailbox.from.delete(sender)
  }
  const heldBy = (device: number): Mailbox => {
    const known = held.get(device)
    if (known) return known
    if (held.size >= CACHED_MAILBOXES) held.clear()
    const mailbox: Mailbox = { all: { packets: 0, bytes: 0 }, strangers: { packets: 0, bytes: 0 }, from: new Map() }
    for (const { sender, ...of } of sums.all<Held & { sender: number }>([device, Number.MAX_SAFE_INTEGER])) {
      count(mailbox, device, sender, of)
    }
    held.set(device, mailbox)
    return mailbox
  }
  const release = (device: number, sender: number, { packets, bytes }: Held): void => {
    const mailbox = held.get(device)
    if (mailbox) count(mailbox, device, sender, { packets: -packets, bytes: -bytes })
  }

  const writePacket = ({ sender, fromDevice, cid, recipient, toDevice, packet }: PacketEntry, now: number): MailWritten => {
    const bytes = Buffer.from(packet, 'base64url')
    const { changes, lastInsertRowid } = insert.run([sender.id, recipient.id, fromDevice, toDevice, cid, bytes.length, now, bytes])
    if (changes > 0) return { id: lastInsertRowid, at: now, isNew: true }
    release(toDevice, sender.id, { packets: 1, bytes: bytes.length })
    return { ...(findSent.get<{ id: number; at: number }>([fromDevice, cid]) ?? { id: 0, at: now }), isNew: false }
  }
  const writeDone = ({ toDevice, upTo }: DoneEntry, now: number): MailWritten => {
    const going = sums.all<Held & { sender: number }>([toDevice, upTo])
    if (going.length > 0) {
      forget.run([toDevice, upTo])
      for (const { sender, ...of } of going) release(toDevice, sender, of)
      hasResidue = true
    }
    return { id: 0, at: now, isNew: false }
  }

  return {
    find: (account, device) => findDevice.get<{ id: number }>([account.id, device])?.id ?? null,
    reserve({ sender, fromDevice, cid, toDevice, packet }) {
      const mailbox = heldBy(toDevice)
      const from = senderIn(mailbox, toDevice, sender.id)
      const bytes = sizeOf(packet)
      const fits = (part: Held, share: number) =>
        part.packets < share * MAX_MAILBOX_PACKETS && part.bytes + bytes <= share * MAX_MAILBOX_BYTES
      const isRoom = fits(mailbox.all, 1) && fits(from, SENDER_SHARE) && (!from.isStranger || fits(mailbox.strangers, STRANGERS_SHARE))
      if (!isRoom && !findSent.get([fromDevice, cid])) return false
      count(mailbox, toDevice, sender.id, { packets: 1, bytes })
      return true
    },
    commit(entries, now) {
      try {
        return transaction(database, () =>
          entries.map((entry) => (entry.kind === 'packet' ? writePacket(entry, now) : writeDone(entry, now))),
        )
      } catch (error) {
        // Nothing of it stands, and the queue gives up what waits behind it: what the disk has is all there is.
        held.clear()
        throw error
      }
    },
    read(toDevice, after) {
      const waiting = sizes.all<{ id: number; size: number }>([toDevice, after, MAIL_PAGE + 1])
      const count = pageLength(waiting.map(({ size }) => size))
      const last = waiting[count - 1]
      if (!last) return { packets: [], more: false }
      const packets = select.all<PacketRow>([toDevice, after, last.id]).map(({ id, sender, from_device, packet, at }) => {
        const from = accounts.byId(sender)
        const fromDevice = accounts.deviceName(from_device)
        return { id, from: from.handle, fromKey: from.key, fromDevice, packet: Buffer.from(packet).toString('base64url'), at }
      })
      return { packets, more: count < waiting.length }
    },
    sweep(before) {
      for (const { to_device, sender, size } of dropOld.all<{ to_device: number; sender: number; size: number }>([before])) {
        release(to_device, sender, { packets: 1, bytes: size })
        hasResidue = true
      }
      if (!hasResidue) return
      hasResidue = false
      // Deleted rows are overwritten in the database file, but the log still has the pages of before (sqlite.org/wal.html).
      database.pragma('wal_checkpoint(TRUNCATE)')
    },
  }
}
