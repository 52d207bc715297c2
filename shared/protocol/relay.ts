/**
 * Core <-> relay over socket.io. Login rides in the CONNECT packet, the relay's proof and missed items in the same flight
 * back (docs/PROTOCOL.md). Every payload is checked by these schemas at both ends.
 */
import * as v from 'valibot'
import { SignedBundle } from './bundle.ts'
import { DeviceBundle, PacketBytes, Prekeys, SealedPacket } from './secret.ts'
import { DeviceId, MediaId, Nonce, Seq, Signature, WireHandle, WireKey } from './wire.ts'

export const RELAY_PROTOCOL = 1
/** TLS exporter label (RFC 5705, RFC 8446 section 7.5); context empty, 32 bytes. */
export const EXPORTER_LABEL = 'EXPORTER-throughline-channel-v1'
export const EXPORTER_BYTES = 32
export const LOGIN_PURPOSE = 'throughline login v1'
export const RELAY_HELLO_PURPOSE = 'throughline relay hello v1'

export const MAX_WIRE_TEXT = 16_384
export const MAX_MEDIA_BYTES = 32 * 1024 * 1024
/** Items in one flight; more are asked for with `stream.read`. */
export const STREAM_PAGE = 200

export const WireBody = v.variant('kind', [
  v.strictObject({ kind: v.literal('text'), text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_WIRE_TEXT)) }),
  v.strictObject({
    kind: v.literal('file'),
    media: MediaId,
    name: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
    type: v.pipe(v.string(), v.maxLength(100)),
    size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_MEDIA_BYTES)),
  }),
])
export type WireBody = v.InferOutput<typeof WireBody>

/**
 * What `auth` carries. `signature` is over LOGIN_PURPOSE and [sid, exporter, handle, key, device, nonce] (`sid` the engine.io
 * session id as the challenge, texts as UTF-8, binary fields as raw bytes): it is worth nothing on another TLS session.
 */
export const Login = v.strictObject({
  v: v.literal(RELAY_PROTOCOL),
  handle: WireHandle,
  key: WireKey,
  device: DeviceId,
  nonce: Nonce,
  signature: Signature,
  /** The last item this device has durably applied; 0 at first. The relay sends what comes after. */
  cursor: Seq,
  bundleVersion: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** A second connection of this device, which waits to take over from the first: until `session.take` only `echo` is answered on it. */
  standby: v.optional(v.literal(true)),
})
export type Login = v.InferOutput<typeof Login>

/** Why a login is refused: the `message` of socket.io's connect_error. */
export const loginRefusals = ['bad-login', 'bad-signature', 'channel-mismatch', 'handle-taken', 'protocol', 'overloaded', 'denied'] as const
export const LoginRefusal = v.picklist(loginRefusals)
export type LoginRefusal = v.InferOutput<typeof LoginRefusal>

/**
 * One entry of the numbered stream that each device reads. `seq` strictly increases; gaps are normal (other people's items).
 * A message stands in both people's streams under one `seq`, which is also its id at the relay.
 */
export const StreamItem = v.variant('kind', [
  v.strictObject({
    kind: v.literal('message'),
    seq: Seq,
    from: WireHandle,
    fromKey: WireKey,
    to: WireHandle,
    toKey: WireKey,
    device: DeviceId,
    /** The sender's own counter: (device, cid) names a message once and for all. */
    cid: Seq,
    body: WireBody,
    at: v.number(),
  }),
  v.strictObject({
    kind: v.literal('receipt'),
    seq: Seq,
    /** Who has it or read it. */
    by: WireHandle,
    /** In which chat, as seen by the reader of this stream: the other person. */
    peer: WireHandle,
    state: v.picklist(['delivered', 'read']),
    upTo: Seq,
    at: v.number(),
  }),
])
export type StreamItem = v.InferOutput<typeof StreamItem>

/** First event after CONNECT. `signature` by the relay key over RELAY_HELLO_PURPOSE and [sid, exporter, nonce, key, device]. */
export const RelayHello = v.strictObject({
  signature: Signature,
  at: v.number(),
  items: v.array(StreamItem),
  /** More items wait after the last of these. */
  more: v.boolean(),
  /** What waits in this device's mailbox, oldest first; more is asked for with `sealed.read`. */
  sealed: v.strictObject({ packets: v.array(SealedPacket), more: v.boolean() }),
  /** Sent when the login named an older bundle. */
  bundle: v.optional(SignedBundle),
})
export type RelayHello = v.InferOutput<typeof RelayHello>

export const refusalCodes = [
  'bad-input',
  'unknown-handle',
  'unknown-device',
  'wrong-key',
  'too-large',
  'rate-limited',
  'not-found',
  'internal',
  'overloaded',
  'mailbox-full',
] as const
export const RefusalCode = v.picklist(refusalCodes)
export type RefusalCode = v.InferOutput<typeof RefusalCode>

