/** The bytes of files, in pieces inside the encrypted store. */
import type { Store } from '../../store/store.ts'

export interface Pieces {
  /** Inside a transaction: adds `bytes` behind what is there. */
  append(fileId: string, bytes: Uint8Array): void
  /** At most `length` bytes from `start`; fewer at the end. */
  read(fileId: string, start: number, length: number): Uint8Array<ArrayBuffer>
  clear(fileId: string): void
}

export function createPieces(store: Store): Pieces {
  return {
    append(fileId, bytes) {
      if (bytes.length === 0) return
      const have = store.get<{ have: number }>('SELECT have FROM file WHERE id = ?', [fileId])?.have ?? 0
      store.run('INSERT INTO piece (file_id, start, bytes) VALUES (?, ?, ?)', [fileId, have, new Uint8Array(bytes)])
      store.run('UPDATE file SET have = have + ? WHERE id = ?', [bytes.length, fileId])
    },
    read(fileId, start, length) {
      const end = start + length
      const rows = store.all<{ start: number; bytes: Uint8Array<ArrayBuffer> }>(
        `SELECT start, bytes FROM piece WHERE file_id = ? AND start < ?
           AND start >= coalesce((SELECT max(start) FROM piece WHERE file_id = ? AND start <= ?), 0) ORDER BY start`,
        [fileId, end, fileId, start],
      )
      const parts = rows.map((row) => row.bytes.subarray(Math.max(0, start - row.start), Math.max(0, end - row.start)))
      // A copy of its own: what crosses to the screens must not share memory with the database.
      return new Uint8Array(Buffer.concat(parts))
    },
    clear(fileId) {
      store.run('DELETE FROM piece WHERE file_id = ?', [fileId])
      store.run('UPDATE file SET have = 0 WHERE id = ?', [fileId])
    },
  }
}
