import type { Duplex } from 'node:stream'

/** What arrives in one turn is written together. */
export function writeSoon(stream: Duplex, bytes: Uint8Array, done: () => void): void {
  if (stream.writableCorked === 0) {
    stream.cork()
    queueMicrotask(() => stream.uncork())
  }
  stream.write(bytes, done)
}
