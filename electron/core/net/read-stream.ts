/** Reads exactly so many bytes from a stream and leaves the rest in it, for handshakes that another protocol follows. */
import type { Duplex } from 'node:stream'
import { DialError } from './errors.ts'

/** Rejects with `closed` when the stream ends first, with its error, or with the signal's reason. */
export async function readExactly(stream: Duplex, length: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    signal.throwIfAborted()
    if (stream.errored) throw stream.errored
    if (stream.readableLength >= length || stream.readableEnded || stream.destroyed) {
      const bytes: unknown = stream.read(length)
      if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes
      throw new DialError('closed')
    }
    await readable(stream, signal)
  }
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

function readable(stream: Duplex, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => () => {
      stream.off('readable', onReadable)
      stream.off('end', onReadable)
      stream.off('close', onReadable)
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onReadable = done(resolve)
    const onAbort = done(() => reject(signal.reason))
    stream.once('readable', onReadable)
    stream.once('end', onReadable)
    stream.once('close', onReadable)
    signal.addEventListener('abort', onAbort, { once: true })
    // Asks for more: `readable` fires only while something was asked for.
    stream.read(0)
  })
}
