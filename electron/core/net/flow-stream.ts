/**
 * One flow of the uplink as a socket: a Duplex that behaves, and fails, as node:net's does. One write is one segment (in
 * pieces of at most 16 KiB), so that boundaries chosen by the sender reach the simulated network as they were sent.
 */
import { Duplex } from 'node:stream'
import { INITIAL_CREDIT, MAX_CREDIT, MAX_SEGMENT } from '../../../shared/protocol/uplink.ts'
import { socketError } from './errors.ts'

/** What a flow may say; the uplink puts its number on it. */
export type FlowFrame =
  | { readonly t: 'segment'; readonly bytes: Uint8Array }
  | { readonly t: 'credit'; readonly bytes: number }
  | { readonly t: 'fin' }
  | { readonly t: 'reset' }

/** Credit is given back in steps of this size at least, or a frame would follow every read. */
const CREDIT_STEP = 8_192

export class FlowStream extends Duplex {
  readonly #send: (frame: FlowFrame) => void
  #sendCredit = INITIAL_CREDIT
  #receiveCredit = INITIAL_CREDIT
  #unacknowledged = 0
  /** What the other side may have under way, and how much of it the reader took since it was given. */
  #window = INITIAL_CREDIT
  #taken = 0
  #waiting: { pieces: Uint8Array[]; done: (error?: Error | null) => void } | null = null
  #finSent = false
  #finSeen = false
  #cut = false

  constructor(send: (frame: FlowFrame) => void) {
    super({ allowHalfOpen: true, highWaterMark: MAX_SEGMENT })
    this.#send = send
    // A reset may come while nobody listens; `close` tells, and a listener of its own hears the error as well.
    this.on('error', () => {})
  }

  /** Whether both directions have ended or the flow was cut: nothing more will come. */
  get settled(): boolean {
    return this.#cut || (this.#finSent && this.#finSeen)
  }

  /** Bytes from the other side. False when it sent more than it had credit for. */
  receive(bytes: Uint8Array): boolean {
    if (bytes.length > this.#receiveCredit) return false
    this.#receiveCredit -= bytes.length
    if (this.destroyed) {
      // As a kernel does when data arrives for a socket that was closed.
      this.#cut = true
      this.#send({ t: 'reset' })
      return true
    }
    if (this.#finSeen) return false
    this.#unacknowledged += bytes.length
    if (this.push(bytes)) this.#giveCredit()
    return true
  }

  receiveFin(): void {
    if (this.#finSeen) return
    this.#finSeen = true
    if (!this.destroyed) this.push(null)
  }

  /** The other side, or the network in between, cut the flow. */
  receiveReset(): void {
    this.#cut = true
    this.destroy(socketError('ECONNRESET', 'read'))
  }

  receiveCredit(bytes: number): void {
    this.#sendCredit += bytes
    this.#drain()
  }

  override _read(): void {
    this.#giveCredit()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const pieces: Uint8Array[] = []
    for (let at = 0; at < chunk.length; at += MAX_SEGMENT) pieces.push(chunk.subarray(at, at + MAX_SEGMENT))
    this.#waiting = { pieces, done }
    this.#drain()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#finish()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const waiting = this.#waiting
    this.#waiting = null
    if (!this.#cut) this.#finish()
    waiting?.done(error ?? socketError('ECONNRESET', 'read'))
    done(error)
  }

  #finish(): void {
    if (this.#finSent) return
    this.#finSent = true
    this.#send({ t: 'fin' })
  }

  #giveCredit(): void {
    if (this.#unacknowledged < CREDIT_STEP || this.destroyed) return
    let bytes = this.#unacknowledged
    this.#unacknowledged = 0
    this.#taken += bytes
    if (this.#taken >= this.#window && this.#window < MAX_CREDIT) {
      // The reader keeps up: it is the round trips for credit that hold the flow back.
      bytes += this.#window
      this.#window *= 2
      this.#taken = 0
    }
    this.#receiveCredit += bytes
    this.#send({ t: 'credit', bytes })
  }

  #drain(): void {
    const waiting = this.#waiting
    if (!waiting) return
    for (let piece = waiting.pieces[0]; piece && piece.length <= this.#sendCredit; piece = waiting.pieces[0]) {
      waiting.pieces.shift()
      this.#sendCredit -= piece.length
      this.#send({ t: 'segment', bytes: piece })
    }
    if (waiting.pieces.length > 0) return
    this.#waiting = null
    waiting.done()
  }

  // What users of node:net call on a socket. The simulated network has no such switches.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
