/** The command line of `npm start`, as data. */
import { parseArgs } from 'node:util'
import * as v from 'valibot'
import { Handle } from '../../shared/contract/chat.ts'
import { UsageError } from './usage-error.ts'

export interface StartFlags {
  readonly users: readonly string[]
  /** Browser windows even where Electron is there; decided before this shell starts, so nothing here depends on it. */
  readonly browser: boolean
  readonly fresh: boolean
  readonly bundle: string | null
  /** An account that comes from another computer, for the first of `users`. */
  readonly account: string | null
  /** Where chats and the simulated internet are kept; `null`: where they always are. */
  readonly data: string | null
}

/** Throws `UsageError` with one sentence for whoever typed it. */
export function parseStartFlags(argv: readonly string[]): StartFlags {
  const { values } = parse(argv)
  const users = (values.users ?? 'alice,bob').split(',').map((name) => name.trim().toLowerCase())
  const wrong = users.find((name) => !v.is(Handle, name))
  if (wrong !== undefined) throw new UsageError(`--users: "${wrong}" is no handle; use 3 to 32 of a-z, 0-9 and _, starting with a letter.`)
  if (new Set(users).size !== users.length) throw new UsageError('--users: the same name stands twice.')
  // A folder that somebody named may hold more than ours.
  if (values.fresh && values.data !== undefined)
    throw new UsageError('--fresh empties only the usual folder; empty the one of --data yourself.')
  const { browser = false, fresh = false, bundle = null, account = null, data = null } = values
  return { users, browser, fresh, bundle, account, data }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        users: { type: 'string' },
        browser: { type: 'boolean' },
        fresh: { type: 'boolean' },
        bundle: { type: 'string' },
        account: { type: 'string' },
        data: { type: 'string' },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the flags cannot be read')
  }
}
