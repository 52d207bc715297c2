/**
 * Tells a wrong key from a damaged first page, which SQLCipher reports alike: a one-way check value of the key, kept
 * beside the store. The key is 32 random bytes, so the value gives nothing to guess against.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import sodium from 'libsodium-wrappers'
import { toBase64Url, utf8 } from '../../../shared/util/bytes.ts'
import { syncFolder, writeFileDurably } from './write-file.ts'

await sodium.ready

const PURPOSE = 'throughline store key check v1'

const checkPath = (storePath: string) => `${storePath}.check`
const checkValue = (key: Uint8Array) => toBase64Url(sodium.crypto_generichash(32, utf8(PURPOSE), key))

/** `unknown` when no check value lies beside the store. */
export function checkKey(storePath: string, key: Uint8Array): 'right' | 'wrong' | 'unknown' {
  if (!existsSync(checkPath(storePath))) return 'unknown'
  return readFileSync(checkPath(storePath), 'utf8').trim() === checkValue(key) ? 'right' : 'wrong'
}

export function writeKeyCheck(storePath: string, key: Uint8Array): void {
  writeFileDurably(checkPath(storePath), checkValue(key))
}

/** Before the key changes: until the new value stands, a key that does not fit counts as wrong, never as a damaged store. */
export function forgetKeyCheck(storePath: string): void {
  rmSync(checkPath(storePath), { force: true })
  syncFolder(checkPath(storePath))
}
