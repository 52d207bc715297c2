/**
 * Signal's protocol of 2014 (version 3, X3DH and a Double Ratchet whose headers are in the clear), as far as its published
 * scripts need it: another suite and other messages over our ratchet.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto'
import { equal } from '../../../../electron/core/secret/crypto/primitives.ts'
import {
  beginReceiving,
  beginSending,
  endPrevious,
  findChain,
  initiatorRatchet,
  nextToSend,
  type Ratchet,
  type RatchetHeader,
  type RatchetSuite,
  responderRatchet,
  takeKey,
} from '../../../../electron/core/secret/crypto/ratchet.ts'
import { agree, type KeyPair, x25519Pair } from '../../../../electron/core/secret/crypto/x25519.ts'
import { concat, fromUtf8, utf8 } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'

const ZEROS = new Uint8Array(32)
const hkdf = (salt: Uint8Array, secret: Uint8Array, info: string, length: number) =>
  new Uint8Array(hkdfSync('sha256', secret, salt, utf8(info), length))
const mac = (key: Uint8Array, message: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(message).digest())

const signalV3: RatchetSuite<null> = {
  generate: (random) => x25519Pair(random.bytes(32)),
  agree,
  root(root, agreed) {
    const keys = hkdf(root, agreed, 'WhisperRatchet', 64)
    // Its headers have no keys.
    return { root: keys.slice(0, 32), chain: keys.slice(32), headerKey: ZEROS }
  },
  chain: (key) => ({ chain: mac(key, Uint8Array.of(2)), message: mac(key, Uint8Array.of(1)) }),
}

/** Public keys of that protocol carry a byte in front that names the curve. */
const typed = (key: Uint8Array) => concat(Uint8Array.of(5), key)
const untyped = (key: Uint8Array) => key.slice(1)

const VERSION = Uint8Array.of(0x33)
const MAC_BYTES = 8

export interface Session {
  readonly ratchet: Ratchet
  readonly mine: Uint8Array
  readonly theirs: Uint8Array
  /** The initiator's base key: what the session is known by. */
  readonly base: Uint8Array
  /** What precedes our messages until the other side has answered. */
  readonly prefix: ((message: Uint8Array) => Uint8Array) | null
}

export interface Beginning {
  readonly identity: KeyPair
  readonly base: KeyPair
  readonly registrationId: number
  readonly theirs: {
    readonly identity: Uint8Array
    readonly signed: Uint8Array
    readonly oneTime: Uint8Array
    readonly signedId: number
    readonly oneTimeId: number
  }
}

export function begin({ identity, base, registrationId, theirs }: Beginning): Session {
  const root = rootOf([
    agree(identity, theirs.signed),
    agree(base, theirs.identity),
    agree(base, theirs.signed),
    agree(base, theirs.oneTime),
  ])
  const prefix = (message: Uint8Array) =>
    concat(
      VERSION,
      protobuf([
        [1, theirs.oneTimeId],
        [2, typed(base.publicKey)],
        [3, typed(identity.publicKey)],
        [4, message],
        [5, registrationId],
        [6, theirs.signedId],
      ]),
    )
  const ratchet = initiatorRatchet(root, theirs.signed, ZEROS, ZEROS)
  return { ratchet, mine: identity.publicKey, theirs: theirs.identity, base: base.publicKey, prefix }
}

export interface Answering {
  readonly identity: KeyPair
  readonly signed: KeyPair
  readonly oneTime: KeyPair
}

export interface FirstMessage {
  readonly base: Uint8Array
  readonly identity: Uint8Array
  readonly message: Uint8Array
}

export function readFirst(bytes: Uint8Array): FirstMessage {
  const read = fieldsOf(bytes.subarray(1))
  return { base: untyped(bytesAt(read, 2)), identity: untyped(bytesAt(read, 3)), message: bytesAt(read, 4) }
}

export function answer({ identity, signed, oneTime }: Answering, first: FirstMessage): Session {
  const root = rootOf([agree(signed, first.identity), agree(identity, first.base), agree(signed, first.base), agree(oneTime, first.base)])
  const ratchet = responderRatchet(root, signed, ZEROS, ZEROS)
  return { ratchet, mine: identity.publicKey, theirs: first.identity, base: first.base, prefix: null }
}

const rootOf = (agreements: readonly Uint8Array[]) => hkdf(ZEROS, concat(new Uint8Array(32).fill(0xff), ...agreements), 'WhisperText', 32)

