/** Suite SC1: the functions of its ratchet, and how headers and bodies are sealed (docs/PROTOCOL-SECRET.md, Packet). */
import { concat, fields, utf8 } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import {
  AEAD_NONCE_BYTES,
  AEAD_TAG_BYTES,
  aeadOpen,
  aeadSeal,
  equal,
  hkdf,
  hmac,
  isCanonicalPoint,
  newX25519Pair,
  split,
  u32,
} from './primitives.ts'
import type { RatchetHeader, RatchetSuite } from './ratchet.ts'
import { agree } from './x25519.ts'

/** What a step of the root takes in besides the agreement: the epoch it ends in and, when it begins one, the epoch's secret. */
export interface Mix {
  readonly epoch: number
  readonly fresh: { readonly secret: Uint8Array; readonly binding: Uint8Array } | null
}

const ROOT = 'SC1 root'
const CHAIN_STEP = Uint8Array.of(1)

export const sc1: RatchetSuite<Mix> = {
  generate: newX25519Pair,
  agree,
  root(root, agreed, { epoch, fresh }) {
    const secret = fresh ? concat(agreed, fresh.secret) : agreed
    const info = fresh ? fields(ROOT, u32(epoch), fresh.binding) : fields(ROOT, u32(epoch))
    const [next, chain, headerKey] = split(hkdf(root, secret, info, 96), 32, 32, 32)
    return { root: next, chain, headerKey }
  },
  chain(key) {
    const [chain, message] = split(hmac(key, CHAIN_STEP), 32, 32)
    return { chain, message }
  },
}

/** A header of this suite: the ratchet's, and the epoch of its chain. */
export interface Header extends RatchetHeader {
  readonly epoch: number
}

const HEADER_BYTES = 59
export const SEALED_HEADER_BYTES = AEAD_NONCE_BYTES + HEADER_BYTES + AEAD_TAG_BYTES
/** N and PN stay below. */
const MAX_NUMBER = 2 ** 31

/** Nonce and sealed header; the nonce serves the body too, under its own key. */
export function sealHeader(headerKey: Uint8Array, header: Header, th: Uint8Array, random: Random): Uint8Array {
  const plain = new Uint8Array(HEADER_BYTES)
  plain.set(header.dh, 1)
  const view = new DataView(plain.buffer)
  view.setUint32(33, header.pn)
  view.setUint32(37, header.n)
  view.setUint32(41, header.epoch)
  const nonce = random.bytes(AEAD_NONCE_BYTES)
  return concat(nonce, aeadSeal(headerKey, nonce, plain, headerData(th)))
}

/** `null`: not sealed with this key; `'malformed'`: sealed with it, and against the protocol. */
export function openHeader(headerKey: Uint8Array, sealed: Uint8Array, th: Uint8Array): Header | 'malformed' | null {
  const nonce = sealed.subarray(0, AEAD_NONCE_BYTES)
  const plain = aeadOpen(headerKey, nonce, sealed.subarray(AEAD_NONCE_BYTES), headerData(th))
  if (!plain) return null
  const view = new DataView(plain.buffer, plain.byteOffset)
  const header = { dh: plain.slice(1, 33), pn: view.getUint32(33), n: view.getUint32(37), epoch: view.getUint32(41) }
  const reserved = plain[0] === 0 && plain.subarray(45).every((byte) => byte === 0)
  return reserved && header.pn < MAX_NUMBER && header.n < MAX_NUMBER && isCanonicalPoint(header.dh) ? header : 'malformed'
}

const headerData = (th: Uint8Array) => fields('SC1 header', th)

export const COMMITMENT_BYTES = 32
const MESSAGE = utf8('SC1 message')

/** What a body is bound to, besides its key. */
export interface BodyContext {
  readonly th: Uint8Array
  /** 0 from the initiator, 1 to it. */
  readonly direction: 0 | 1
  /** The packet's kind and, with kind 1, its prelude. */
  readonly front: Uint8Array
  /** Header nonce and sealed header. */
  readonly header: Uint8Array
}

const bodyData = ({ th, direction, front, header }: BodyContext, commitment: Uint8Array) =>
  fields('SC1 body', th, Uint8Array.of(direction), front, header, commitment)

/** Commitment and sealed body. */
export function sealBody(messageKey: Uint8Array, plain: Uint8Array, context: BodyContext): Uint8Array {
  const [key, commitment] = split(hmac(messageKey, MESSAGE), 32, COMMITMENT_BYTES)
  const nonce = context.header.subarray(0, AEAD_NONCE_BYTES)
  return concat(commitment, aeadSeal(key, nonce, plain, bodyData(context, commitment)))
}

/** `null`: not sealed with this key in this context. */
export function openBody(messageKey: Uint8Array, sealed: Uint8Array, context: BodyContext): Uint8Array | null {
  const [key, expected] = split(hmac(messageKey, MESSAGE), 32, COMMITMENT_BYTES)
  const commitment = sealed.subarray(0, COMMITMENT_BYTES)
  // XChaCha20-Poly1305 does not commit to its key: one ciphertext could be made to open under two.
  if (!equal(commitment, expected)) return null
  const nonce = context.header.subarray(0, AEAD_NONCE_BYTES)
  return aeadOpen(key, nonce, sealed.subarray(COMMITMENT_BYTES), bodyData(context, commitment))
}
