/** The bytes of files, in pieces inside the encrypted store. */
import type { Store } from '../../store/store.ts'

export interface Pieces {
  /** Of `file`: how many bytes are here, from the start. */
  readonly counted: 'have' | 'sealed_have'
  /** Inside a transaction: adds `bytes` behind what is there. */
  append(fileId: string, bytes: Uint8Array): void
  /** At most `length` bytes from `start`; fewer at the end. */
  read(fileId: string, start: number, length: number): Uint8Array<ArrayBuffer>
  clear(fileId: string): void
}

/** Which tables they lie in, and which column of `file` counts them. */
export interface PieceTables {
  readonly file: 'file' | 'secret_file'
  readonly piece: 'piece' | 'secret_piece' | 'secret_sealed_piece'
  readonly counted: 'have' | 'sealed_have'
}

/** Reading a few bytes reads whole pieces. */
const PIECE = 192 * 1024

export function createPieces(store: Store, { file, piece, counted }: PieceTables): Pieces {
  return {
    counted,
    append(fileId, bytes) {
      const have = store.get<{ have: number }>(`SELECT ${counted} AS have FROM ${file} WHERE id = ?`, [fileId])?.have ?? 0
      for (let at = 0; at < bytes.length; at += PIECE) {
        const part = new Uint8Array(bytes.subarray(at, at + PIECE))
        store.run(`INSERT INTO ${piece} (file_id, start, bytes) VALUES (?, ?, ?)`, [fileId, have + at, part])
      }
      store.run(`UPDATE ${file} SET ${counted} = ${counted} + ? WHERE id = ?`, [bytes.length, fileId])
    },
    read(fileId, start, length) {
      const end = start + length
      const rows = store.all<{ start: number; bytes: Uint8Array<ArrayBuffer> }>(
        `SELECT start, bytes FROM ${piece} WHERE file_id = ? AND start < ?
           AND start >= coalesce((SELECT max(start) FROM ${piece} WHERE file_id = ? AND start <= ?), 0) ORDER BY start`,
        [fileId, end, fileId, start],
      )
      const parts = rows.map((row) => row.bytes.subarray(Math.max(0, start - row.start), Math.max(0, end - row.start)))
      // A copy of its own: what crosses to the screens must not share memory with the database.
      return new Uint8Array(Buffer.concat(parts))
    },
    clear(fileId) {
      store.run(`DELETE FROM ${piece} WHERE file_id = ?`, [fileId])
      store.run(`UPDATE ${file} SET ${counted} = 0 WHERE id = ?`, [fileId])
    },
  }
}
