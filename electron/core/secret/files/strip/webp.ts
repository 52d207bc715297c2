/** WebP (RFC 9649): the bitstreams, transparency, animation and colour profile stay, in a container that no longer speaks of the rest. */
import { take, text, viewOf } from './view.ts'

const HEADER_BYTES = 12
const CHUNK_HEADER_BYTES = 8
/** Section 2.7.1.1: position and times of the frame, before its chunks. */
const FRAME_HEADER_BYTES = 16
const KEPT = new Set(['VP8X', 'ICCP', 'ANIM', 'ANMF', 'ALPH', 'VP8 ', 'VP8L'])
const IN_FRAME = new Set(['ALPH', 'VP8 ', 'VP8L'])
/** Section 2.7: bits of VP8X that announce Exif and XMP. */
const EXIF_AND_XMP = 0x08 | 0x04

export function stripWebp(bytes: Uint8Array): Uint8Array | null {
  const size = viewOf(bytes).getUint32(4, true)
  if (size < 4 || size % 2 === 1) return null
  // What follows the end is not part of the picture.
  const chunks = keptOf(take(bytes, HEADER_BYTES, CHUNK_HEADER_BYTES + size), KEPT)
  if (!chunks || !['VP8 ', 'VP8L', 'VP8X'].includes(text(chunks, 0, 4))) return null
  const header = take(bytes, 0, HEADER_BYTES).slice()
  viewOf(header).setUint32(4, chunks.length + 4, true)
  return Buffer.concat([header, chunks])
}

function keptOf(bytes: Uint8Array, kept: ReadonlySet<string>): Uint8Array | null {
  const view = viewOf(bytes)
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const type = text(bytes, at, 4)
    const length = view.getUint32(at + 4, true)
    const next = at + CHUNK_HEADER_BYTES + length + (length % 2)
    const whole = take(bytes, at, next)
    const body = whole.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + length)
    if (type === 'ANMF' && kept.has(type)) {
      const inside = keptOf(take(body, FRAME_HEADER_BYTES, length - (length % 2)), IN_FRAME)
      if (!inside) return null
      parts.push(chunk(type, Buffer.concat([body.subarray(0, FRAME_HEADER_BYTES), inside])))
    } else if (type === 'VP8X' && kept.has(type)) {
      if (length !== 10) return null
      const plain = body.slice()
      plain[0] = (plain[0] ?? 0) & ~EXIF_AND_XMP
      parts.push(chunk(type, plain))
    } else if (kept.has(type)) parts.push(chunk(type, body))
    at = next
  }
  return Buffer.concat(parts)
}

/** With a zero behind it where the length is odd, whatever stood there. */
function chunk(type: string, body: Uint8Array): Uint8Array {
  const out = Buffer.alloc(CHUNK_HEADER_BYTES + body.length + (body.length % 2))
  out.write(type, 'latin1')
  out.writeUInt32LE(body.length, 4)
  out.set(body, CHUNK_HEADER_BYTES)
  return out
}
