/**
 * A stream to the relay inside requests to the relay: for fronts, and for networks that freeze a connection after some kilobytes.
 * `POST /t/ID` carries one slice up and one back; a slice asked for twice, on another connection, is the same slice.
 */
export const TUNNEL_PATH = '/t/'
/** A tunnel by requests is known by 16 random bytes, base64url. */
export const TUNNEL_ID = /^[A-Za-z0-9_-]{22}$/
/** What a slice holds at most, either way. */
export const SLICE_BYTES = 10_000
/** How long the relay holds a request that waits for something to come, ms. */
export const HOLD_MS = 8_000

export interface SliceUp {
  /** Numbers the requests of one tunnel. */
  readonly seq: number
  /** Where `bytes` stand in what goes up. */
  readonly at: number
  /** So much of what came down has arrived without a gap. */
  readonly ack: number
  /** Most bytes wanted back. */
  readonly room: number
  /** Waits for bytes, instead of being answered at once. */
  readonly holds: boolean
  /** Nothing follows what is here. */
  readonly ends: boolean
  readonly bytes: Uint8Array
}

export interface SliceDown {
  readonly at: number
  readonly ends: boolean
  readonly bytes: Uint8Array
}

const UP_HEAD = 15
const DOWN_HEAD = 5
export const MAX_UP_BODY = UP_HEAD + SLICE_BYTES
export const MAX_DOWN_BODY = DOWN_HEAD + SLICE_BYTES

export function encodeUp({ seq, at, ack, room, holds, ends, bytes }: SliceUp): Uint8Array {
  const out = new Uint8Array(UP_HEAD + bytes.length)
  const view = new DataView(out.buffer)
  for (const [i, value] of [seq, at, ack].entries()) view.setUint32(4 * i, value)
  view.setUint16(12, room)
  view.setUint8(14, (holds ? 1 : 0) | (ends ? 2 : 0))
  out.set(bytes, UP_HEAD)
  return out
}

/** `null` for anything malformed. */
export function decodeUp(body: Uint8Array): SliceUp | null {
  if (body.length < UP_HEAD || body.length > MAX_UP_BODY) return null
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  const [room, flags] = [view.getUint16(12), view.getUint8(14)]
  if (room > SLICE_BYTES || flags > 3) return null
  const numbers = { seq: view.getUint32(0), at: view.getUint32(4), ack: view.getUint32(8) }
  return { ...numbers, room, holds: (flags & 1) > 0, ends: (flags & 2) > 0, bytes: body.subarray(UP_HEAD) }
}

export function encodeDown({ at, ends, bytes }: SliceDown): Uint8Array {
  const out = new Uint8Array(DOWN_HEAD + bytes.length)
  const view = new DataView(out.buffer)
  view.setUint32(0, at)
  view.setUint8(4, ends ? 1 : 0)
  out.set(bytes, DOWN_HEAD)
  return out
}

/** `null` for anything malformed. */
export function decodeDown(body: Uint8Array): SliceDown | null {
  if (body.length < DOWN_HEAD || body.length > MAX_DOWN_BODY) return null
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  if (view.getUint8(4) > 1) return null
  return { at: view.getUint32(0), ends: view.getUint8(4) === 1, bytes: body.subarray(DOWN_HEAD) }
}
