/** Reads exactly so many bytes from a stream and leaves the rest in it, for handshakes that another protocol follows. */
import type { Duplex } from 'node:stream'
import { DialError } from './errors.ts'

/** Rejects with `closed` when the stream ends first, with its error, or with the signal's reason. */
export function readExactly(stream: Duplex, length: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (finish: () => void) => {
      stream.off('readable', attempt)
      stream.off('end', attempt)
      stream.off('close', attempt)
      signal.removeEventListener('abort', attempt)
      finish()
    }
    const attempt = () => {
      if (signal.aborted) return done(() => reject(signal.reason))
      if (stream.errored) return done(() => reject(stream.errored))
      // `null`: not enough yet; fewer than asked for: these were the last.
      const bytes: unknown = stream.read(length)
      if (Buffer.isBuffer(bytes) && bytes.length === length) return done(() => resolve(bytes))
      if (bytes !== null || stream.readableEnded || stream.destroyed) return done(() => reject(new DialError('closed')))
    }
    // Listens for as long as it waits: `readable` fires anew for every listener that is added while some bytes wait already.
    stream.on('readable', attempt)
    stream.on('end', attempt)
    stream.on('close', attempt)
    signal.addEventListener('abort', attempt)
    attempt()
  })
}

/** Reads up to and with `mark`. Rejects with `failed` beyond `most` bytes. */
export async function readUntil(stream: Duplex, mark: string, most: number, signal: AbortSignal): Promise<Buffer> {
  const taken: Buffer[] = []
  for (;;) {
    taken.push(await readExactly(stream, 1, signal))
    if (taken.length > most) throw new DialError('failed', 'oversized')
    if (taken.length >= mark.length && Buffer.concat(taken.slice(-mark.length)).toString('latin1') === mark) return Buffer.concat(taken)
  }
}
