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
  /** Counts this packet as held from now on; to be called before `commit`. False when the mailbox has no room for one it does not have yet. */
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
const PAGE_BYTES = 262_144
/** Bounds the time one sweep keeps everything else waiting. */
const SWEEP_AT_ONCE = 1000
const CACHED_MAILBOXES = 100_000

type Held = { packets: number; bytes: number }
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
  const sum = database.prepare('SELECT count(*) AS packets, coalesce(sum(size), 0) AS bytes FROM packet WHERE to_device = ? AND id <= ?')
  const forget = database.prepare('DELETE FROM packet WHERE to_device = ? AND id <= ?')
  const sizes = database.prepare('SELECT id, size FROM packet WHERE to_device = ? AND id > ? ORDER BY id LIMIT ?')
  const select = database.prepare(
    'SELECT id, sender, from_device, packet, at FROM packet WHERE to_device = ? AND id > ? AND id <= ? ORDER BY id',
  )
  const dropOld = database.prepare(
    `DELETE FROM packet WHERE id IN (SELECT id FROM packet WHERE at < ? ORDER BY at LIMIT ${SWEEP_AT_ONCE}) RETURNING to_device, size`,
  )

  /** What each mailbox holds, with what is still on its way to the disk. */
  const held = new Map<number, Held>()
  let hasResidue = false

  const heldBy = (device: number): Held => {
    const known = held.get(device)
    if (known) return known
    if (held.size >= CACHED_MAILBOXES) held.clear()
    const loaded = sum.get<Held>([device, Number.MAX_SAFE_INTEGER]) ?? { packets: 0, bytes: 0 }
    held.set(device, loaded)
    return loaded
  }
  const release = (device: number, { packets, bytes }: Held): void => {
    const mailbox = held.get(device)
    if (!mailbox) return
    mailbox.packets -= packets
    mailbox.bytes -= bytes
  }

  const writePacket = ({ sender, fromDevice, cid, recipient, toDevice, packet }: PacketEntry, now: number): MailWritten => {
    const bytes = Buffer.from(packet, 'base64url')
    const { changes, lastInsertRowid } = insert.run([sender.id, recipient.id, fromDevice, toDevice, cid, bytes.length, now, bytes])
    if (changes > 0) return { id: lastInsertRowid, at: now, isNew: true }
    release(toDevice, { packets: 1, bytes: bytes.length })
    return { ...(findSent.get<{ id: number; at: number }>([fromDevice, cid]) ?? { id: 0, at: now }), isNew: false }
  }
  const writeDone = ({ toDevice, upTo }: DoneEntry, now: number): MailWritten => {
    const going = sum.get<Held>([toDevice, upTo])
    if (going && going.packets > 0) {
      forget.run([toDevice, upTo])
      release(toDevice, going)
      hasResidue = true
    }
    return { id: 0, at: now, isNew: false }
  }

  return {
    find: (account, device) => findDevice.get<{ id: number }>([account.id, device])?.id ?? null,
    reserve({ fromDevice, cid, toDevice, packet }) {
      const mailbox = heldBy(toDevice)
      const bytes = mailbox.bytes + sizeOf(packet)
      const isFull = mailbox.packets >= MAX_MAILBOX_PACKETS || bytes > MAX_MAILBOX_BYTES
      if (isFull && !findSent.get([fromDevice, cid])) return false
      mailbox.packets += 1
      mailbox.bytes = bytes
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
      for (const { to_device, size } of dropOld.all<{ to_device: number; size: number }>([before])) {
        release(to_device, { packets: 1, bytes: size })
        hasResidue = true
      }
      if (!hasResidue) return
      hasResidue = false
      // Deleted rows are overwritten in the database file, but the log still has the pages of before (sqlite.org/wal.html).
      database.pragma('wal_checkpoint(TRUNCATE)')
    },
  }
}
