/** GIF89a: images and their timing stay, and of the applications' extensions only the loop. */
import { take, text, viewOf } from './view.ts'

const HEADER_BYTES = 13
const IMAGE = 0x2c
const EXTENSION = 0x21
const TRAILER = 0x3b
const GRAPHIC_CONTROL = 0xf9
const PLAIN_TEXT = 0x01
const APPLICATION = 0xff

export function stripGif(bytes: Uint8Array): Uint8Array | null {
  const view = viewOf(bytes)
  let at = HEADER_BYTES + colorTableBytes(view.getUint8(10))
  const kept = [take(bytes, 0, at)]
  /** Belongs to the next image (section 23). */
  let control: Uint8Array | null = null
  let images = 0
  for (;;) {
    const start = at
    const kind = view.getUint8(at)
    // What follows the end is not part of the picture.
    if (kind === TRAILER) return images > 0 ? Buffer.concat([...kept, Uint8Array.of(TRAILER)]) : null
    if (kind === IMAGE) {
      // Descriptor, its own colours, the first code size, the data.
      at = endOfBlocks(bytes, at + 11 + colorTableBytes(view.getUint8(at + 9)))
      if (control) kept.push(control)
      kept.push(take(bytes, start, at))
      control = null
      images += 1
    } else if (kind === EXTENSION) {
      const label = view.getUint8(at + 1)
      at = endOfBlocks(bytes, at + 2)
      if (label === GRAPHIC_CONTROL) control = take(bytes, start, at)
      else if (label === PLAIN_TEXT) control = null
      else if (label === APPLICATION) kept.push(loopOf(take(bytes, start, at)))
    } else return null
  }
}

const colorTableBytes = (packed: number) => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1))

/** Sub-blocks, each behind its length, up to an empty one (section 15). */
function endOfBlocks(bytes: Uint8Array, start: number): number {
  for (let at = start; ; ) {
    const length = bytes[at]
    if (length === undefined) throw new RangeError('no end')
    at += 1 + length
    if (length === 0) return at
  }
}

const LOOP_BYTES = 18

/** Nothing, unless it says how often to repeat: label, name, `3, 1, count`. */
function loopOf(extension: Uint8Array): Uint8Array {
  const isLoop = extension[2] === 11 && text(extension, 3, 11) === 'NETSCAPE2.0' && extension[14] === 3 && extension[15] === 1
  return isLoop ? Buffer.concat([take(extension, 0, LOOP_BYTES), Uint8Array.of(0)]) : extension.subarray(0, 0)
}
