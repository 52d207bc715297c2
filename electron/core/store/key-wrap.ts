/**
 * A store key behind a passphrase: Argon2id (RFC 9106) makes a wrapping key, XChaCha20-Poly1305 seals the store key with it.
 * The cost is kept with the box, and sealed in, so that raising it later still opens old boxes. Where the system's keychain
 * holds a key too, that one is mixed in: then both are needed, and a copied folder alone gives nothing to guess against.
 */
import sodium from 'libsodium-wrappers'
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import { fromBase64Url, toBase64Url, utf8 } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import { STORE_KEY_BYTES } from './key-file.ts'

await sodium.ready

const SALT_BYTES = 16
const NONCE_BYTES = 24
const MIB = 1024 * 1024
/** The detail of `store-locked` where the passphrase does not fit. */
export const WRONG_PASSPHRASE = 'wrong passphrase'

const bytesText = (length: number) =>
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_-]+$/),
    v.check((text) => {
      try {
        return fromBase64Url(text).length === length
      } catch {
        return false
      }
    }, `must be ${length} bytes as base64url`),
  )

/** Bounded, so that a planted file cannot make unlocking eat the memory. */
const Cost = v.strictObject({
  passes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16)),
  memory: v.pipe(v.number(), v.integer(), v.minValue(8192), v.maxValue(1024 * MIB)),
})
export type WrapCost = v.InferOutput<typeof Cost>

export const WrappedKey = v.strictObject({
  v: v.literal(1),
  kdf: v.literal('argon2id'),
  cost: Cost,
  salt: bytesText(SALT_BYTES),
  nonce: bytesText(NONCE_BYTES),
  box: bytesText(STORE_KEY_BYTES + 16),
  /** What else is needed. */
  beside: v.optional(v.literal('keychain')),
})
export type WrappedKey = v.InferOutput<typeof WrappedKey>

/** libsodium's "moderate": about a second. RFC 9106 section 4 asks for at least 64 MiB where memory is scarce. */
export const DEFAULT_COST: WrapCost = { passes: 3, memory: 256 * MIB }

const wrappingKey = (passphrase: string, salt: Uint8Array, cost: WrapCost, beside: Uint8Array | null) => {
  // NFKC: the same passphrase typed on another keyboard or system is the same bytes.
  const text = passphrase.normalize('NFKC')
  const slow = sodium.crypto_pwhash(32, utf8(text), salt, cost.passes, cost.memory, sodium.crypto_pwhash_ALG_ARGON2ID13)
  if (beside === null) return slow
  const mixed = sodium.crypto_generichash(32, slow, beside)
  sodium.memzero(slow)
  return mixed
}

const sealedWith = (cost: WrapCost) => utf8(`throughline store key v1 argon2id ${cost.passes} ${cost.memory}`)

export interface WrapOptions {
  readonly cost?: WrapCost
  /** 32 bytes from the keychain; `null`: the passphrase alone. */
  readonly beside?: Uint8Array | null
}

export function wrapKey(
  key: Uint8Array,
  passphrase: string,
  random: Random,
  { cost = DEFAULT_COST, beside = null }: WrapOptions = {},
): WrappedKey {
  if (key.length !== STORE_KEY_BYTES) throw new RangeError(`a store key has ${STORE_KEY_BYTES} bytes`)
  const salt = random.bytes(SALT_BYTES)
  const nonce = random.bytes(NONCE_BYTES)
  const by = wrappingKey(passphrase, salt, cost, beside)
  const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(key, sealedWith(cost), null, nonce, by)
  sodium.memzero(by)
  const wrapped = { v: 1, kdf: 'argon2id', cost, salt: toBase64Url(salt), nonce: toBase64Url(nonce), box: toBase64Url(box) } as const
  return beside === null ? wrapped : { ...wrapped, beside: 'keychain' }
}

/** Throws `store-locked` for another passphrase, an altered box, a keychain that is missing, or something that is no box at all. */
export function unwrapKey(raw: unknown, passphrase: string, beside: Uint8Array | null = null): Uint8Array {
  const parsed = v.safeParse(WrappedKey, raw)
  if (!parsed.success) throw new BackendError('store-locked', 'not a wrapped key')
  const { cost, salt, nonce, box } = parsed.output
  if (parsed.output.beside && beside === null) throw new BackendError('store-locked', 'the keychain is missing')
  const by = wrappingKey(passphrase, fromBase64Url(salt), cost, parsed.output.beside ? beside : null)
  try {
    return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, fromBase64Url(box), sealedWith(cost), fromBase64Url(nonce), by)
  } catch {
    throw new BackendError('store-locked', WRONG_PASSPHRASE)
  } finally {
    sodium.memzero(by)
  }
}
