/** Spellings that the protocols with the relay share. Binary values are base64url, in the one canonical spelling. */
import * as v from 'valibot'
import { fromBase64Url } from '../util/bytes.ts'

const isBase64Url = (text: string, fits: (length: number) => boolean) => {
  try {
    return fits(fromBase64Url(text).length)
  } catch {
    return false
  }
}

export const base64url = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check((text) => isBase64Url(text, (length) => length === bytes), `must be ${bytes} bytes as base64url`),
  )

export const base64urlUpTo = (bytes: number) =>
  v.pipe(
    v.string(),
    v.maxLength(Math.ceil((bytes * 4) / 3)),
    v.check((text) => isBase64Url(text, (length) => length > 0 && length <= bytes), `must be 1 to ${bytes} bytes as base64url`),
  )

export const WireHandle = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{2,31}$/))
export const WireKey = base64url(32)
export const Signature = base64url(64)
export const Nonce = base64url(16)
export const DeviceId = base64url(16)
export const MediaId = base64url(16)
export const Seq = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
