/**
 * One file on its way to the relay: the leave to bring it there, and the bytes that are not confirmed yet. Outlives the connections
 * it goes by, and goes on where the relay says that it has got to.
 */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { Parcel } from './host.ts'

/** `arrived`: all of it is there. `gone`: the relay has none of it any more, or no leave; it must begin anew. */
export type Outcome = 'arrived' | 'gone' | 'too-large' | 'later'

export interface Sending {
  readonly parcel: Parcel
  readonly media: string
  /** Sends until an outcome. Rejects when a connection broke or fell silent; what got there stays there. */
  go(link: RelayLink, signal: AbortSignal): Promise<Outcome>
  /** Whether more has arrived since this was last asked. */
  hasMoved(): boolean
}

/** A piece is what goes in about this time, so that not much is sent twice; it begins small and grows fast. */
const PIECE_MS = 1_000
const FIRST_PIECE = 32 * 1024
const LEAST_PIECE = 8 * 1024
const MOST_PIECE = 1024 * 1024
const GROWTH = 4
/** Bytes in a millisecond, where nothing is known. */
const FIRST_PACE = 64

export function createSending(
  parcel: Parcel,
  { media, token }: { readonly media: string; readonly token: string },
  clock: Clock,
  onMoved: (done: number) => void,
): Sending {
  const { size } = parcel
  const read = reader(parcel.pieces)
  /** The relay has everything before this; `waiting` is what follows. */
  let confirmed = 0
  let waiting: Uint8Array = new Uint8Array(0)
  let most = FIRST_PIECE
  let pace = FIRST_PACE
  let moved = false

  const confirm = (upTo: number) => {
    moved ||= upTo > confirmed
    waiting = waiting.subarray(upTo - confirmed)
    confirmed = upTo
    onMoved(confirmed)
  }
  const sendPiece = async (link: RelayLink, signal: AbortSignal): Promise<Outcome | 'more'> => {
    if (waiting.length === 0) waiting = read(most)
    const piece = waiting.subarray(0, most)
    const isAll = piece.length === size
    const range = `bytes ${confirmed}-${confirmed + piece.length - 1}/${size}`
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/octet-stream',
      'content-length': String(piece.length),
      ...(!isAll && { 'content-range': range }),
    }
    const before = confirmed
    const began = clock.monotonic()
    const ask = { plane: 'media', method: 'PUT', path: `/m/${media}`, headers, body: piece, expectMs: piece.length / pace } as const
    const { status, headers: told, body } = await link.http(ask, signal)
    // Read to its end, or the connection is never given back.
    body.resume()
    if (status >= 200 && status <= 299 && status !== 202) return 'arrived'
    if (status === 413) return 'too-large'
    if (status === 401) return 'gone'
    const have = Number(told['upload-offset'] ?? Number.NaN)
    if ((status !== 202 && status !== 409) || !Number.isInteger(have)) return 'later'
    // Stored by an attempt whose answer was lost.
    if (have === size) return 'arrived'
    if (have < confirmed || have > confirmed + waiting.length) return 'gone'
    confirm(have)
    if (have === before) return 'later'
    const took = clock.monotonic() - began
    pace = (have - before) / Math.max(took, 1)
    most = Math.min(MOST_PIECE, GROWTH * most, Math.max(LEAST_PIECE, Math.round(pace * PIECE_MS)))
    return 'more'
  }

  return {
    parcel,
    media,
    async go(link, signal) {
      onMoved(confirmed)
      try {
        for (;;) {
          const outcome = await sendPiece(link, signal)
          if (outcome !== 'more') return outcome
        }
      } catch (error) {
        most = Math.max(LEAST_PIECE, Math.round(most / GROWTH))
        pace /= 2
        throw error
      }
    },
    hasMoved() {
      const has = moved
      moved = false
      return has
    },
  }
}

/** The bytes of all pieces in turn, so many at a time, fewer at the end. */
function reader(pieces: Iterable<Uint8Array>): (most: number) => Uint8Array {
  const source = pieces[Symbol.iterator]()
  let left: Uint8Array = new Uint8Array(0)
  return (most) => {
    const parts: Uint8Array[] = []
    for (let length = 0; length < most; ) {
      if (left.length === 0) {
        const next = source.next()
        if (next.done) break
        left = next.value
      }
      const part = left.subarray(0, most - length)
      left = left.subarray(part.length)
      length += part.length
      parts.push(part)
    }
    return Buffer.concat(parts)
  }
}
