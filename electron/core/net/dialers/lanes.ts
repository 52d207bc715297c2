/** HTTPS connections to one place, each of which carries so many bytes and no more; a request that is lost is asked again on another. */
import type { TLSSocket } from 'node:tls'
import { HOLD_MS, SLICE_BYTES } from '../../../../shared/protocol/tunnel.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import { deadline } from '../deadline.ts'
import type { Dialer } from '../dialer.ts'
import { DialError } from '../errors.ts'
import { type HttpConnection, openHttp } from '../http.ts'
import type { SocketAddress } from '../network.ts'

export interface LanesOptions {
  readonly to: SocketAddress
  /** Must encrypt. */
  readonly dial: Dialer<TLSSocket>
  /** What stands in `Host`. */
  readonly authority: string
  readonly clock: Clock
  /** Of slices and heads on one connection. */
  readonly budget: number
}

export interface LaneAsk {
  readonly path: string
  /** Bytes that go up, without what frames them. */
  readonly size: number
  /** Made for the room that the connection has for an answer. */
  readonly body: (room: number) => Uint8Array
  /** Whether the other side may wait before it answers. */
  readonly holds: boolean
  readonly most: number
  readonly signal: AbortSignal
}

export interface Lanes {
  /** Rejects when several connections in a row lost it, with the signal's reason, or `proxy-refused` when it is turned away. */
  exchange(ask: LaneAsk): Promise<Uint8Array>
  close(): void
}

/** For networks that let 16 to 20 kB through: 15 kB with the handshake, which takes some 3. */
export const SHORT_LIVED = 12_000
/** For whoever passes requests, and lets a connection live. */
export const KEPT = Number.POSITIVE_INFINITY
/** Heads of a request and its answer, and what frames them. */
const HEADS = 700
/** A connection with less room than this for an answer is not worth another request. */
const LEAST_ROOM = 2_000
const ANSWER_MS = 4_000
const TRIES = 5

interface Lane {
  readonly http: HttpConnection
  used: number
}

export function createLanes({ to, dial, authority, clock, budget }: LanesOptions): Lanes {
  const idle: Lane[] = []
  const all = new Set<Lane>()
  const drop = (lane: Lane) => {
    all.delete(lane)
    lane.http.close()
  }
  const roomOf = (lane: Lane, size: number) => Math.min(SLICE_BYTES, budget - lane.used - HEADS - size)
  const take = async (size: number, isFresh: boolean, signal: AbortSignal): Promise<Lane> => {
    const at = isFresh ? -1 : idle.findIndex((lane) => roomOf(lane, size) >= LEAST_ROOM)
    const [known] = at < 0 ? [] : idle.splice(at, 1)
    if (known) return known
    const lane = { http: openHttp(await dial(to, signal), authority), used: 0 }
    if (signal.aborted) lane.http.close()
    signal.throwIfAborted()
    all.add(lane)
    return lane
  }
  const once = async ({ path, size, body, holds, most, signal }: LaneAsk, isFresh: boolean): Promise<Uint8Array> => {
    const limit = deadline(clock, ANSWER_MS + (holds ? HOLD_MS : 0), signal)
    let lane: Lane | null = null
    try {
      lane = await take(size, isFresh, limit.signal)
      const sent = body(Math.max(0, roomOf(lane, size)))
      const headers = { 'content-type': 'application/octet-stream', 'content-length': String(sent.length) }
      const answer = await lane.http.request({ method: 'POST', path, headers, body: sent, signal: limit.signal })
      const chunks: Buffer[] = []
      let length = 0
      for await (const chunk of answer.body) {
        length += chunk.length
        if (length > most) throw new DialError('proxy-refused', 'oversized')
        chunks.push(Buffer.from(chunk))
      }
      if (answer.status !== 200) throw new DialError('proxy-refused', `status-${answer.status}`)
      lane.used += size + length + HEADS
      if (roomOf(lane, 0) >= LEAST_ROOM) idle.push(lane)
      else drop(lane)
      return Buffer.concat(chunks)
    } catch (error) {
      if (lane) drop(lane)
      throw limit.signal.aborted ? limit.signal.reason : error
    } finally {
      limit.clear()
    }
  }
  return {
    async exchange(ask) {
      for (let tries = 1; ; tries++) {
        try {
          return await once(ask, tries > 1)
        } catch (error) {
          ask.signal.throwIfAborted()
          if (tries >= TRIES || (error instanceof DialError && (error.reason === 'proxy-refused' || error.reason === 'certificate')))
            throw error
        }
      }
    },
    close() {
      idle.length = 0
      for (const lane of [...all]) drop(lane)
    },
  }
}
