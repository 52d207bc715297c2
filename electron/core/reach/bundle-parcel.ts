/**
 * What people and servers hand on: a signed bundle, signed shards, and the recipe that works for whoever gives it. As a link,
 * `throughline:bundle#DATA~`, it needs no server: nothing that could be blocked, and nobody who learns who clicked. Checks no signature.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as v from 'valibot'
import { type BundleRefusal, MAX_IMPORT_CHARS } from '../../../shared/contract/bundle.ts'
import { MAX_BUNDLE_BYTES, SignedBundle } from '../../../shared/protocol/bundle.ts'
import { fromBase64Url, fromUtf8, toBase64Url } from '../../../shared/util/bytes.ts'

export const MAX_SHARDS = 16

export const Parcel = v.strictObject({
  bundle: v.optional(SignedBundle),
  shards: v.optional(v.pipe(v.array(SignedBundle), v.maxLength(MAX_SHARDS))),
  /** The text of a recipe. */
  works: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
})
export type Parcel = v.InferOutput<typeof Parcel>

const TooLong = v.looseObject({ payload: v.pipe(v.string(), v.minLength(MAX_BUNDLE_BYTES + 1)) })
/** What is to be signed, as `bundle sign` takes it. */
const Unsigned = v.looseObject({ format: v.number() })

export type Read = { readonly ok: true; readonly parcel: Parcel } | { readonly ok: false; readonly reason: BundleRefusal }

const SCHEME = 'throughline:bundle#'
/** Closes the link, so that what mail programs broke into lines is put together again, and a missing end is noticed. */
const END = '~'

/** base64url of the compressed JSON. */
export function packParcel(parcel: Parcel): string {
  return toBase64Url(deflateRawSync(JSON.stringify(v.parse(Parcel, parcel)), { level: 9 }))
}

export function printLink(parcel: Parcel): string {
  return `${SCHEME}${packParcel(parcel)}${END}`
}

/** A link, whatever stands around it and however it was broken into lines, or the content of a file: a parcel, or one signed thing. Never throws. */
export function readParcel(text: string): Read {
  if (text.length > MAX_IMPORT_CHARS) return refused('too-large')
  const at = text.indexOf(SCHEME)
  if (at >= 0) {
    const rest = text.slice(at + SCHEME.length)
    const end = rest.indexOf(END)
    const data = end >= 0 ? rest.slice(0, end).replaceAll(/[\s>]+/g, '') : (/^[A-Za-z0-9_-]*/.exec(rest)?.[0] ?? '')
    const read = unpackParcel(data)
    return end < 0 && !read.ok && read.reason !== 'too-large' ? refused('cut-short') : read
  }
  const raw = parseJson(text)
  if (raw === undefined) return refused('no-bundle')
  return parcelOf(raw)
}

/** The inverse of `packParcel`. Whatever would grow beyond the limit is given up on the way, not afterwards. */
export function unpackParcel(data: string): Read {
  try {
    const json = inflateRawSync(fromBase64Url(data), { maxOutputLength: MAX_IMPORT_CHARS })
    const raw = parseJson(fromUtf8(json))
    return raw === undefined ? refused('malformed') : parcelOf(raw)
  } catch (error) {
    const isBomb = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    return refused(isBomb ? 'too-large' : 'malformed')
  }
}

function parcelOf(raw: unknown): Read {
  const signed = v.safeParse(SignedBundle, raw)
  if (signed.success) {
    const content = v.safeParse(v.looseObject({ shard: v.string() }), parseJson(signed.output.payload))
    return { ok: true, parcel: content.success ? { shards: [signed.output] } : { bundle: signed.output } }
  }
  const parcel = v.safeParse(Parcel, raw)
  if (v.is(TooLong, raw)) return refused('too-large')
  if (v.is(Unsigned, raw)) return refused('unsigned')
  const isAnything = parcel.success && (parcel.output.bundle !== undefined || (parcel.output.shards?.length ?? 0) > 0)
  return isAnything ? { ok: true, parcel: parcel.output } : refused('malformed')
}

function refused(reason: BundleRefusal): Read {
  return { ok: false, reason }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
