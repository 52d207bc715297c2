/**
 * What stands inside a packet: a list of items and, at times, a step of the re-keying. Items of kinds or shapes that this
 * version does not know come out as `unknown`, so that a newer peer's words are never dropped silently.
 */
import * as v from 'valibot'
import { Ttl } from '../../../../shared/contract/secret.ts'
import { MAX_MEDIA_BYTES, MAX_WIRE_TEXT } from '../../../../shared/protocol/relay.ts'
import { base64url, MediaId } from '../../../../shared/protocol/wire.ts'

const Id = v.pipe(v.string(), v.uuid())
const Ids = v.pipe(v.array(Id), v.minLength(1), v.maxLength(1000))
const Whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
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
}
const Unknown = v.object({ kind: v.literal('unknown'), name: v.string() })

export const Item = v.variant('kind', [
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
  Unknown,
])
export type Item = v.InferOutput<typeof Item>
