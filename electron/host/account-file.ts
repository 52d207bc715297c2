/** The file of an account that comes from another computer, read for whoever named it on the command line. */
import { readFile, stat } from 'node:fs/promises'
import { BackendError } from '../../shared/contract/errors.ts'
import { UsageError } from './usage-error.ts'

/** Far more than any account needs. */
const MAX_BYTES = 1024 * 1024

/** Its text, not looked at. Throws `UsageError`. */
export async function readAccount(file: string): Promise<string> {
  try {
    if ((await stat(file)).size <= MAX_BYTES) return await readFile(file, 'utf8')
  } catch {
    throw new UsageError(`--account: "${file}" is not there or cannot be read.`)
  }
  throw new UsageError(`--account: "${file}" is no account file.`)
}

/** The same error, or for `bad-account` a UsageError about `file`. */
export function explainAccount(error: unknown, file: string): unknown {
  if (!(error instanceof BackendError) || error.code !== 'bad-account') return error
  if (error.detail === 'of another handle')
    return new UsageError(`--account: "${file}" is the account of somebody else than the first of --users.`)
  return new UsageError(`--account: "${file}" is no account file, or it was altered.`)
}
