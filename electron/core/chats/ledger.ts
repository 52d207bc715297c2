/**
 * Where changes to chats are written: one transaction, then, once it is on the disk, one event for each record that
 * changed. Whoever changes a row says which record it touched; nobody else emits `message.changed` or `chat.changed`.
 */
import type { ChatSummary, Message } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Emit } from '../emit.ts'
import type { Store } from '../store/store.ts'
import { createTouched, type Touched } from '../touched.ts'
import { type ChatRow, type MessageRow, type Moving, selectMessages, toMessage, toSummary } from './rows.ts'

/** Whose profile this is. Texts are base64url, as on the wire. */
export interface Owner {
  readonly handle: string
  readonly key: string
  readonly device: string
}

export interface Ledger extends Omit<Touched, 'touchGone'> {
  readonly store: Store
  readonly owner: Owner
  /** Throws `no-such-message`. */
  row(where: { readonly id: string } | { readonly ord: number }): MessageRow
  message(row: MessageRow): Message
  /** Throws `no-such-chat`. */
  chat(chatId: string): ChatRow
  summary(chatId: string): ChatSummary
}

const CHAT = 'SELECT chat.id, chat.draft, chat.since, chat.read_ord, handle, key, source FROM chat JOIN contact ON handle = peer'

export const selectChats = (store: Store): ChatRow[] =>
  store.all<ChatRow>(`${CHAT} ORDER BY coalesce((SELECT max(ord) FROM message WHERE chat_id = chat.id), 0) DESC, since DESC, handle`)

export function createLedger(store: Store, owner: Owner, emit: Emit, moving: Moving): Ledger {
  const { write, touchMessage, touchChat } = createTouched(store, {
    message(ord) {
      const row = selectMessages(store, 'WHERE m.ord = ?', [ord])[0]
      if (row) emit('message.changed', toMessage(row, moving))
    },
    chat: (chatId) => emit('chat.changed', ledger.summary(chatId)),
  })

  const ledger: Ledger = {
    store,
    owner,
    write,
    touchMessage,
    touchChat,
    row(where) {
      const row =
        'id' in where ? selectMessages(store, 'WHERE m.id = ?', [where.id])[0] : selectMessages(store, 'WHERE m.ord = ?', [where.ord])[0]
      if (!row) throw new BackendError('no-such-message')
      return row
    },
    message: (row) => toMessage(row, moving),
    chat(chatId) {
      const row = store.get<ChatRow>(`${CHAT} WHERE chat.id = ?`, [chatId])
      if (!row) throw new BackendError('no-such-chat')
      return row
    },
    summary: (chatId) => toSummary(store, ledger.chat(chatId)),
  }
  return ledger
}
