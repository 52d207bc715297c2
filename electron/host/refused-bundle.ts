/** Why an engine did not take a bundle, in words for whoever named the file, with what to do next. */
import { BackendError } from '../../shared/contract/errors.ts'
import { UsageError } from './usage-error.ts'

/** By the detail of `bad-bundle`: what openBundle or reading the file said. Any other: the file never was a bundle. */
const reasons: Readonly<Record<string, string>> = {
  'cannot be read': 'is not there or cannot be read.',
  'bad-signature': 'was changed after the relay signed it. Ask for the file again.',
  expired: 'has expired. Ask for the newest bundle.json of the relay.',
  'not-yet-valid': 'is not valid yet. Is the clock of this computer right?',
}

/**
 * The same error, or for `bad-bundle` a UsageError about `file`. `begin` says how one begins with a relay that is not the one that
 * the chats kept here belong to.
 */
export function explainBundle(error: unknown, file: string, begin: string): unknown {
  if (!(error instanceof BackendError) || error.code !== 'bad-bundle') return error
  const foreign = `is not from the relay of the chats kept here, or that relay was made anew. ${begin}`
  const reason =
    error.detail === 'foreign' ? foreign : (reasons[error.detail] ?? 'is no bundle. Take bundle.json from the folder of the relay.')
  return new UsageError(`--bundle: "${file}" ${reason}`)
}