export function encrypt(session: Session, plain: Uint8Array, random: Random): { session: Session; bytes: Uint8Array } {
  const ready = session.ratchet.sending ? session.ratchet : beginSending(signalV3, session.ratchet, null, random)
  const { ratchet, header, messageKey } = nextToSend(signalV3, ready)
  const { cipher, auth, iv } = keysOf(messageKey)
  const block = createCipheriv('aes-256-cbc', cipher, iv)
  const sealed = concat(block.update(padded(plain)), block.final())
  const message = concat(
    VERSION,
    protobuf([
      [1, typed(header.dh)],
      [2, header.n],
      // It says the last number of the chain before, not its length.
      [3, Math.max(header.pn - 1, 0)],
      [4, sealed],
    ]),
  )
  const tag = mac(auth, concat(typed(session.mine), typed(session.theirs), message)).subarray(0, MAC_BYTES)
  const whole = concat(message, tag)
  return { session: { ...session, ratchet }, bytes: session.prefix ? session.prefix(whole) : whole }
}

/** Throws when the message does not open. */
export function decrypt(session: Session, bytes: Uint8Array): { session: Session; plain: Uint8Array } {
  const [message, tag] = [bytes.subarray(0, -MAC_BYTES), bytes.subarray(-MAC_BYTES)]
  const read = fieldsOf(message.subarray(1))
  const header: RatchetHeader = { dh: untyped(bytesAt(read, 1)), n: Number(read.get(2)), pn: Number(read.get(3)) + 1 }
  const isKnown = session.ratchet.chains.some(({ dh }) => equal(dh, header.dh))
  // Headers in the clear: a chain is known by its ratchet key.
  const found = findChain(session.ratchet, (_, dh) => ((dh ? equal(dh, header.dh) : !isKnown) ? header : null))
  if (!found) throw new Error('no chain')
  const stepped = found.chain === null ? beginReceiving(signalV3, session.ratchet, header, null) : session.ratchet
  if (typeof stepped === 'string') throw new Error(stepped)
  const taken = takeKey(signalV3, stepped, found.chain ?? 0, header, 0)
  if (typeof taken === 'string') throw new Error(taken)
  const { cipher, auth, iv } = keysOf(taken.messageKey)
  const expected = mac(auth, concat(typed(session.theirs), typed(session.mine), message)).subarray(0, MAC_BYTES)
  if (!equal(expected, tag)) throw new Error('altered')
  const block = createDecipheriv('aes-256-cbc', cipher, iv)
  const plain = unpadded(concat(block.update(bytesAt(read, 4)), block.final()))
  return { session: { ...session, ratchet: endPrevious(signalV3, taken.ratchet, 0), prefix: null }, plain }
}

function keysOf(messageKey: Uint8Array) {
  const keys = hkdf(ZEROS, messageKey, 'WhisperMessageKeys', 80)
  return { cipher: keys.subarray(0, 32), auth: keys.subarray(32, 64), iv: keys.subarray(64) }
}

const PAD = 160

function padded(plain: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil((plain.length + 2) / PAD) * PAD - 1)
  whole.set(plain)
  whole[plain.length] = 0x80
  return whole
}

const unpadded = (plain: Uint8Array) => plain.subarray(0, plain.lastIndexOf(0x80))

/** What a person wrote, and whether it ends the session. */
export interface Content {
  readonly text?: string
  readonly endSession?: boolean
}

export const encodeContent = ({ text, endSession }: Content): Uint8Array =>
  protobuf([...(text === undefined ? [] : [[1, utf8(text)] as const]), ...(endSession ? [[4, 1] as const] : [])])

export function decodeContent(bytes: Uint8Array): Content {
  const read = fieldsOf(bytes)
  return { ...(read.has(1) && { text: fromUtf8(bytesAt(read, 1)) }), ...(read.get(4) === 1 && { endSession: true }) }
}

type Fields = Map<number, number | Uint8Array>

function protobuf(fields: readonly (readonly [number, number | Uint8Array])[]): Uint8Array {
  return concat(
    ...fields.map(([number, value]) =>
      typeof value === 'number'
        ? concat(Uint8Array.of(number << 3), varint(value))
        : concat(Uint8Array.of((number << 3) | 2), varint(value.length), value),
    ),
  )
}

function varint(value: number): Uint8Array {
  const bytes = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}

function fieldsOf(bytes: Uint8Array): Fields {
  const fields: Fields = new Map()
  let at = 0
  const number = () => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte % 128) * scale
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = number()
    if (tag % 8 === 0) fields.set(tag >> 3, number())
    else {
      const length = number()
      fields.set(tag >> 3, bytes.slice(at, at + length))
      at += length
    }
  }
  return fields
}

function bytesAt(fields: Fields, number: number): Uint8Array {
  const value = fields.get(number)
  if (!(value instanceof Uint8Array)) throw new Error(`no field ${number}`)
  return value
}
