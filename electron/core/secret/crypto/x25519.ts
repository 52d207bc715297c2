/**
 * X25519 pairs and agreement (RFC 7748): in the machine code of node:crypto where that is there and right, else in libsodium's
 * WebAssembly, which takes about twice as long. Both refuse points of low order (section 6.1).
 */
import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import sodium from 'libsodium-wrappers'

await sodium.ready

export interface KeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** Throws where the result is all zero. */
export type Agree = (own: KeyPair, publicKey: Uint8Array) => Uint8Array

/** The pair of a secret key (32). */
export type PairOf = (secretKey: Uint8Array) => KeyPair

export const wasmPairOf: PairOf = (secretKey) => ({ secretKey, publicKey: sodium.crypto_scalarmult_base(secretKey) })
export const wasmAgree: Agree = ({ secretKey }, publicKey) => sodium.crypto_scalarmult(secretKey, publicKey)

const base64Url = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length).toString('base64url')

// Importing a secret key costs as much as agreeing: the public half is computed with it. Gone with the bytes of the key.
const imported = new WeakMap<Uint8Array, KeyObject>()

function importSecret(secretKey: Uint8Array): KeyObject {
  const known = imported.get(secretKey)
  if (known) return known
  // As JWK (RFC 8037): of the forms that all versions of Node take, the one that costs no ASN.1. Its `x` is not looked at beside `d`.
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'X25519', d: base64Url(secretKey), x: '' }, format: 'jwk' })
  imported.set(secretKey, key)
  return key
}

export const nativePairOf: PairOf = (secretKey) => {
  const { x = '' } = importSecret(secretKey).export({ format: 'jwk' })
  return { secretKey, publicKey: new Uint8Array(Buffer.from(x, 'base64url')) }
}

export const nativeAgree: Agree = ({ secretKey }, publicKey) => {
  const peer = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: base64Url(publicKey) }, format: 'jwk' })
  const agreed = new Uint8Array(diffieHellman({ privateKey: importSecret(secretKey), publicKey: peer }))
  if (sodium.is_zero(agreed)) throw new RangeError('a point of low order')
  return agreed
}

/** Electron has another library behind node:crypto than Node: it must give what libsodium gives, and refuse what that refuses. */
function isAsGood(agree: Agree, pairOf: PairOf): boolean {
  const [one, two] = [1, 2].map((fill) => wasmPairOf(new Uint8Array(32).fill(fill)))
  if (!one || !two) return false
  try {
    if (!sodium.memcmp(pairOf(new Uint8Array(one.secretKey)).publicKey, one.publicKey)) return false
    if (!sodium.memcmp(agree(one, two.publicKey), wasmAgree(one, two.publicKey))) return false
  } catch {
    return false
  }
  try {
    agree(one, new Uint8Array(32))
    return false
  } catch {
    return true
  }
}

const isNative = isAsGood(nativeAgree, nativePairOf)
export const agree: Agree = isNative ? nativeAgree : wasmAgree
export const x25519Pair: PairOf = isNative ? nativePairOf : wasmPairOf
