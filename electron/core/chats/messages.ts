/** Messages of a chat: listing, and our own ones as the user writes, retries and discards them. */
import type { Message } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { AtRelay } from '../../../shared/contract/secret.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { nextCid } from './counter.ts'
import type { Ledger } from './ledger.ts'
import { selectMessages } from './rows.ts'

export interface Messages {
  list(input: { chatId: string; before?: number | undefined; limit: number }): { messages: Message[]; hasOlder: boolean }
  /** Kept on the disk when it returns. The same `id` again answers what was kept the first time. */
  send(input: { id: string; chatId: string; text: string }): Message
  /** A failed message of ours goes again, in its old place, under a new number: the relay never took the old one. */
  retry(id: string): Message
  /** The newest message of the chat that the relay has, with its words. */
  atRelay(chatId: string): AtRelay
  /** Throws `refused` for a message that has not failed. */
  discard(id: string): { chatId: string }
}

/** Inside a `write`: one more message of ours at the end of the chat. Answers its position. */
export function appendOwn(
  ledger: Ledger,
  clock: Clock,
  { id, chatId, kind, text }: { id: string; chatId: string; kind: 'text' | 'file'; text: string },
): number {
  const { store, owner } = ledger
  const row = store.get<{ ord: number }>(
    `INSERT INTO message (id, chat_id, sender, mine, kind, text, at, device, cid)
     VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?) RETURNING ord`,
    [id, chatId, owner.handle, kind, text, clock.now(), owner.device, nextCid(store.values)],
  )
  if (!row) throw new Error('an inserted row has a position')
  ledger.touchMessage(row.ord)
  ledger.touchChat(chatId)
  return row.ord
}

export function createMessages(ledger: Ledger, clock: Clock): Messages {
  const { store } = ledger

  const failed = (id: string) => {
    const row = ledger.row({ id })
    if (row.failure === null) throw new BackendError('refused', 'only a failed message')
    return row
  }

  return {
    list({ chatId, before, limit }) {
      ledger.chat(chatId)
      const rows = selectMessages(store, 'WHERE m.chat_id = ? AND m.ord < ? ORDER BY m.ord DESC LIMIT ?', [
        chatId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      ])
      return { messages: rows.slice(0, limit).reverse().map(ledger.message), hasOlder: rows.length > limit }
    },

    send({ id, chatId, text }) {
      ledger.chat(chatId)
      const known = selectMessages(store, 'WHERE m.id = ?', [id])[0]
      if (known) {
        if (known.chat_id !== chatId || known.mine === 0) throw new BackendError('bad-input', 'id')
        return ledger.message(known)
      }
      const ord = ledger.write(() => {
        // What was being written is what was sent.
        store.run("UPDATE chat SET draft = '' WHERE id = ?", [chatId])
        return appendOwn(ledger, clock, { id, chatId, kind: 'text', text })
      })
      return ledger.message(ledger.row({ ord }))
    },

    atRelay(chatId) {
      ledger.chat(chatId)
      const row = selectMessages(store, 'WHERE m.chat_id = ? AND m.seq IS NOT NULL ORDER BY m.ord DESC LIMIT 1', [chatId])[0]
      return row ? { kind: 'cloud', text: row.text, at: row.at, mine: row.mine === 1 } : null
    },

    retry(id) {
      const { ord, chat_id } = failed(id)
      ledger.write(() => {
        store.run('UPDATE message SET failure = NULL, cid = ? WHERE ord = ?', [nextCid(store.values), ord])
        store.run('UPDATE file SET uploads = 0 WHERE ord = ?', [ord])
        ledger.touchMessage(ord)
        ledger.touchChat(chat_id)
      })
      return ledger.message(ledger.row({ ord }))
    },

    discard(id) {
      const { ord, chat_id } = failed(id)
      ledger.write(() => {
        store.run('DELETE FROM message WHERE ord = ?', [ord])
        ledger.touchChat(chat_id)
      })
      return { chatId: chat_id }
    },
  }
}
