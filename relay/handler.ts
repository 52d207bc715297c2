/** What the handlers of all requests have in common: their shape, refusals, and finding the person a request is about. */
import * as v from 'valibot'
import type { RefusalCode, RequestInput, RequestName, RequestOutput } from '../shared/protocol/relay.ts'
import { WireKey } from '../shared/protocol/wire.ts'
import type { Session } from './presence.ts'
import type { Account, Accounts } from './store/accounts.ts'

export type Answer<K extends RequestName> = (output: RequestOutput<K>) => void
export type Handler<K extends RequestName> = (session: Session, input: RequestInput<K>, answer: Answer<K>) => void

export const refusal = (code: RefusalCode) => ({ ok: false, code }) as const

/** The account of this handle, or why it is not the one that was meant. */
export function findRecipient(accounts: Accounts, handle: string, key: string): Account | RefusalCode {
  const account = accounts.byHandle(handle)
  if (account?.key === key) return account
  if (!v.is(WireKey, key)) return 'bad-input'
  return account ? 'wrong-key' : 'unknown-handle'
}

/**
 * After the answer to what could not be kept. The sender may have more under way, which must not be accepted before it: a new
 * connection starts again with what is oldest.
 */
export function notKept(session: Session, answer: (output: ReturnType<typeof refusal>) => void): void {
  answer(refusal('internal'))
  session.drop()
}
