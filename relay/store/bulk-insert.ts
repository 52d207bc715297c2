/** Inserts many rows with few statements: each call across the native boundary costs about as much as the row it carries. */
import type { Database } from '@signalapp/sqlcipher'

type Value = string | number | null
const CHUNKS = [64, 8, 1] as const

export function createBulkInsert(
  database: Database,
  head: string,
  columns: number,
  tail = '',
): (rows: readonly (readonly Value[])[]) => void {
  const row = `(${Array(columns).fill('?').join(',')})`
  const statements = CHUNKS.map((size) => ({
    size,
    statement: database.prepare(`${head} VALUES ${Array(size).fill(row).join(',')} ${tail}`),
  }))
  return (rows) => {
    let at = 0
    for (const { size, statement } of statements) {
      for (; rows.length - at >= size; at += size) statement.run(rows.slice(at, at + size).flat())
    }
  }
}
