/** Which uploads were allowed, to whom, and which have arrived. The bytes themselves are files (relay/media.ts). */
import type { Database } from '@signalapp/sqlcipher'
import { transaction } from './database.ts'

export interface MediaRecord {
  readonly size: number
  readonly tokenHash: string
  readonly grantedAt: number
  readonly stored: boolean
  /** Of a secret chat: it does not stay. */
  readonly sealed: boolean
}

export interface MediaGrant {
  readonly id: string
  readonly owner: number
  readonly size: number
  readonly tokenHash: string
  readonly sealed: boolean
}

export interface MediaRecords {
  grant(grant: MediaGrant, now: number): void
  find(id: string): MediaRecord | null
  markStored(id: string, now: number): void
  /** Forgets leave that was never used. */
  dropUnused(grantedBefore: number): void
  /** Sealed files that were stored before this time, oldest first, some at a time. */
  expired(storedBefore: number): string[]
  /** The files are gone from the disk. */
  forget(ids: readonly string[]): void
  /** Wipes what forgotten rows left behind in the write-ahead log. */
  scrub(): void
}

/** Bounds the time one sweep keeps everything else waiting. */
const EXPIRED_AT_ONCE = 100

type Row = { size: number; token_hash: string; granted_at: number; stored_at: number | null; sealed: number }

export function createMediaRecords(database: Database): MediaRecords {
  const insert = database.prepare(
    'INSERT INTO media (id, owner, size, token_hash, granted_at, stored_at, sealed) VALUES (?, ?, ?, ?, ?, NULL, ?)',
  )
  const select = database.prepare('SELECT size, token_hash, granted_at, stored_at, sealed FROM media WHERE id = ?')
  const store = database.prepare('UPDATE media SET stored_at = ? WHERE id = ?')
  const drop = database.prepare('DELETE FROM media WHERE stored_at IS NULL AND granted_at < ?')
  const old = database.prepare(`SELECT id FROM media WHERE sealed = 1 AND stored_at < ? ORDER BY stored_at LIMIT ${EXPIRED_AT_ONCE}`)
  const remove = database.prepare('DELETE FROM media WHERE id = ?')
  let hasResidue = false

  return {
    grant: ({ id, owner, size, tokenHash, sealed }, now) => void insert.run([id, owner, size, tokenHash, now, sealed ? 1 : 0]),
    find(id) {
      const row = select.get<Row>([id])
      if (!row) return null
      const { size, token_hash, granted_at, stored_at, sealed } = row
      return { size, tokenHash: token_hash, grantedAt: granted_at, stored: stored_at !== null, sealed: sealed === 1 }
    },
    markStored: (id, now) => void store.run([now, id]),
    dropUnused: (grantedBefore) => void drop.run([grantedBefore]),
    expired: (storedBefore) => old.all<{ id: string }>([storedBefore]).map(({ id }) => id),
    forget(ids) {
      transaction(database, () => {
        for (const id of ids) remove.run([id])
      })
      hasResidue = true
    },
    scrub() {
      if (!hasResidue) return
      hasResidue = false
      // As in mailbox.ts.
      database.pragma('wal_checkpoint(TRUNCATE)')
    },
  }
}
