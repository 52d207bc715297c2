/**
 * How large a picture says it is, read from its header alone: what a few bytes can blow up to gigabytes is refused before anything
 * decodes it. PNG (w3.org/TR/png-3), JPEG (ITU T.81), GIF89a, WebP (RFC 9649).
 */
import type { pictureTypes } from './protocol.ts'

export interface Dimensions {
  readonly type: (typeof pictureTypes)[number]
  readonly width: number
  readonly height: number
}

/** `null` for what is none of the four, or whose header is not whole. */
export function dimensionsOf(bytes: Uint8Array): Dimensions | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    return png(view) ?? gif(view) ?? webp(view) ?? jpeg(view)
  } catch (error) {
    // It ends in the middle of its header.
    if (error instanceof RangeError) return null
    throw error
  }
}

const ascii = (view: DataView, at: number, text: string) => [...text].every((char, i) => view.getUint8(at + i) === char.charCodeAt(0))

function png(view: DataView): Dimensions | null {
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a || !ascii(view, 12, 'IHDR')) return null
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

function gif(view: DataView): Dimensions | null {
  if (!ascii(view, 0, 'GIF87a') && !ascii(view, 0, 'GIF89a')) return null
  const screen = { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  const flags = view.getUint8(10)
  let at = 13 + colourTable(flags)
  for (;;) {
    const kind = view.getUint8(at)
    if (kind === 0x21) at = afterBlocks(view, at + 2)
    else if (kind === 0x2c) break
    else return null
  }
  // Decoders make the canvas as large as a first frame that does not fit it.
  const right = view.getUint16(at + 1, true) + view.getUint16(at + 5, true)
  const bottom = view.getUint16(at + 3, true) + view.getUint16(at + 7, true)
  return { type: 'image/gif', width: Math.max(screen.width, right), height: Math.max(screen.height, bottom) }
}

const colourTable = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

function afterBlocks(view: DataView, at: number): number {
  for (;;) {
    const size = view.getUint8(at)
    at += 1 + size
    if (size === 0) return at
  }
}

function webp(view: DataView): Dimensions | null {
  if (!ascii(view, 0, 'RIFF') || !ascii(view, 8, 'WEBP')) return null
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
  if (ascii(view, 12, 'VP8X')) return { type: 'image/webp', width: uint24(24) + 1, height: uint24(27) + 1 }
  if (ascii(view, 12, 'VP8L')) {
    if (view.getUint8(20) !== 0x2f) return null
    const packed = view.getUint32(21, true)
    return { type: 'image/webp', width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1 }
  }
  if (!ascii(view, 12, 'VP8 ') || uint24(23) !== 0x2a019d) return null
  return { type: 'image/webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
}

function jpeg(view: DataView): Dimensions | null {
  if (view.getUint16(0) !== 0xffd8) return null
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return null
    const marker = view.getUint8(at + 1)
    // Fill bytes before a marker.
    if (marker === 0xff) at += 1
    else if (isFrame(marker)) return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    else if (marker === 0xda || marker === 0xd9) return null
    else at += 2 + (isLone(marker) ? 0 : view.getUint16(at + 2))
  }
}

/** SOF0 to SOF15, without the three other markers in that range. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
/** Markers without a length. */
const isLone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
