/** Which uploads were allowed, to whom, and which have arrived. The bytes themselves are files (relay/media.ts). */
import type { Database } from '@signalapp/sqlcipher'

export interface MediaRecord {
  readonly size: number
  readonly tokenHash: string
  readonly grantedAt: number
  readonly stored: boolean
}

export interface MediaRecords {
  grant(id: string, owner: number, size: number, tokenHash: string, now: number): void
  find(id: string): MediaRecord | null
  markStored(id: string, now: number): void
  /** Forgets leave that was never used. */
  dropUnused(grantedBefore: number): void
}

export function createMediaRecords(database: Database): MediaRecords {
  const insert = database.prepare('INSERT INTO media (id, owner, size, token_hash, granted_at, stored_at) VALUES (?, ?, ?, ?, ?, NULL)')
  const select = database.prepare('SELECT size, token_hash, granted_at, stored_at FROM media WHERE id = ?')
  const store = database.prepare('UPDATE media SET stored_at = ? WHERE id = ?')
  const drop = database.prepare('DELETE FROM media WHERE stored_at IS NULL AND granted_at < ?')
  return {
    grant: (id, owner, size, tokenHash, now) => void insert.run([id, owner, size, tokenHash, now]),
    find(id) {
      const row = select.get<{ size: number; token_hash: string; granted_at: number; stored_at: number | null }>([id])
      return row ? { size: row.size, tokenHash: row.token_hash, grantedAt: row.granted_at, stored: row.stored_at !== null } : null
    },
    markStored: (id, now) => void store.run([now, id]),
    dropUnused: (grantedBefore) => void drop.run([grantedBefore]),
  }
}
