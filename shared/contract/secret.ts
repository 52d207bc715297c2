/** What the screens know about secret chats (docs/PROTOCOL-SECRET.md). */
import * as v from 'valibot'

/** Shortest and longest self-destruct timer, in ms: a second to four weeks. */
export const MIN_TTL_MS = 1000
export const MAX_TTL_MS = 28 * 24 * 3600 * 1000
export const Ttl = v.pipe(v.number(), v.integer(), v.minValue(MIN_TTL_MS), v.maxValue(MAX_TTL_MS))

/** A picture to be seen once goes at the latest so long after it was opened, in ms. */
export const ONCE_MS = 60_000

/** `at`: epoch ms when it goes; `null`: not seen yet, the timer of `ttl` ms has not begun. */
export const Vanish = v.strictObject({ ttl: v.nullable(Ttl), at: v.nullable(v.number()) })
export type Vanish = v.InferOutput<typeof Vanish>

/** Seven symbols, each a number below 64, that both people read to each other. */
export const EMOJI_COUNT = 64
const Symbols = v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(EMOJI_COUNT - 1))), v.length(7))
/** `asked`: the other side wants to compare; `waiting`: we do; `show`: both can read the symbols now. */
export const Comparing = v.variant('phase', [
  v.strictObject({ phase: v.picklist(['asked', 'waiting']) }),
  v.strictObject({ phase: v.literal('show'), symbols: Symbols }),
])
export type Comparing = v.InferOutput<typeof Comparing>

/**
 * `waiting`: we asked, nobody accepted yet. `asked`: they ask; nothing is shown or answered before the user accepts. `secured`: both can write.
 * `changed`: their keys are others than before; sending waits for the user. `ended`: nothing can be sent any more.
 */
export const SecretState = v.strictObject({
  state: v.picklist(['waiting', 'asked', 'secured', 'changed', 'ended']),
  /** Why it ended; `null` unless `ended`. */
  ended: v.nullable(v.picklist(['by-me', 'by-peer', 'declined', 'elsewhere', 'device-gone'])),
  /** When the user compared the keys, epoch ms; `null`: not yet. */
  compared: v.nullable(v.number()),
  /** Timer of what is written from now on, in ms; `null`: off. */
  ttl: v.nullable(Ttl),
  comparing: v.nullable(Comparing),
})
export type SecretState = v.InferOutput<typeof SecretState>

export const Notice = v.variant('code', [
  v.strictObject({
    code: v.picklist([
      'started',
      'asked',
      'accepted',
      'declined',
      'ended',
      'elsewhere',
      'device-gone',
      'reset',
      'keys-changed',
      'keys-accepted',
      'compared',
      'compare-failed',
      'unreadable',
      'update-needed',
      'peer-has-no-device',
      'back-in-time',
      'rolled-back',
      'older-version',
    ]),
  }),
  /** Messages of the other side that have not come, and may still. */
  v.strictObject({ code: v.literal('missing'), count: v.number() }),
  /** Such that were asked for again, and are not there any more. */
  v.strictObject({ code: v.literal('lost'), count: v.number() }),
  v.strictObject({ code: v.literal('timer'), ttl: v.nullable(Ttl) }),
  /** Somebody removed messages for both. */
  v.strictObject({ code: v.literal('removed'), count: v.number() }),
])
export type Notice = v.InferOutput<typeof Notice>

/** What both people compare. `digits`: 12 groups of 5, equal on both sides. */
export const Safety = v.strictObject({
  digits: v.pipe(v.array(v.pipe(v.string(), v.regex(/^\d{5}$/))), v.length(12)),
  compared: v.nullable(v.number()),
})
export type Safety = v.InferOutput<typeof Safety>

/** The newest message of a thread as the relay has or had it: cloud with its words, secret as bytes. `null`: nothing yet. */
export const AtRelay = v.nullable(
  v.variant('kind', [
    v.strictObject({ kind: v.literal('cloud'), text: v.string(), at: v.number(), mine: v.boolean() }),
    v.strictObject({
      kind: v.literal('secret'),
      /** Size of the packet and its first bytes, as hexadecimal. */
      bytes: v.number(),
      head: v.string(),
      at: v.number(),
      mine: v.boolean(),
    }),
  ]),
)
export type AtRelay = v.InferOutput<typeof AtRelay>
