/** The store key of a practice profile: it lies beside the store, without a passphrase, and the settings say so. */
import { existsSync, readFileSync } from 'node:fs'
import { BackendError } from '../../../shared/contract/errors.ts'
import { fromBase64Url, toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import { writeFileDurably } from './write-file.ts'

export const STORE_KEY_BYTES = 32

/** Reads a key as text. Throws `store-locked` if it is not 32 bytes of base64url. */
export function parseStoreKey(text: string): Uint8Array {
  try {
    const key = fromBase64Url(text.trim())
    if (key.length === STORE_KEY_BYTES) return key
  } catch {
    // Told below: what the text was is nobody's business.
  }
  throw new BackendError('store-locked', 'the key is not 32 bytes of base64url')
}

/** Answers the key in `path`, made at first. Throws `store-locked` when a store is there but its key is not: a new key could never open it. */
export function practiceKey(path: string, storePath: string, random: Random): Uint8Array {
  if (existsSync(path)) return parseStoreKey(readFileSync(path, 'utf8'))
  if (existsSync(storePath)) throw new BackendError('store-locked', 'the key file of this profile is missing')
  const key = random.bytes(STORE_KEY_BYTES)
  writeFileDurably(path, toBase64Url(key))
  return key
}
