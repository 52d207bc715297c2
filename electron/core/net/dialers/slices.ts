/**
 * One stream to the relay in many requests of ten kilobytes at most (long-polling), on connections that live or on short ones: as `budget` says.
 * Defends against: fronts that pass no WebSocket; on short ones also networks that freeze every connection after 16 to 20 kB (Russia, since 2025).
 * Does not: hide the address or the name it goes to; many short connections are a pattern of their own.
 * Cost: a round trip for each ten kilobytes, three where each has a connection of its own, four at a time; about a third more bytes
 * then; encryption twice.
 * Source: reported behaviour of the 16 kB freeze (net4people/bbs 490, 546); the slices themselves are this project's (shared/protocol/tunnel.ts).
 */
import { Duplex } from 'node:stream'
import {
  decodeDown,
  encodeUp,
  MAX_DOWN_BODY,
  SLICE_BYTES,
  type SliceDown,
  type SliceUp,
  TUNNEL_PATH,
} from '../../../../shared/protocol/tunnel.ts'
import { toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Dialer } from '../dialer.ts'
import { DialError } from '../errors.ts'
import type { SocketAddress } from '../network.ts'
import { createLanes, type Lanes, type LanesOptions } from './lanes.ts'

export interface SlicesOptions extends Omit<LanesOptions, 'to'> {
  readonly random: Random
}

/** By `hop`, which is the relay or leads to it; the target is its choice. What is refused is `proxy-refused` with code `status-NNN`. */
export function slices(hop: SocketAddress, options: SlicesOptions): Dialer {
  return async (_to, signal) => {
    const path = `${TUNNEL_PATH}${toBase64Url(options.random.bytes(16))}`
    const stream = new SliceStream(path, createLanes({ ...options, to: hop }))
    try {
      await stream.open(signal)
      return stream
    } catch (error) {
      stream.destroy()
      signal.throwIfAborted()
      throw error
    }
  }
}

/** Requests under way at once, for each direction. */
const MOST = 4

class SliceStream extends Duplex {
  readonly #path: string
  readonly #lanes: Lanes
  readonly #stop = new AbortController()
  #seq = 0
  #pending: Buffer = Buffer.alloc(0)
  #written: ((error?: Error | null) => void) | null = null
  #upAt = 0
  #ends = false
  #uploads = 0
  #polls = 0
  /** How many requests wait for something to come: more while much does. */
  #wanted = 1
  #isOpen = false
  #downNext = 0
  #downEnd: number | null = null
  readonly #parked = new Map<number, Uint8Array>()

  constructor(path: string, lanes: Lanes) {
    super({ allowHalfOpen: true })
    this.#path = path
    this.#lanes = lanes
    this.on('error', () => {})
  }

  /** The first slice, empty: nobody else is asked before it has been answered. */
  async open(signal: AbortSignal): Promise<void> {
    const abort = () => this.#stop.abort(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      this.#take(await this.#exchange({ bytes: Buffer.alloc(0), holds: false, ends: false }), 0)
      this.#isOpen = true
    } finally {
      signal.removeEventListener('abort', abort)
    }
    this.#pump()
  }

  #pump(): void {
    if (!this.#isOpen || this.destroyed) return
    while (this.#uploads < MOST && this.#pending.length > 0) {
      const bytes = Buffer.from(this.#pending.subarray(0, SLICE_BYTES))
      this.#pending = this.#pending.subarray(bytes.length)
      this.#go({ bytes, holds: false, ends: false }, 'up')
    }
    if (this.#pending.length < SLICE_BYTES) {
      const written = this.#written
      this.#written = null
      written?.()
    }
    if (this.#ends && this.#pending.length === 0) {
      this.#ends = false
      this.#go({ bytes: Buffer.alloc(0), holds: false, ends: true }, 'up')
    }
    while (this.#polls < this.#wanted && this.#downEnd === null) this.#go({ bytes: Buffer.alloc(0), holds: true, ends: false }, 'down')
  }

  #go(what: Pick<SliceUp, 'bytes' | 'holds' | 'ends'>, way: 'up' | 'down'): void {
    const count = (by: number) => {
      if (way === 'up') this.#uploads += by
      else this.#polls += by
    }
    count(1)
    this.#exchange(what).then(
      (slice) => {
        count(-1)
        this.#take(slice, way === 'down' ? 1 : 0)
        this.#pump()
      },
      (error: Error) => {
        count(-1)
        this.destroy(error)
      },
    )
  }

  async #exchange(what: Pick<SliceUp, 'bytes' | 'holds' | 'ends'>): Promise<SliceDown> {
    const at = this.#upAt
    this.#upAt += what.bytes.length
    const seq = this.#seq++
    const body = (room: number) => encodeUp({ ...what, seq, at, ack: this.#downNext, room })
    const ask = { path: this.#path, size: what.bytes.length, body, holds: what.holds, most: MAX_DOWN_BODY, signal: this.#stop.signal }
    const slice = decodeDown(await this.#lanes.exchange(ask))
    if (!slice) throw new DialError('proxy-refused', 'not-slices')
    return slice
  }

  #take({ at, ends, bytes }: SliceDown, polled: 0 | 1): void {
    if (this.destroyed) return
    if (ends) this.#downEnd = at + bytes.length
    if (at >= this.#downNext && bytes.length > 0) this.#parked.set(at, bytes)
    // One that comes back empty waited for nothing; one that comes back full left something behind.
    if (bytes.length > SLICE_BYTES / 2) this.#wanted = Math.min(MOST, this.#wanted + 1)
    else if (polled && bytes.length === 0) this.#wanted = 1
    for (let next = this.#parked.get(this.#downNext); next; next = this.#parked.get(this.#downNext)) {
      this.#parked.delete(this.#downNext)
      this.#downNext += next.length
      this.push(next)
    }
    if (this.#downEnd === this.#downNext && !this.readableEnded) this.push(null)
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#pending = Buffer.concat([this.#pending, chunk])
    this.#written = done
    this.#pump()
  }

  override _final(done: () => void): void {
    this.#ends = true
    this.#pump()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stop.abort(error ?? new DialError('closed'))
    this.#lanes.close()
    done(error)
  }
}
