/**
 * Core <-> lab: one loopback connection per client, carrying framed, credit-limited flows. One `segment` frame is one TCP
 * segment of the simulated internet, so boundaries that a sender chose reach the censor as they were sent.
 *
 * Frame: length of the rest as u32, type as u8, flow as u32, body. Numbers are big-endian. Flow 0 is the connection itself.
 */
import { concat, fromUtf8, utf8 } from '../util/bytes.ts'

/** Largest body. A segment is at most 16 KiB; the rest leaves room for facts. */
export const MAX_BODY = 65_536
export const MAX_SEGMENT = 16_384
/** Bytes a sender may have unacknowledged on one flow before it must wait for credit, at first. */
export const INITIAL_CREDIT = 65_536
/** A receiver that keeps up gives more than it took, up to this much. */
export const MAX_CREDIT = 524_288

export type RefusedCode = 'ECONNREFUSED' | 'EHOSTUNREACH' | 'ENETUNREACH' | 'ECONNRESET' | 'EPROTO'
const refusedCodes: readonly RefusedCode[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'EPROTO']

/** What the client's machine knows about its own network; mirrors core's NetworkFacts. */
export interface UplinkFacts {
  readonly id: string
  readonly up: boolean
  readonly gateway: string | null
  readonly resolvers: readonly { readonly address: string; readonly port: number }[]
  readonly v6: boolean
  /** How far the computer's own clock is ahead of the true time; absent: not at all. */
  readonly clockSkewMs?: number
  /** Authorities (PEM) that this computer was told to trust, beside those that come with it. */
  readonly installedRoots?: readonly string[]
}

export type UplinkFrame =
  /** Client first: who it is and where it wants to stand (`null`: wherever the lab has put this client). */
  | { readonly t: 'hello'; readonly client: string; readonly vantage: string | null }
  /** Lab: the client's network as it is now; again whenever it changes. */
  | { readonly t: 'facts'; readonly facts: UplinkFacts }
  | { readonly t: 'open'; readonly flow: number; readonly address: string; readonly port: number }
  | { readonly t: 'opened'; readonly flow: number }
  | { readonly t: 'refused'; readonly flow: number; readonly code: RefusedCode }
  | { readonly t: 'segment'; readonly flow: number; readonly bytes: Uint8Array }
  | { readonly t: 'fin'; readonly flow: number }
  | { readonly t: 'reset'; readonly flow: number }
  | { readonly t: 'credit'; readonly flow: number; readonly bytes: number }
  /** Client: sent from the local port `flow` stands for. Lab: what came back to that port, from that address. */
  | { readonly t: 'datagram'; readonly flow: number; readonly address: string; readonly port: number; readonly bytes: Uint8Array }

const types = ['hello', 'facts', 'open', 'opened', 'refused', 'segment', 'fin', 'reset', 'credit', 'datagram'] as const

export class UplinkError extends Error {
  override readonly name = 'UplinkError'
}

function body(frame: UplinkFrame): Uint8Array {
  switch (frame.t) {
    case 'hello':
      return utf8(JSON.stringify([frame.client, frame.vantage]))
    case 'facts':
      return utf8(JSON.stringify(frame.facts))
    case 'open':
      return concat(u16(frame.port), utf8(frame.address))
    case 'refused':
      return utf8(frame.code)
    case 'segment':
      return frame.bytes
    case 'credit':
      return u32(frame.bytes)
    case 'datagram':
      return concat(u16(frame.port), Uint8Array.of(frame.address.length), utf8(frame.address), frame.bytes)
    default:
      return new Uint8Array(0)
  }
}

/** Throws `UplinkError` if the frame is larger than the protocol allows. */
export function encodeUplink(frame: UplinkFrame): Uint8Array {
  const content = body(frame)
  return concat(head(frame, content), content)
}

function head(frame: UplinkFrame, content: Uint8Array): Uint8Array {
  if (content.length > MAX_BODY || (frame.t === 'segment' && content.length > MAX_SEGMENT))
    throw new UplinkError(`${frame.t} frame too large`)
  return concat(u32(content.length + 5), Uint8Array.of(types.indexOf(frame.t)), u32('flow' in frame ? frame.flow : 0))
}

/** What is used of a Node stream. */
export interface UplinkOutlet {
  readonly writableCorked: number
  cork(): void
  uncork(): void
  write(bytes: Uint8Array): unknown
}

/** Below this one write costs more than a copy. */
const WORTH_A_WRITE = 1024

/** Sends frames. What is said in one turn leaves together, and the bytes of large segments are not copied: they must not change afterwards. */
export function uplinkWriter(stream: UplinkOutlet): (frame: UplinkFrame) => void {
  return (frame) => {
    if (stream.writableCorked === 0) {
      stream.cork()
      queueMicrotask(() => stream.uncork())
    }
    if (frame.t === 'segment' && frame.bytes.length >= WORTH_A_WRITE) {
      stream.write(head(frame, frame.bytes))
      stream.write(frame.bytes)
    } else stream.write(encodeUplink(frame))
  }
}

/** Cuts a byte stream into frames. Any violation throws `UplinkError`: the connection is to be closed, other clients are not touched. */
export class UplinkDecoder {
  readonly #length = new Uint8Array(4)
  /** What is being put together because it did not come at once: a length, or the rest of a frame. */
  #part: Uint8Array = this.#length
  #filled = 0

