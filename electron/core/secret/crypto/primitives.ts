/**
 * The primitives that suite SC1 names, on libsodium: hashes, HKDF, X25519 pairs, ML-KEM-768 and XChaCha20-Poly1305. Nothing here knows
 * the protocol. Secrets are copied into WebAssembly memory and leave traces there: no promise of wiping is made.
 */
import sodium from 'libsodium-wrappers'
import { MLKEM768_PUBLIC_BYTES } from '../../../../shared/protocol/secret.ts'
import { concat } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { type KeyPair, x25519Pair } from './x25519.ts'

await sodium.ready

const X25519_BYTES = 32
export const KEM_SEED_BYTES = 64
export const AEAD_NONCE_BYTES = 24
export const AEAD_TAG_BYTES = 16

/** BLAKE2b of `length` bytes (RFC 7693). */
export const hash = (length: 16 | 32 | 64, message: Uint8Array): Uint8Array => sodium.crypto_generichash(length, message, null)

/** HMAC-SHA-512 (RFC 2104), for keys of any length. */
export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  // The short form takes 32 bytes only.
  if (key.length === 32) return sodium.crypto_auth_hmacsha512(message, key)
  const state = sodium.crypto_auth_hmacsha512_init(key)
  sodium.crypto_auth_hmacsha512_update(state, message)
  return sodium.crypto_auth_hmacsha512_final(state)
}

const HMAC_BYTES = 64

/** HKDF with SHA-512 (RFC 5869). Throws `RangeError` beyond 255 blocks. */
export function hkdf(salt: Uint8Array, secret: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (length > 255 * HMAC_BYTES) throw new RangeError('more than HKDF gives')
  const key = hmac(salt, secret)
  const out = new Uint8Array(length)
  // One buffer for T(i-1) | info | i.
  const input = new Uint8Array(HMAC_BYTES + info.length + 1)
  input.set(info, HMAC_BYTES)
  for (let i = 1, at = 0; at < length; i++, at += HMAC_BYTES) {
    input[input.length - 1] = i
    const block = hmac(key, i === 1 ? input.subarray(HMAC_BYTES) : input)
    out.set(at + HMAC_BYTES <= length ? block : block.subarray(0, length - at), at)
    input.set(block)
  }
  return out
}

/** Equal bytes, compared in constant time; lengths are public. */
export const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && sodium.memcmp(a, b)

export const newX25519Pair = (random: Random): KeyPair => x25519Pair(random.bytes(X25519_BYTES))

/** Whether these bytes are the one spelling of a coordinate: below 2^255 - 19. RFC 7748 takes others too; the protocol does not. */
export function isCanonicalPoint(point: Uint8Array): boolean {
  if (point.length !== X25519_BYTES) return false
  const top = point[31] ?? 0
  if (top !== 0x7f) return top < 0x7f
  for (let i = 30; i > 0; i--) if (point[i] !== 0xff) return true
  return (point[0] ?? 0) < 0xed
}

/** An ML-KEM-768 pair (FIPS 203) from its seed d, z; secrets are kept as seeds, 64 bytes instead of 2,400. */
export function kemPair(seed: Uint8Array): KeyPair {
  const { publicKey, privateKey } = sodium.crypto_kem_mlkem768_seed_keypair(seed)
  return { publicKey, secretKey: privateKey }
}

/** Encapsulates to `publicKey`; `m` is 32 fresh random bytes (FIPS 203, algorithm 20). Throws on a key that fails the modulus check. */
export function encapsulate(publicKey: Uint8Array, m: Uint8Array): { ciphertext: Uint8Array; secret: Uint8Array } {
  // The wrapper's other form draws m itself, from no Random of ours.
  const { ciphertext, sharedSecret } = sodium.crypto_kem_mlkem768_enc_deterministic(publicKey, m)
  return { ciphertext, secret: sharedSecret }
}

const KEM_MODULUS = 3329

/** The checks of FIPS 203, section 7.2, without encapsulating: the length, and every coefficient below the modulus. */
export function isKemKey(publicKey: Uint8Array): boolean {
  if (publicKey.length !== MLKEM768_PUBLIC_BYTES) return false
  // Two coefficients of 12 bits in three bytes; the seed behind them may be anything.
  for (let at = 0; at < MLKEM768_PUBLIC_BYTES - 32; at += 3) {
    const middle = publicKey[at + 1] ?? 0
    if (((publicKey[at] ?? 0) | ((middle & 15) << 8)) >= KEM_MODULUS) return false
    if (((middle >> 4) | ((publicKey[at + 2] ?? 0) << 4)) >= KEM_MODULUS) return false
  }
  return true
}

/** An altered ciphertext gives another secret, no error (implicit rejection). */
export const decapsulate = (ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array =>
  sodium.crypto_kem_mlkem768_dec(ciphertext, secretKey)

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03). */
export const aeadSeal = (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Uint8Array =>
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plain, associated, null, nonce, key)

/** `null` where key, nonce, data or bytes are not what was sealed. */
export function aeadOpen(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array): Uint8Array | null {
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, sealed, associated, nonce, key)
  } catch {
    return null
  }
}

export const EMPTY = new Uint8Array(0)

/** Splits what a derivation gave into pieces of these lengths. */
export function split<const L extends readonly number[]>(bytes: Uint8Array, ...lengths: L): { [K in keyof L]: Uint8Array }
export function split(bytes: Uint8Array, ...lengths: readonly number[]): Uint8Array[] {
  let at = 0
  return lengths.map((length) => {
    at += length
    // A copy: a view would keep the other pieces alive with it.
    return bytes.slice(at - length, at)
  })
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

export function u64(value: number): Uint8Array {
  return concat(u32(Math.floor(value / 2 ** 32)), u32(value >>> 0))
}
