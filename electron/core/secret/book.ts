/** Where changes to secret chats are written: one transaction, then one event for each record that changed or went. */
import type { ChatSummary, Message } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Comparing, Notice } from '../../../shared/contract/secret.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import type { Owner } from '../chats/ledger.ts'
import type { Moving } from '../chats/rows.ts'
import { randomUuid } from '../chats/uuid.ts'
import type { Emit } from '../emit.ts'
import type { Store } from '../store/store.ts'
import { createTouched, type Touched } from '../touched.ts'
import {
  type SecretChatRow,
  type SecretMessageRow,
  selectSecretChats,
  selectSecretMessages,
  toSecretMessage,
  toSecretSummary,
} from './rows.ts'
import { createUnread } from './unread.ts'

type Changing =
  | 'draft'
  | 'read_ord'
  | 'state'
  | 'ended'
  | 'ttl'
  | 'ttl_version'
  | 'compared'
  | 'identity'
  | 'broken_at'
  | 'reset_at'
  | 'version'

export interface SecretBook extends Touched {
  readonly store: Store
  readonly owner: Owner
  chats(): ChatSummary[]
  /** Throws `no-such-chat`. */
  chat(chatId: string): SecretChatRow
  find(chatId: string): SecretChatRow | undefined
  summary(chatId: string): ChatSummary
  /** Throws `no-such-message`. */
  row(where: { readonly id: string } | { readonly ord: number }): SecretMessageRow
  has(id: string): boolean
  message(row: SecretMessageRow): Message
  /** Inside a `write`: the chat begins, or begins anew. Changes of chats go through here, for what was read of one is kept while a `write` lasts. */
  open(chatId: string, handle: string, state: 'waiting' | 'asked'): void
  /** Inside a `write`. Only the named columns change. */
  setChat(chatId: string, change: Partial<Pick<SecretChatRow, Changing>>): void
  /** Inside a `write`: a row that nobody wrote. `by`: whose doing it was. */
  notice(chatId: string, notice: Notice, by?: 'me' | 'peer'): void
  /** The same, unless it is the newest row already. */
  noticeOnce(chatId: string, notice: Notice, by?: 'me' | 'peer'): void
  /** Inside a `write`: these rows go for good. */
  forget(ords: readonly number[]): void
}

export interface BookDeps {
  readonly store: Store
  readonly owner: Owner
  readonly emit: Emit
  readonly clock: Clock
  readonly random: Random
  comparing(chatId: string): Comparing | null
  readonly moving: Moving
  /** Inside a `write`: a message of the other side went. */
  forgot(id: string, chatId: string): void
}

export const secretIdOf = (handle: string) => `secret:${handle}`
export const isSecret = (chatId: string) => chatId.startsWith('secret:')

export function createBook({ store, owner, emit, clock, random, comparing, moving, forgot }: BookDeps): SecretBook {
  const unread = createUnread(store)
  /** As it stands within the `write` under way. */
  const held = new Map<string, SecretChatRow>()
  const find = (chatId: string) => {
    const known = held.get(chatId)
    if (known) return known
    const row = selectSecretChats(store, 'WHERE c.id = ?', [chatId])[0]
    if (row && touched.isWriting()) held.set(chatId, row)
    return row
  }
  const touched = createTouched(store, {
    message(ord) {
      const row = selectSecretMessages(store, 'WHERE m.ord = ?', [ord])[0]
      // While a chat is only asked for, nothing but the request is shown.
      if (row && find(row.chat_id)?.state !== 'asked') emit('message.changed', toSecretMessage(row, owner.handle, moving))
    },
    chat(chatId) {
      const row = find(chatId)
      if (row) emit('chat.changed', summaryOf(row))
    },
    gone: (id, chatId) => emit('message.removed', { id, chatId }),
  })

  const summaryOf = (row: SecretChatRow) => toSecretSummary(store, row, comparing(row.id), unread)

  const book: SecretBook = {
    ...touched,
    write<T>(work: () => T): T {
      if (touched.isWriting()) return work()
      return touched.write(() => {
        try {
          return work()
        } finally {
          held.clear()
        }
      })
    },
    store,
    owner,
    find,
    chats: () =>
      selectSecretChats(store, 'ORDER BY coalesce((SELECT max(at) FROM secret_message WHERE chat_id = c.id), since) DESC, handle').map(
        summaryOf,
      ),
    chat(chatId) {
      const row = find(chatId)
      if (!row) throw new BackendError('no-such-chat')
      return row
    },
    summary: (chatId) => summaryOf(book.chat(chatId)),
    row(where) {
      const row =
        'id' in where
          ? selectSecretMessages(store, 'WHERE m.id = ?', [where.id])[0]
          : selectSecretMessages(store, 'WHERE m.ord = ?', [where.ord])[0]
      if (!row) throw new BackendError('no-such-message')
      return row
    },
    has: (id) => store.get('SELECT 1 AS here FROM secret_message WHERE id = ?', [id]) !== undefined,
    message: (row) => toSecretMessage(row, owner.handle, moving),
    open(chatId, handle, state) {
      store.run(
        `INSERT INTO secret_chat (id, peer, state, since, since_ord)
         VALUES (?, ?, ?, ?, (SELECT coalesce(max(ord), 0) FROM secret_message WHERE chat_id = ?))
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended = NULL, since = excluded.since,
           since_ord = excluded.since_ord, broken_at = NULL`,
        [chatId, handle, state, clock.now(), chatId],
      )
      held.delete(chatId)
      touched.touchChat(chatId)
    },
    setChat(chatId, change) {
      for (const [column, value] of Object.entries(change)) {
        store.run(`UPDATE secret_chat SET ${column} = ? WHERE id = ?`, [value ?? null, chatId])
      }
      held.delete(chatId)
      touched.touchChat(chatId)
    },
    notice(chatId, notice, by = 'peer') {
      const row = store.get<{ ord: number }>(
        "INSERT INTO secret_message (id, chat_id, mine, kind, text, at, kept) VALUES (?, ?, ?, 'notice', ?, ?, 1) RETURNING ord",
        [randomUuid(random), chatId, by === 'me' ? 1 : 0, JSON.stringify(notice), clock.now()],
      )
      if (row) touched.touchMessage(row.ord)
      touched.touchChat(chatId)
    },
    noticeOnce(chatId, notice, by = 'peer') {
      const newest = store.get<{ text: string; mine: number }>(
        'SELECT text, mine FROM secret_message WHERE chat_id = ? ORDER BY ord DESC LIMIT 1',
        [chatId],
      )
      if (newest?.text !== JSON.stringify(notice) || newest.mine !== (by === 'me' ? 1 : 0)) book.notice(chatId, notice, by)
    },
    forget(ords) {
      for (const ord of ords) {
        const row = selectSecretMessages(store, 'WHERE m.ord = ?', [ord])[0]
        if (!row) continue
        store.run('DELETE FROM secret_message WHERE ord = ?', [ord])
        unread.forget(row.chat_id)
        if (row.mine === 0 && row.kind !== 'notice') forgot(row.id, row.chat_id)
        touched.touchGone(row.id, row.chat_id)
        touched.touchChat(row.chat_id)
      }
    },
  }
  return book
}