const Refused = v.strictObject({ ok: v.literal(false), code: RefusalCode, retryMs: v.optional(v.number()) })
const answer = <const S extends v.ObjectEntries>(entries: S) =>
  v.variant('ok', [v.strictObject({ ok: v.literal(true), ...entries }), Refused])

/** Client -> relay, each acknowledged. The acknowledgement of `message.send` comes after the commit reached the disk. */
export const requests = {
  'message.send': {
    input: v.strictObject({
      cid: Seq,
      /** Counts, for each recipient on a connection, how often the client began again with what is oldest after a refusal for the moment. */
      turn: Seq,
      to: WireHandle,
      toKey: WireKey,
      body: WireBody,
    }),
    output: answer({ seq: Seq, at: v.number() }),
  },
  'receipt.set': { input: v.strictObject({ peer: WireHandle, state: v.picklist(['delivered', 'read']), upTo: Seq }), output: answer({}) },
  'stream.read': { input: v.strictObject({ after: Seq }), output: answer({ items: v.array(StreamItem), more: v.boolean() }) },
  /** Asks leave to upload; the token is good once, for this size, for ten minutes. `sealed`: of a secret chat, to be forgotten. */
  'media.grant': {
    input: v.strictObject({
      size: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_MEDIA_BYTES)),
      sealed: v.optional(v.boolean()),
    }),
    output: answer({ media: MediaId, token: v.string() }),
  },
  'link.publish': {
    input: v.strictObject({
      title: v.pipe(v.string(), v.minLength(1), v.maxLength(120)),
      text: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)),
    }),
    output: answer({ slug: v.string() }),
  },
  'account.holdings': { input: v.strictObject({}), output: answer({ holdings: v.unknown() }) },

  /** Secret chats (docs/PROTOCOL-SECRET.md). Replaces certificate and signed prekeys of this device; one-time ones are added. Their ids rise: one not above all before is a repeat and passed over. */
  'prekeys.publish': { input: Prekeys, output: answer({}) },
  /** `signed`: the id of the signed prekey. */
  'prekeys.left': { input: v.strictObject({}), output: answer({ x25519: Seq, mlkem768: Seq, signed: v.nullable(Seq) }) },
  /** One bundle of each device of `handle` that published prekeys; one-time prekeys are given once. */
  'prekeys.take': { input: v.strictObject({ handle: WireHandle, key: WireKey }), output: answer({ devices: v.array(DeviceBundle) }) },
  /** Into the mailbox of one device. Acknowledged like `message.send`; `turn` counts for each recipient and device. */
  'sealed.send': {
    input: v.strictObject({ cid: Seq, turn: Seq, to: WireHandle, toKey: WireKey, toDevice: DeviceId, packet: PacketBytes }),
    output: answer({ at: v.number() }),
  },
  'sealed.read': { input: v.strictObject({ after: Seq }), output: answer({ packets: v.array(SealedPacket), more: v.boolean() }) },
  /** Everything up to this number is safe here; the relay forgets it. */
  'sealed.done': { input: v.strictObject({ upTo: Seq }), output: answer({}) },

  /** What waited takes over, as the winner of a race later than the last: the device's other connections end. Nothing was missed yet: `stream.read` and `sealed.read` follow. */
  'session.take': {
    input: v.strictObject({ race: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffffffff)) }),
    output: answer({}),
  },

  /** The application's own heartbeat. */
  echo: { input: v.strictObject({ n: Seq }), output: answer({ n: Seq, at: v.number() }) },
} as const
export type RequestName = keyof typeof requests
export type RequestInput<K extends RequestName> = v.InferOutput<(typeof requests)[K]['input']>
export type RequestOutput<K extends RequestName> = v.InferOutput<(typeof requests)[K]['output']>

/** Client -> relay without acknowledgement, lost if offline. */
export const Typing = v.strictObject({ to: WireHandle })

/** Relay -> client. */
export const pushes = {
  hello: RelayHello,
  items: v.array(StreamItem),
  sealed: v.array(SealedPacket),
  typing: v.strictObject({ from: WireHandle }),
  bundle: SignedBundle,
} as const

// Media over HTTP on the media host: PUT /m/<media> with `authorization: Bearer <token>`; GET /m/<media>, Range allowed.
// The id is 128 random bits and is the permission to read and, for a sealed file, to DELETE: 204, 404 when it is gone. Public pages on the links host: GET /<slug>; with
// `accept: application/json` the same page as LinkPage.
export const LinkPage = v.strictObject({ slug: v.string(), title: v.string(), text: v.string(), author: WireHandle, at: v.number() })
export type LinkPage = v.InferOutput<typeof LinkPage>
