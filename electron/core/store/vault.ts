/**
 * Which key opens the store of a profile: one that lies beside it or in the system's keychain, or one behind a passphrase. Going
 * from one to another encrypts the store anew, so that the key before opens nothing, and may be cut short at any point: every
 * file that may still be needed stays until the store has opened without it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sodium from 'libsodium-wrappers'
import { BackendError } from '../../../shared/contract/errors.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import type { Random } from '../../../shared/util/random.ts'
import { forgetKeyCheck, writeKeyCheck } from './key-check.ts'
import { practiceKey, STORE_KEY_BYTES } from './key-file.ts'
import { unwrapKey, type WrapCost, type WrappedKey, wrapKey } from './key-wrap.ts'
import { readLock, writeLock } from './lock-file.ts'
import { openStore, type Store, WRONG_KEY } from './store.ts'
import { eraseFile, writeFileDurably } from './write-file.ts'

export interface VaultInput {
  readonly profileDir: string
  /** The key that the system's keychain holds for this profile; `null`: the key lies beside the store. */
  readonly keychainKey: Uint8Array | null
  readonly random: Random
  /** Of passphrases set from now on. */
  readonly cost?: WrapCost
}

export interface Vault {
  /** A passphrase is set. */
  hasPassphrase(): boolean
  /** `null` without a passphrase where one is needed. Throws `store-locked` for a wrong one, `store-damaged`. */
  open(passphrase: string | null): Store | null
  /** Throws `store-locked` unless it is this one. Takes about a second, as opening does. */
  check(passphrase: string): void
  /** Sets, changes (`next`) or removes (`null`) the passphrase of the open store. Throws `store-locked` if `current` is not it. */
  setPassphrase(store: Store, current: string | null, next: string | null): void
}

export function createVault({ profileDir, keychainKey, random, cost }: VaultInput): Vault {
  const storePath = join(profileDir, 'store.db')
  const keyPath = join(profileDir, 'store.key')
  const lockPath = join(profileDir, 'store.lock')
  const options = { beside: keychainKey, ...(cost && { cost }) }
  const openWith = (key: Uint8Array) => openStore({ path: storePath, key })
  /** The key that needs no passphrase, where there is one. */
  const clearKey = () => keychainKey ?? (existsSync(keyPath) ? practiceKey(keyPath, storePath, random) : null)

  const openClear = (): Store | null => {
    const key = clearKey()
    const store = key && unlessWrong(() => openWith(key))
    // A passphrase was about to be set, or had just been removed: nobody was told that it holds.
    if (store) eraseFile(lockPath)
    return store
  }
  const openLocked = (boxes: readonly WrappedKey[], passphrase: string): Store => {
    const found = firstFitting(boxes, (box) => {
      const key = unwrapKey(box, passphrase, keychainKey)
      try {
        return { box, store: openWith(key) }
      } finally {
        sodium.memzero(key)
      }
    })
    if (boxes.length > 1) writeLock(lockPath, [found.box])
    eraseFile(keyPath)
    return found.store
  }
  const held = (passphrase: string | null): WrappedKey[] => {
    const boxes = readLock(lockPath)
    if (boxes === null) return []
    if (passphrase === null) throw new BackendError('store-locked', 'the passphrase is needed')
    return [
      firstFitting(boxes, (box) => {
        sodium.memzero(unwrapKey(box, passphrase, keychainKey))
        return box
      }),
    ]
  }

  return {
    hasPassphrase: () => existsSync(lockPath),
    open(passphrase) {
      const boxes = readLock(lockPath)
      if (boxes === null) return openWith(keychainKey ?? practiceKey(keyPath, storePath, random))
      const open = openClear()
      if (open || passphrase === null) return open
      return openLocked(boxes, passphrase)
    },
    check: (passphrase) => void held(passphrase),
    setPassphrase(store, current, next) {
      const before = held(current)
      if (next === null && before.length === 0) return
      const key = next === null && keychainKey ? keychainKey : random.bytes(STORE_KEY_BYTES)
      const box = next === null ? null : wrapKey(key, next, random, options)
      // Both ways in stand while the store changes from one to the other.
      if (box) writeLock(lockPath, [box, ...before])
      else if (!keychainKey) writeFileDurably(keyPath, toBase64Url(key))
      forgetKeyCheck(storePath)
      store.rekey(key)
      writeKeyCheck(storePath, key)
      if (box) {
        if (before.length > 0) writeLock(lockPath, [box])
        eraseFile(keyPath)
      } else eraseFile(lockPath)
      if (key !== keychainKey) sodium.memzero(key)
    },
  }
}

/** `null` where the key does not fit; any other failure is thrown, above all that another process has the store open. */
function unlessWrong<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if (isLocked(error) && error.detail === WRONG_KEY) return null
    throw error
  }
}

/** Throws what the last one threw. */
function firstFitting<T>(boxes: readonly WrappedKey[], tryWith: (box: WrappedKey) => T): T {
  let failure: unknown
  for (const box of boxes) {
    try {
      return tryWith(box)
    } catch (error) {
      if (!isLocked(error)) throw error
      failure = error
    }
  }
  throw failure
}

const isLocked = (error: unknown): error is BackendError => error instanceof BackendError && error.code === 'store-locked'
