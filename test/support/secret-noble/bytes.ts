/** Bytes and primitives of the second implementation: @noble only, nothing of the application. */
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { blake2b } from '@noble/hashes/blake2.js'
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'

export type Draw = (length: number) => Uint8Array

export const text = (words: string) => new Uint8Array(Buffer.from(words, 'utf8'))
export const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
export const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
export const fromBase64url = (words: string) => new Uint8Array(Buffer.from(words, 'base64url'))

export function int(value: number, width: 1 | 4 | 8): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return new Uint8Array(bytes.subarray(8 - width))
}

export const list = (...values: readonly (string | Uint8Array)[]) =>
  join(
    ...values.map((value) => {
      const bytes = typeof value === 'string' ? text(value) : value
      return join(int(bytes.length, 4), bytes)
    }),
  )

export const H = (length: number, bytes: Uint8Array) => blake2b(bytes, { dkLen: length })
export const HKDF = (salt: Uint8Array, secret: Uint8Array, info: Uint8Array, length: number) =>
  nobleHkdf(sha512, secret, salt, info, length)
export const HMAC = (key: Uint8Array, message: Uint8Array) => hmac(sha512, key, message)
export const DH = (secret: Uint8Array, point: Uint8Array) => x25519.getSharedSecret(secret, point)
export const pointOf = (secret: Uint8Array) => x25519.getPublicKey(secret)
export const signingPointOf = (seed: Uint8Array) => ed25519.getPublicKey(seed)
export const signList = (seed: Uint8Array, ...values: readonly (string | Uint8Array)[]) => ed25519.sign(list(...values), seed)
export const lock = (key: Uint8Array, nonce: Uint8Array, data: Uint8Array, plain: Uint8Array) =>
  xchacha20poly1305(key, nonce, data).encrypt(plain)

export function unlock(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return xchacha20poly1305(key, nonce, data).decrypt(sealed)
  } catch {
    return undefined
  }
}

export const kemKeys = (seed: Uint8Array) => ml_kem768.keygen(seed)
export const kemWrap = (point: Uint8Array, m: Uint8Array) => ml_kem768.encapsulate(point, m)
export const kemUnwrap = (ct: Uint8Array, secret: Uint8Array) => ml_kem768.decapsulate(ct, secret)

/** Cuts `bytes` into pieces of these widths; the rest, if any, is the last piece. */
export function cut<const W extends readonly number[]>(bytes: Uint8Array, ...widths: W): [...{ [K in keyof W]: Uint8Array }, Uint8Array]
export function cut(bytes: Uint8Array, ...widths: readonly number[]): Uint8Array[] {
  const pieces = []
  let at = 0
  for (const width of widths) {
    pieces.push(bytes.slice(at, at + width))
    at += width
  }
  return [...pieces, bytes.slice(at)]
}

export const number = (bytes: Uint8Array) => Number(BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
