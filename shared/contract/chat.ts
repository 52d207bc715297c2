/** What the screens know about people, chats and messages. */
import * as v from 'valibot'
import { Notice, SecretState, Vanish } from './secret.ts'

// The relay accepts the same spelling (shared/protocol/relay.ts): it is the public name of an account.
export const Handle = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{2,31}$/, 'a handle is 3 to 32 of a-z, 0-9 and _, starting with a letter'))
export const PublicKey = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/, 'a key is 43 characters of base64url'))
/** A person has two threads: the relay can read the cloud one, the secret one is end to end. */
export const ChatId = v.pipe(v.string(), v.regex(/^(cloud|secret):[a-z][a-z0-9_]{2,31}$/))
export const MessageId = v.pipe(v.string(), v.regex(/^[0-9a-f-]{36}$/))
export const FileId = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/))

export type Handle = v.InferOutput<typeof Handle>
export type ChatId = v.InferOutput<typeof ChatId>
export type MessageId = v.InferOutput<typeof MessageId>
export type FileId = v.InferOutput<typeof FileId>

export const MAX_TEXT = 16_384
export const MAX_FILE_BYTES = 32 * 1024 * 1024
/** Largest piece of a file in one call. */
export const FILE_CHUNK_BYTES = 192 * 1024

/** What one needs to add a person: `handle:key`. No phone number. */
export const ContactCard = v.pipe(v.string(), v.trim(), v.regex(/^[a-z][a-z0-9_]{2,31}:[A-Za-z0-9_-]{43}$/, 'a card is handle:key'))

export const Self = v.strictObject({
  handle: Handle,
  key: PublicKey,
  card: ContactCard,
  /** A profile whose key lies beside it, without a passphrase. */
  practice: v.boolean(),
})
export type Self = v.InferOutput<typeof Self>

export const Contact = v.strictObject({
  handle: Handle,
  key: PublicKey,
  /** `card`: the user gave the key. `relay`: first heard of through the relay, key as it said. */
  source: v.picklist(['card', 'relay']),
})
export type Contact = v.InferOutput<typeof Contact>

export const failureReasons = ['unknown-handle', 'wrong-key', 'too-large', 'rejected', 'file-lost'] as const
/** Where one of our messages stands. `queued`: kept here, will go by itself. `failed`: never will, unless the user acts. */
export const Delivery = v.variant('state', [
  v.strictObject({ state: v.picklist(['queued', 'sent', 'delivered', 'read']) }),
  v.strictObject({ state: v.literal('failed'), reason: v.picklist(failureReasons) }),
])
export type Delivery = v.InferOutput<typeof Delivery>

/** Bytes of a file on this device and on their way. `remote`: only the relay has it so far. `missing`: the relay has it no more. `gone`: it was to be seen once, and was. */
export const Transfer = v.strictObject({
  state: v.picklist(['uploading', 'waiting', 'ready', 'remote', 'downloading', 'failed', 'missing', 'gone']),
  done: v.number(),
  total: v.number(),
})
export type Transfer = v.InferOutput<typeof Transfer>

export const Body = v.variant('kind', [
  v.strictObject({ kind: v.literal('text'), text: v.string() }),
  v.strictObject({
    kind: v.literal('file'),
    name: v.string(),
    /** The sniffed type, decided by content: only `image/png`, `image/jpeg`, `image/gif` and `image/webp` are ever shown as pictures. */
    type: v.string(),
    size: v.number(),
    transfer: Transfer,
    /** A picture to be opened once: `secret.seen` when it is, before its bytes can be read; `secret.viewed` when it is closed. Secret chats only. */
    once: v.optional(v.boolean()),
  }),
  /** A row of a secret chat that nobody wrote: what happened, or why something cannot be shown. */
  v.strictObject({ kind: v.literal('notice'), notice: Notice }),
])
export type Body = v.InferOutput<typeof Body>

export const Message = v.strictObject({
  id: MessageId,
  chatId: ChatId,
  from: Handle,
  mine: v.boolean(),
  body: Body,
  /** Relay's time once it has one, else ours; epoch ms. */
  at: v.number(),
  /** Position in the chat; strictly increasing, newest last. */
  order: v.number(),
  /** For our own messages only. */
  delivery: v.nullable(Delivery),
  /** Secret chats only: when it goes from both sides. */
  vanish: v.optional(Vanish),
})
export type Message = v.InferOutput<typeof Message>

