/** The relay's end of one stream that comes and goes in slices (shared/protocol/tunnel.ts). Knows no HTTP. */
import { Duplex } from 'node:stream'
import { HOLD_MS, type SliceDown, type SliceUp } from '../shared/protocol/tunnel.ts'
import type { Clock, Timer } from '../shared/util/clock.ts'

/** What waits to go down, before whoever writes it has to wait. */
const BACKLOG_BYTES = 65_536
/** Slices that came before their turn, and answers that may be asked for again. */
const MAX_PARKED = 64
const IDLE_MS = 60_000

export type Answer = (slice: SliceDown) => void

export class SlicedStream extends Duplex {
  readonly #clock: Clock
  #idle: Timer
  #upNext = 0
  #upEnd: number | null = null
  readonly #parked = new Map<number, Uint8Array>()
  #down: Buffer = Buffer.alloc(0)
  #downAt = 0
  #downEnds = false
  #written: (() => void) | null = null
  readonly #answered = new Map<number, SliceDown>()
  readonly #waiting = new Map<number, { readonly room: number; readonly answer: Answer; readonly timer: Timer }>()

  constructor(clock: Clock) {
    super({ allowHalfOpen: true })
    this.#clock = clock
    this.#idle = clock.after(IDLE_MS, () => this.destroy())
    this.on('error', () => {})
  }

  takeSlice({ seq, at, ack, room, holds, ends, bytes }: SliceUp, answer: Answer): void {
    this.#idle.cancel()
    this.#idle = this.#clock.after(IDLE_MS, () => this.destroy())
    for (const [number, slice] of this.#answered) if (slice.at + slice.bytes.length <= ack) this.#answered.delete(number)
    if (ends) this.#upEnd = at + bytes.length
    if (bytes.length > 0 && at >= this.#upNext && this.#parked.size < MAX_PARKED) this.#parked.set(at, Uint8Array.from(bytes))
    this.#deliver()
    const before = this.#answered.get(seq)
    this.#supersede(seq)
    if (before) answer(before)
    else if (!holds) this.#reply(seq, room, answer)
    else {
      const timer = this.#clock.after(HOLD_MS, () => this.#release(seq))
      this.#waiting.set(seq, { room, answer, timer })
      this.#pump()
    }
  }

  #deliver(): void {
    for (let next = this.#parked.get(this.#upNext); next; next = this.#parked.get(this.#upNext)) {
      this.#parked.delete(this.#upNext)
      this.#upNext += next.length
      this.push(next)
    }
    if (this.#upEnd === this.#upNext && !this.readableEnded) {
      this.#upEnd = null
      this.push(null)
    }
  }

  /** Asked again on another connection: the one before has no answer to give any more. */
  #supersede(seq: number): void {
    const held = this.#waiting.get(seq)
    if (!held) return
    held.timer.cancel()
    this.#waiting.delete(seq)
    held.answer({ at: this.#downAt, ends: false, bytes: Buffer.alloc(0) })
  }

  /** What waited under this number is answered with whatever there is. */
  #release(seq: number): void {
    const held = this.#waiting.get(seq)
    if (!held) return
    held.timer.cancel()
    this.#waiting.delete(seq)
    this.#reply(seq, held.room, held.answer)
  }

  #reply(seq: number, room: number, answer: Answer): void {
    const bytes = this.#down.subarray(0, room)
    this.#down = this.#down.subarray(bytes.length)
    const slice = { at: this.#downAt, ends: this.#downEnds && this.#down.length === 0, bytes }
    this.#downAt += bytes.length
    if (bytes.length > 0 && this.#answered.size < MAX_PARKED) this.#answered.set(seq, slice)
    answer(slice)
    if (this.#down.length < BACKLOG_BYTES) {
      const written = this.#written
      this.#written = null
      written?.()
    }
  }

  #pump(): void {
    for (const seq of [...this.#waiting.keys()]) {
      if (this.#down.length === 0 && !this.#downEnds) return
      this.#release(seq)
    }
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#down = Buffer.concat([this.#down, chunk])
    this.#written = done
    if (this.#down.length < BACKLOG_BYTES) {
      this.#written = null
      done()
    }
    this.#pump()
  }

  override _final(done: () => void): void {
    this.#downEnds = true
    this.#pump()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#idle.cancel()
    this.#down = Buffer.alloc(0)
    this.#downEnds = true
    for (const seq of [...this.#waiting.keys()]) this.#release(seq)
    done(error)
  }

  // What TLS servers call on a socket.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  setTimeout(): this {
    return this
  }
}
