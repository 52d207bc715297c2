/** Byte strings: encoding, joining, comparing, and the unambiguous field layout that everything signed uses. */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Strict UTF-8. Throws `TypeError` on malformed input rather than replacing it. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

// RFC 4648 section 5, without padding.
export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The inverse of `toBase64Url`. Throws `RangeError` on any other spelling, so each byte string has exactly one text. */
export function fromBase64Url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new RangeError('not base64url')
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  if (toBase64Url(bytes) !== text) throw new RangeError('not canonical base64url')
  return bytes
}

/** Fields, each behind its length as 32 bits big-endian: two different lists never give the same bytes. */
export function fields(...parts: readonly (Uint8Array | string)[]): Uint8Array {
  const values = parts.map((part) => (typeof part === 'string' ? utf8(part) : part))
  const joined = new Uint8Array(values.reduce((sum, { length }) => sum + 4 + length, 0))
  const view = new DataView(joined.buffer)
  let at = 0
  for (const value of values) {
    view.setUint32(at, value.length)
    joined.set(value, at + 4)
    at += 4 + value.length
  }
  return joined
}