export const ChatSummary = v.strictObject({
  id: ChatId,
  kind: v.picklist(['cloud', 'secret']),
  peer: Contact,
  /** For `secret` only. */
  secret: v.optional(SecretState),
  last: v.nullable(
    v.strictObject({ preview: v.string(), isFile: v.boolean(), mine: v.boolean(), at: v.number(), delivery: v.nullable(Delivery) }),
  ),
  unread: v.number(),
  /** `order` of the first unread message, for the divider; `null` when none. */
  firstUnread: v.nullable(v.number()),
  draft: v.string(),
})
export type ChatSummary = v.InferOutput<typeof ChatSummary>

/** What came of following one of the service's public links. `reader`: the page's own text, fetched by a path that proved itself. */
export const LinkOutcome = v.variant('outcome', [
  v.strictObject({
    outcome: v.literal('reader'),
    url: v.string(),
    title: v.string(),
    text: v.string(),
    author: v.string(),
    by: v.picklist(['plain', 'other-lookup', 'bundled-address', 'proxy']),
  }),
  v.strictObject({
    outcome: v.literal('stopped'),
    url: v.string(),
    reason: v.picklist(['false-address', 'no-address', 'unproven', 'silent']),
    canBypass: v.boolean(),
  }),
  v.strictObject({ outcome: v.literal('external'), url: v.string() }),
  v.strictObject({ outcome: v.literal('missing'), url: v.string() }),
  v.strictObject({ outcome: v.literal('unreachable'), url: v.string() }),
])
export type LinkOutcome = v.InferOutput<typeof LinkOutcome>

/**
 * What stored data tells whoever gets it. `content`: what was written; `metadata`: who, when, how much; `public-key`: opens nothing;
 * `sealed`: cannot be opened by whoever has it; `nobody`: about nobody.
 */
export const dataClasses = ['content', 'metadata', 'public-key', 'sealed', 'nobody'] as const
export const DataClass = v.picklist(dataClasses)
export type DataClass = v.InferOutput<typeof DataClass>

/** The same account's cloud and secret chats as a request would get them. Rows are the newest few. */
export const Sides = v.strictObject({
  /** Files this account uploaded: those the relay can open, and those of secret chats. */
  files: v.strictObject({ open: v.number(), sealed: v.number() }),
  /** Sealed packets that wait, for this account and for those it wrote to. */
  packets: v.strictObject({ toMe: v.number(), fromMe: v.number(), bytes: v.number() }),
  publicKeys: v.number(),
  /** Whoever it has written with, the newest first. */
  people: v.array(
    v.strictObject({
      handle: Handle,
      cloud: v.strictObject({
        messages: v.number(),
        rows: v.array(v.strictObject({ at: v.number(), mine: v.boolean(), isFile: v.boolean(), text: v.string() })),
      }),
      secret: v.strictObject({
        packets: v.number(),
        bytes: v.number(),
        /** `head`: the first bytes, as hexadecimal digits. */
        rows: v.array(v.strictObject({ at: v.number(), mine: v.boolean(), bytes: v.number(), head: v.string() })),
      }),
    }),
  ),
  morePeople: v.number(),
})
export type Sides = v.InferOutput<typeof Sides>

/** What the relay holds about one account, computed from its live schema: every table and column that names the account, with the rows. */
export const Holdings = v.strictObject({
  computedAt: v.number(),
  /** Tables of the relay's schema, in its own words, with whether they were searched for this account. */
  tables: v.array(
    v.strictObject({
      table: v.string(),
      class: v.optional(DataClass),
      columns: v.array(v.strictObject({ name: v.string(), type: v.string(), meaning: v.string(), class: v.optional(DataClass) })),
      /** Rows that concern the account. */
      count: v.number(),
      /** The newest few, each value as text. */
      sample: v.array(v.record(v.string(), v.string())),
    }),
  ),
  /** What a running relay can see without storing it. */
  seenNotStored: v.array(v.string()),
  sides: v.optional(Sides),
  /** How long what is sealed stays, as it is in force there. */
  kept: v.optional(v.strictObject({ keptMs: v.number(), wipedWithinMs: v.number(), mailboxBytes: v.number(), mailboxPackets: v.number() })),
  /** Of all columns there are, those whose name speaks of an address, a telephone number or the like. */
  columns: v.optional(v.strictObject({ searched: v.number(), likeAddress: v.array(v.string()) })),
})
export type Holdings = v.InferOutput<typeof Holdings>
