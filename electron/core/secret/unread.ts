/**
 * Counts what is unread in a chat. What was counted once is not counted again: rows only come in at the end, so only those behind
 * the last look are looked at, however long the chat is. Asked outside of transactions, for what one rolls back was never there.
 */
import type { Store } from '../store/store.ts'

export interface Unread {
  /** Behind position `readOrd`: how many messages of the other side, and the first. */
  of(chatId: string, readOrd: number): { readonly count: number; readonly first: number | null }
  /** A row of this chat went. */
  forget(chatId: string): void
}

interface Counted {
  readonly readOrd: number
  readonly upTo: number
  readonly count: number
  readonly first: number | null
}

const THEIRS = "mine = 0 AND kind <> 'notice'"

export function createUnread(store: Store): Unread {
  const counted = new Map<string, Counted>()

  return {
    of(chatId, readOrd) {
      const known = counted.get(chatId)
      const before = known?.readOrd === readOrd ? known : { readOrd, upTo: readOrd, count: 0, first: null }
      const more = store.get<{ count: number; first: number | null; last: number | null }>(
        `SELECT count(*) FILTER (WHERE ${THEIRS}) AS count, min(ord) FILTER (WHERE ${THEIRS}) AS first, max(ord) AS last
         FROM secret_message WHERE chat_id = ? AND ord > ?`,
        [chatId, before.upTo],
      )
      const now = {
        readOrd,
        upTo: more?.last ?? before.upTo,
        count: before.count + (more?.count ?? 0),
        first: before.first ?? more?.first ?? null,
      }
      counted.set(chatId, now)
      return now
    },
    forget: (chatId) => void counted.delete(chatId),
  }
}
