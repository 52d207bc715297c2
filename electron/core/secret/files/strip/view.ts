/** Reading file formats: every read beyond the end is a `RangeError`. */

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Exactly these bytes. */
export function take(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (start < 0 || end < start || end > bytes.length) throw new RangeError('beyond the end')
  return bytes.subarray(start, end)
}

/** As Latin-1, for the names in headers. */
export const text = (bytes: Uint8Array, start: number, length: number) =>
  String.fromCharCode(...bytes.subarray(start, Math.min(bytes.length, start + length)))