  /** Segments may share the memory of `bytes`, which must not change afterwards. */
  push(bytes: Uint8Array): UplinkFrame[] {
    const frames: UplinkFrame[] = []
    for (let rest = bytes; rest.length > 0; ) {
      if (this.#part === this.#length && this.#filled === 0 && rest.length >= 4) {
        const end = 4 + lengthIn(rest)
        if (rest.length >= end) {
          frames.push(decode(rest.subarray(4, end)))
          rest = rest.subarray(end)
          continue
        }
      }
      const taken = rest.subarray(0, this.#part.length - this.#filled)
      this.#part.set(taken, this.#filled)
      this.#filled += taken.length
      rest = rest.subarray(taken.length)
      if (this.#filled < this.#part.length) break
      this.#filled = 0
      if (this.#part === this.#length) this.#part = new Uint8Array(lengthIn(this.#length))
      else {
        frames.push(decode(this.#part))
        this.#part = this.#length
      }
    }
    return frames
  }
}

function lengthIn(bytes: Uint8Array): number {
  const length = (((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)) >>> 0
  if (length < 5 || length > MAX_BODY + 5) throw new UplinkError('frame length out of range')
  return length
}

/** A copy, unless it is most of what it would keep in memory. */
function own(bytes: Uint8Array): Uint8Array {
  return bytes.length * 4 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes
}

function decode(bytes: Uint8Array): UplinkFrame {
  const t = types[bytes[0] ?? 255]
  const flow = view(bytes).getUint32(1)
  const content = bytes.subarray(5)
  switch (t) {
    case 'hello':
      return decodeHello(content)
    case 'facts':
      return { t, facts: decodeFacts(content) }
    case 'open':
      need(content.length > 2)
      return { t, flow, port: view(content).getUint16(0), address: decodeAddress(content.subarray(2)) }
    case 'refused': {
      const code = refusedCodes.find((known) => known === decodeText(content))
      if (!code) throw new UplinkError('unknown refusal')
      return { t, flow, code }
    }
    case 'segment':
      need(content.length > 0 && content.length <= MAX_SEGMENT)
      return { t, flow, bytes: own(content) }
    case 'credit':
      need(content.length === 4)
      return { t, flow, bytes: view(content).getUint32(0) }
    case 'datagram': {
      need(content.length >= 3)
      const end = 3 + (content[2] ?? 0)
      need(content.length >= end)
      return {
        t,
        flow,
        port: view(content).getUint16(0),
        address: decodeAddress(content.subarray(3, end)),
        bytes: new Uint8Array(content.subarray(end)),
      }
    }
    case 'opened':
    case 'fin':
    case 'reset':
      need(content.length === 0)
      return { t, flow }
    default:
      throw new UplinkError('unknown frame type')
  }
}

function decodeHello(content: Uint8Array): UplinkFrame {
  const parsed = decodeJson(content)
  if (!Array.isArray(parsed) || parsed.length !== 2) throw new UplinkError('malformed hello')
  const [client, vantage]: unknown[] = parsed
  if (typeof client !== 'string' || !/^[a-z][a-z0-9_-]{0,40}$/.test(client)) throw new UplinkError('malformed client name')
  if (vantage !== null && (typeof vantage !== 'string' || !/^[a-z0-9-]{1,40}$/.test(vantage))) throw new UplinkError('malformed vantage')
  return { t: 'hello', client, vantage }
}

function decodeFacts(content: Uint8Array): UplinkFacts {
  const parsed = decodeJson(content)
  if (typeof parsed !== 'object' || parsed === null) throw new UplinkError('malformed facts')
  const { id, up, gateway, resolvers, v6, clockSkewMs, installedRoots } = parsed as Record<string, unknown>
  const list: unknown[] = Array.isArray(resolvers) ? resolvers : []
  const isResolver = (entry: unknown): entry is { address: string; port: number } =>
    typeof entry === 'object' &&
    entry !== null &&
    'address' in entry &&
    typeof entry.address === 'string' &&
    'port' in entry &&
    typeof entry.port === 'number'
  if (
    typeof id !== 'string' ||
    typeof up !== 'boolean' ||
    typeof v6 !== 'boolean' ||
    (gateway !== null && typeof gateway !== 'string') ||
    !Array.isArray(resolvers) ||
    !list.every(isResolver) ||
    (clockSkewMs !== undefined && typeof clockSkewMs !== 'number') ||
    (installedRoots !== undefined && !isTexts(installedRoots))
  ) {
    throw new UplinkError('malformed facts')
  }
  const more = { ...(clockSkewMs !== undefined && { clockSkewMs }), ...(installedRoots !== undefined && { installedRoots }) }
  return { id, up, gateway, resolvers: list.filter(isResolver), v6, ...more }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

function decodeAddress(bytes: Uint8Array): string {
  const address = decodeText(bytes)
  if (!/^[0-9a-f.:]{2,45}$/.test(address)) throw new UplinkError('malformed address')
  return address
}

function decodeText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes)
  } catch {
    throw new UplinkError('malformed text')
  }
}

function decodeJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeText(bytes))
  } catch {
    throw new UplinkError('malformed JSON')
  }
}

function need(holds: boolean): void {
  if (!holds) throw new UplinkError('frame body has the wrong length')
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function u16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 255, value & 255)
}

function u32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255)
}
