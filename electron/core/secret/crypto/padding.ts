/** Padding: sizes in few steps, so that they say little. 256 bytes at least, above that Padmé (Nikitin and others, PETS 2019). */
import { concat } from '../../../../shared/util/bytes.ts'
import { u32 } from './primitives.ts'

const FLOOR = 256
const LENGTH_BYTES = 4

/** The size that `length` bytes are padded to: at most 12 % more above the floor. */
export function paddedLength(length: number): number {
  if (length <= FLOOR) return FLOOR
  const exponent = Math.floor(Math.log2(length))
  const step = 2 ** (exponent - (Math.floor(Math.log2(exponent)) + 1))
  return Math.ceil(length / step) * step
}

/** Length, bytes, zeros. */
export function pad(bytes: Uint8Array): Uint8Array {
  const used = LENGTH_BYTES + bytes.length
  return concat(u32(bytes.length), bytes, new Uint8Array(paddedLength(used) - used))
}

/** The bytes inside; `null` when they were not padded like this: each body has one padded form. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  if (padded.length < LENGTH_BYTES) return null
  const used = LENGTH_BYTES + new DataView(padded.buffer, padded.byteOffset).getUint32(0)
  if (used > padded.length || padded.length !== paddedLength(used)) return null
  return padded.subarray(used).every((byte) => byte === 0) ? padded.subarray(LENGTH_BYTES, used) : null
}
