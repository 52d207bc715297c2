/** Keys of real profiles: 32 random bytes each, kept beside the profile, wrapped by the system's keychain. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { toBase64Url } from '../../shared/util/bytes.ts'
import type { ElectronParts } from './electron.ts'

/** `weak`: a key that any program of this user can work out, as on a Linux desktop without a keyring. */
export type KeychainStrength = 'protected' | 'weak' | 'none'

type SafeStorage = Pick<
  ElectronParts['safeStorage'],
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>

/** Only after `ready`: before it Electron does not know the backend. */
export async function keychainStrength(safeStorage: SafeStorage, platform: NodeJS.Platform): Promise<KeychainStrength> {
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return 'none'
  if (platform !== 'linux') return 'protected'
  const backend = safeStorage.getSelectedStorageBackend()
  return backend === 'basic_text' || backend === 'unknown' ? 'weak' : 'protected'
}

/** The key of this profile's store as base64url, made at the first call. Throws if the keychain refuses, rather than write a key in clear. */
export async function storeKey(safeStorage: SafeStorage, keysDir: string, handle: string): Promise<string> {
  const path = join(keysDir, `${handle}.key`)
  const wrapped = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    // Only a missing file may lead to a new key: any other trouble must not cost the old one.
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (wrapped) {
    const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(wrapped)
    if (shouldReEncrypt) await writeFile(path, await safeStorage.encryptStringAsync(result), { mode: 0o600 })
    return result
  }
  const key = toBase64Url(new Uint8Array(randomBytes(32)))
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(path, await safeStorage.encryptStringAsync(key), { mode: 0o600, flag: 'wx' })
  return key
}
