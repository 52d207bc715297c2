/** Inserts many rows with few statements: each call across the native boundary costs about as much as the row it carries. */
import type { Database } from '@signalapp/sqlcipher'

type Value = string | number | null
const CHUNKS = [64, 8, 1] as const

/** The function takes the values of all rows, one row after the other: an array for each would cost as much as inserting it. */
export function createBulkInsert(database: Database, head: string, columns: number, tail = ''): (values: readonly Value[]) => void {
  const row = `(${Array(columns).fill('?').join(',')})`
  const statements = CHUNKS.map((rows) => ({
    size: rows * columns,
    statement: database.prepare(`${head} VALUES ${Array(rows).fill(row).join(',')} ${tail}`),
  }))
  return (values) => {
    let at = 0
    for (const { size, statement } of statements) {
      for (; values.length - at >= size; at += size) statement.run(values.slice(at, at + size))
    }
  }
}
