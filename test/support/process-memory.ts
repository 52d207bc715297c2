/** Everything a child process has in memory that it could write to, read from outside while it runs (Linux: proc(5), /proc/pid/mem). */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'

export const canReadMemory = existsSync('/proc/self/maps')

const PIECE = 16 * 1024 * 1024
/** Pieces overlap by this, so that nothing is cut in two. */
const OVERLAP = 4096

/** How often each of `words` (Latin letters) occurs, written with one byte or with two for each letter. */
export function countInMemory(pid: number, words: readonly string[]): Record<string, number> {
  const counts = Object.fromEntries(words.map((word) => [word, 0]))
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const { start, end } of writableRegions(pid)) {
      for (let at = start; at < end; at += PIECE) {
        const bytes = Buffer.alloc(Math.min(PIECE + OVERLAP, end - at))
        let length: number
        try {
          length = readSync(memory, bytes, 0, bytes.length, at)
        } catch {
          // A region that went away meanwhile, or is only reserved.
          break
        }
        const piece = bytes.subarray(0, length)
        for (const word of words) {
          counts[word] =
            (counts[word] ?? 0) + occurrences(piece, Buffer.from(word, 'latin1')) + occurrences(piece, Buffer.from(word, 'utf16le'))
        }
      }
    }
  } finally {
    closeSync(memory)
  }
  return counts
}

function writableRegions(pid: number): { readonly start: number; readonly end: number }[] {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const found = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line)
      return found ? [{ start: Number.parseInt(found[1] ?? '', 16), end: Number.parseInt(found[2] ?? '', 16) }] : []
    })
}

function occurrences(piece: Buffer, word: Buffer): number {
  let count = 0
  for (let at = piece.indexOf(word); at !== -1; at = piece.indexOf(word, at + 1)) count += 1
  return count
}
