/** Two joined streams in one process. Chunks are handed over on a later turn: Node's TLS hangs over a synchronous pair. */
import { Duplex } from 'node:stream'
import { nodeError } from './errors.ts'

/** Counts hand-overs, so that a virtual clock can tell when real input has settled. */
export interface Pulse {
  count: number
  /** Work elsewhere that a stream waits for, as the making of keys: until it is done nothing has settled. */
  pending?: number
}

/** Has a virtual clock wait for `work`. */
export async function whilePending<T>(pulse: Pulse, work: Promise<T>): Promise<T> {
  pulse.pending = (pulse.pending ?? 0) + 1
  try {
    return await work
  } finally {
    pulse.pending--
    pulse.count++
  }
}

class PairEnd extends Duplex {
  peer: PairEnd | null = null
  readonly #pulse: Pulse
  #resume: (() => void) | null = null

  constructor(pulse: Pulse) {
    super({ allowHalfOpen: true, autoDestroy: true })
    this.#pulse = pulse
  }

  override _read(): void {
    const resume = this.#resume
    this.#resume = null
    resume?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#handOver((peer) => peer.#accept(chunk, done), done)
  }

  /** Written together, handed over together, each chunk by itself. */
  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#handOver((peer) => {
      const last = chunks.length - 1
      chunks.forEach(({ chunk }, i) => void (i < last ? peer.push(chunk) : peer.#accept(chunk, done)))
    }, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#handOver((peer) => {
      peer.push(null)
      done()
    }, done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { peer } = this
    const clean = this.readableEnded && this.writableFinished
    if (peer && !clean) {
      setImmediate(() => {
        this.#pulse.count++
        if (!peer.destroyed) peer.destroy(nodeError('ECONNRESET', 'read'))
      })
    }
    this.#resume?.()
    done(error)
  }

  #handOver(act: (peer: PairEnd) => void, done: (error?: Error | null) => void): void {
    setImmediate(() => {
      this.#pulse.count++
      const { peer } = this
      if (!peer || peer.destroyed) done()
      else act(peer)
    })
  }

  #accept(chunk: Buffer, done: () => void): void {
    if (this.push(chunk)) done()
    else this.#resume = done
  }
}

/** Bytes written to one end are read at the other. Destroying an end that has not finished resets the other with ECONNRESET. */
export function duplexPair(pulse: Pulse = { count: 0 }): [Duplex, Duplex] {
  const a = new PairEnd(pulse)
  const b = new PairEnd(pulse)
  a.peer = b
  b.peer = a
  return [a, b]
}
