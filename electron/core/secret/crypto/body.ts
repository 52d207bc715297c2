/**
 * What stands inside a packet: a list of items and, at times, a step of the re-keying. Items of kinds or shapes that this
 * version does not know come out as `unknown`, so that a newer peer's words are never dropped silently.
 */
import * as v from 'valibot'
import { Ttl } from '../../../../shared/contract/secret.ts'
import { MAX_MEDIA_BYTES, MAX_WIRE_TEXT } from '../../../../shared/protocol/relay.ts'
import { MLKEM768_CIPHERTEXT_BYTES, MLKEM768_PUBLIC_BYTES } from '../../../../shared/protocol/secret.ts'
import { base64url, MediaId } from '../../../../shared/protocol/wire.ts'
import { concat, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../../../shared/util/bytes.ts'
import { pad, unpad } from './padding.ts'
import { hash } from './primitives.ts'
import type { KemStep } from './rekeying.ts'
import { SecretError } from './types.ts'

const Id = v.pipe(v.string(), v.uuid())
const Ids = v.pipe(v.array(Id), v.minLength(1), v.maxLength(1000))
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const Numbers = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER))),
  v.minLength(1),
  v.maxLength(1000),
)
/** When a message starts to vanish, and when it goes unseen (epoch ms). */
const vanishing = { ttl: v.nullable(Ttl), cap: Whole }

const known = {
  text: v.object({
    kind: v.literal('text'),
    id: Id,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_WIRE_TEXT)),
    ...vanishing,
  }),
  file: v.object({
    kind: v.literal('file'),
    id: Id,
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
    type: v.pipe(v.string(), v.maxLength(100)),
    size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_MEDIA_BYTES)),
    media: MediaId,
    key: base64url(32),
    /** Of the whole ciphertext. */
    digest: base64url(32),
    ...vanishing,
    once: v.boolean(),
  }),
  kept: v.object({ kind: v.literal('kept'), ids: Ids }),
  seen: v.object({ kind: v.literal('seen'), ids: Ids }),
  timer: v.object({ kind: v.literal('timer'), version: Whole, ttl: v.nullable(Ttl) }),
  remove: v.object({ kind: v.literal('remove'), ids: Ids }),
  accept: v.object({ kind: v.literal('accept') }),
  decline: v.object({ kind: v.literal('decline') }),
  end: v.object({ kind: v.literal('end') }),
  taken: v.object({ kind: v.literal('taken') }),
  /** `data`: 32 bytes as base64url; empty for `cancel`. */
  compare: v.object({
    kind: v.literal('compare'),
    step: v.picklist(['commit', 'answer', 'reveal', 'cancel']),
    data: v.union([base64url(32), v.literal('')]),
  }),
  /** Bodies of this session that have not come, by number; and that they are answered: of them so many messages are not there any more. */
  again: v.object({ kind: v.literal('again'), numbers: Numbers }),
  gone: v.object({ kind: v.literal('gone'), numbers: Numbers, count: Whole }),
  /** When the session was begun: decides between sessions. */
  begin: v.object({ kind: v.literal('begin'), at: v.pipe(Whole, v.maxValue(8_640_000_000_000_000)) }),
}

const Item = v.variant('kind', [
  known.text,
  known.file,
  known.kept,
  known.seen,
  known.timer,
  known.remove,
  known.accept,
  known.decline,
  known.end,
  known.taken,
  known.compare,
  known.again,
  known.gone,
  known.begin,
])
/** `unknown`: `name` is its kind as it was written. */
export type Item = v.InferOutput<typeof Item> | { kind: 'unknown'; name: string }

const AnyItem = v.looseObject({ kind: v.string() })
const Epoch = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff))
const Content = v.object({
  items: v.array(AnyItem),
  kem: v.optional(
    v.union([
      v.object({ epoch: Epoch, key: bytes(MLKEM768_PUBLIC_BYTES) }),
      v.object({ epoch: Epoch, ct: bytes(MLKEM768_CIPHERTEXT_BYTES) }),
    ]),
  ),
})

function bytes(length: number) {
  return v.pipe(
    v.string(),
    v.transform((text) => decoded(text)),
    v.instance(Uint8Array),
    v.check((value) => value.length === length),
  )
}

function decoded(text: string): Uint8Array | null {
  try {
    return fromBase64Url(text)
  } catch {
    return null
  }
}

/** The largest body, padding included. The longest text fits in every script: 16,384 characters are at most 49,152 bytes. */
export const MAX_BODY_BYTES = 60 * 1024
const MAX_NAME = 64
export const DIGEST_BYTES = 16

/** Digest of no body: what the first one follows. */
export const NO_DIGEST: Uint8Array = new Uint8Array(DIGEST_BYTES)

export interface Body {
  /** Digest of the body before in this direction: each one stands on all before it. */
  readonly previous: Uint8Array
  readonly items: readonly Item[]
  readonly kem: KemStep | null
}

const digestOf = (content: Uint8Array) => hash(DIGEST_BYTES, content)

/** A body as it is sealed, and its digest. Throws `too-large`. */
export function encodeBody({ previous, items, kem }: Body): { padded: Uint8Array; digest: Uint8Array } {
  const step = kem && ('ct' in kem ? { epoch: kem.epoch, ct: toBase64Url(kem.ct) } : { epoch: kem.epoch, key: toBase64Url(kem.key) })
  const content = concat(previous, utf8(JSON.stringify(step ? { items, kem: step } : { items })))
  const padded = pad(content)
  if (padded.length > MAX_BODY_BYTES) throw new SecretError('too-large', 'the body does not fit a packet')
  return { padded, digest: digestOf(content) }
}

/** `null`: not a body. */
export function decodeBody(padded: Uint8Array): (Body & { readonly digest: Uint8Array }) | null {
  const content = unpad(padded)
  if (!content || content.length < DIGEST_BYTES) return null
  const read = v.safeParse(Content, parse(content.subarray(DIGEST_BYTES)))
  if (!read.success) return null
  const { items, kem } = read.output
  return {
    previous: content.slice(0, DIGEST_BYTES),
    items: items.map(knownItem),
    kem: kem ?? null,
    digest: digestOf(content),
  }
}

function knownItem(item: v.InferOutput<typeof AnyItem>): Item {
  const known = v.safeParse(Item, item)
  return known.success ? known.output : { kind: 'unknown', name: item.kind.slice(0, MAX_NAME) }
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(json))
  } catch {
    return null
  }
}
