/** Ed25519 by libsodium, which refuses low-order and non-canonical points (node:crypto of Node 20 accepts many). */
import sodium from 'libsodium-wrappers'
import { fields } from './bytes.ts'

await sodium.ready

export const KEY_BYTES = 32
export const SIGNATURE_BYTES = 64

export interface SigningKey {
  readonly publicKey: Uint8Array
  /** 64 bytes: seed and public key, as libsodium keeps it. */
  readonly secretKey: Uint8Array
}

/** A key pair from 32 random bytes. Throws on another length. */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  const pair = sodium.crypto_sign_seed_keypair(seed)
  return { publicKey: pair.publicKey, secretKey: pair.privateKey }
}

/** Signs `parts` under `purpose`: a signature for one purpose never counts for another. */
export function sign(purpose: string, parts: readonly (Uint8Array | string)[], key: SigningKey): Uint8Array {
  return sodium.crypto_sign_detached(fields(purpose, ...parts), key.secretKey)
}

export function verify(purpose: string, parts: readonly (Uint8Array | string)[], signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== KEY_BYTES) return false
  return sodium.crypto_sign_verify_detached(signature, fields(purpose, ...parts), publicKey)
}
