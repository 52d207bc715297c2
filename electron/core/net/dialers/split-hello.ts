/**
 * The first flight of TLS in two pieces, cut within the name it shows: in two TLS records (RFC 8446 section 5.1 allows a handshake
 * message to span them), in two TCP segments, or both at once.
 * Defends against: boxes that read a name without putting records, or segments, together again.
 * Does not: against boxes that do both (some in Russia have since 2026), nor against blocks of addresses. The cut can be seen.
 * Cost: nothing but five bytes.
 * Source: Outline SDK (tlsfrag, split); RFC 8446 section 5.1.
 */
import { Duplex } from 'node:stream'
import type { Dialer } from '../dialer.ts'

export const splits = ['record', 'segment', 'both'] as const
export type Split = (typeof splits)[number]

/** What is written first is cut within `name`, or in the middle where it shows none; everything after passes as it is. */
export function splitHello(split: Split, name: string | null, dial: Dialer): Dialer {
  return async (to, signal) => new CutStream(await dial(to, signal), (first) => cut(first, split, name))
}

const HANDSHAKE = 22
const HEADER = 5

/** The pieces to be written one by one. Anything that is not one whole record stays whole. */
export function cut(first: Buffer, split: Split, name: string | null): Buffer[] {
  if (first[0] !== HANDSHAKE || first.length < HEADER + 2 || first.readUInt16BE(3) !== first.length - HEADER) return [first]
  const shown = name === null ? -1 : first.indexOf(name, HEADER, 'latin1')
  const at = shown < 0 ? HEADER + Math.floor((first.length - HEADER) / 2) : shown + Math.ceil((name?.length ?? 0) / 2)
  if (split === 'segment') return [first.subarray(0, at), first.subarray(at)]
  const record = (body: Buffer) => Buffer.concat([first.subarray(0, 3), Buffer.of(body.length >> 8, body.length & 255), body])
  const records = [record(first.subarray(HEADER, at)), record(first.subarray(at))]
  return split === 'both' ? records : [Buffer.concat(records)]
}

/** Passes everything on but the first write, of which it makes several. */
class CutStream extends Duplex {
  readonly #inner: Duplex
  #cut: ((first: Buffer) => Buffer[]) | null

  constructor(inner: Duplex, cutter: (first: Buffer) => Buffer[]) {
    super({ allowHalfOpen: true })
    this.#inner = inner
    this.#cut = cutter
    // A reset may come while nobody listens; `close` tells.
    this.on('error', () => {})
    inner.on('data', (bytes: Buffer) => {
      if (!this.push(bytes)) inner.pause()
    })
    inner.on('end', () => this.push(null))
    inner.on('error', () => {})
    inner.on('close', () => this.destroy(inner.errored ?? undefined))
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const [piece, ...rest] = this.#cut?.(chunk) ?? [chunk]
    this.#cut = null
    // One after the other has left: the system would put what waits together into one segment.
    const next = (bytes: Buffer | undefined, after: Buffer[]) =>
      this.#inner.write(bytes ?? Buffer.alloc(0), (error) => {
        const [following] = after
        if (error || !following) done(error)
        else next(following, after.slice(1))
      })
    next(piece, rest)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy(error ?? undefined)
    done(error)
  }
}
