/** `store.lock`: the store key behind a passphrase; while the passphrase or the key is being changed, the one before it as well. */
import { existsSync, readFileSync } from 'node:fs'
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import { WrappedKey } from './key-wrap.ts'
import { writeFileDurably } from './write-file.ts'

/** The newest first. */
const LockFile = v.strictObject({ v: v.literal(1), boxes: v.pipe(v.array(WrappedKey), v.minLength(1), v.maxLength(2)) })

/** `null`: no passphrase is set. Throws `store-damaged` for a file that is none, which stays as it is. */
export function readLock(path: string): readonly WrappedKey[] | null {
  if (!existsSync(path)) return null
  try {
    return v.parse(LockFile, JSON.parse(readFileSync(path, 'utf8'))).boxes
  } catch {
    throw new BackendError('store-damaged', 'the lock file is not whole')
  }
}

export function writeLock(path: string, boxes: readonly WrappedKey[]): void {
  writeFileDurably(path, JSON.stringify({ v: 1, boxes }))
}
