/** What the user does in a secret thread as in any other: listing, writing, reading, drafts. */
import type { Message } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { randomUuid } from '../chats/uuid.ts'
import type { SecretBook } from './book.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import type { Postbox } from './postbox.ts'
import { type SecretMessageRow, selectSecretMessages } from './rows.ts'

export interface Writing {
  has(id: string): boolean
  list(input: { chatId: string; before?: number | undefined; limit: number }): { messages: Message[]; hasOlder: boolean }
  /** Kept on the disk when it returns. The same `id` again answers what was kept the first time. Throws `refused` where nothing may be written. */
  send(input: { id: string; chatId: string; text: string }): Message
  /** A failed message goes again, at the end and under a new name. */
  retry(id: string): Message
  /** Throws `refused` for a message that has not failed. */
  discard(id: string): void
  read(chatId: string, order: number): void
  /** Throws `no-such-chat`, `refused` where nothing may be written. */
  mayWrite(chatId: string): void
  /** Inside a `write`: one more message of ours at the end of the chat. Answers its position. */
  append(message: { id: string; chatId: string; kind: 'text' | 'file'; text: string }): number
  setDraft(chatId: string, text: string): void
}

export interface WritingDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'post' | 'poke'>
  readonly clock: Clock
  readonly random: Random
  readonly deadlines: DeadlineClock
  /** A message was kept that is to go, and may have a deadline. */
  written(): void
}

/** A message with a timer that nobody ever sees goes after this. */
const UNSEEN_MS = 28 * 24 * 3_600_000

export function createWriting({ book, postbox, clock, random, deadlines, written }: WritingDeps): Writing {
  const { store } = book

  const append = ({ id, chatId, kind, text }: Parameters<Writing['append']>[0]) => {
    const { ttl } = book.chat(chatId)
    const cap = deadlines.now() + UNSEEN_MS
    const row = store.get<{ ord: number }>(
      'INSERT INTO secret_message (id, chat_id, mine, kind, text, at, ttl, cap) VALUES (?, ?, 1, ?, ?, ?, ?, ?) RETURNING ord',
      [id, chatId, kind, text, clock.now(), ttl, cap],
    )
    if (!row) throw new Error('an inserted row has a position')
    book.touchMessage(row.ord)
    book.touchChat(chatId)
    return { ord: row.ord, ttl, cap }
  }
  const appendText = (id: string, chatId: string, text: string) => {
    const { ord, ttl, cap } = append({ id, chatId, kind: 'text', text })
    postbox.post(chatId, { kind: 'text', id, text, ttl, cap }, ord)
    return ord
  }
  /** A file that failed goes from the start, under another key. */
  const appendFile = (id: string, chatId: string, before: SecretMessageRow) => {
    const { ord } = append({ id, chatId, kind: 'file', text: before.text })
    store.run('UPDATE secret_file SET ord = ?, message_id = ?, media = NULL, uploads = 0 WHERE ord = ?', [ord, id, before.ord])
    return ord
  }
  const mayWrite = (chatId: string) => {
    const { state } = book.chat(chatId)
    if (state !== 'waiting' && state !== 'secured') throw new BackendError('refused', `not while ${state}`)
  }
  const failed = (id: string) => {
    const row = book.row({ id })
    if (row.failure === null) throw new BackendError('refused', 'only a failed message')
    return row
  }

  return {
    has: book.has,
    mayWrite,
    append: (message) => append(message).ord,
    list({ chatId, before, limit }) {
      if (book.chat(chatId).state === 'asked') return { messages: [], hasOlder: false }
      const rows = selectSecretMessages(store, 'WHERE m.chat_id = ? AND m.ord < ? ORDER BY m.ord DESC LIMIT ?', [
        chatId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      ])
      return { messages: rows.slice(0, limit).reverse().map(book.message), hasOlder: rows.length > limit }
    },
    send({ id, chatId, text }) {
      if (book.has(id)) {
        const known = book.row({ id })
        if (known.chat_id !== chatId || known.mine === 0) throw new BackendError('bad-input', 'id')
        return book.message(known)
      }
      mayWrite(chatId)
      const ord = book.write(() => {
        if (book.chat(chatId).draft !== '') book.setChat(chatId, { draft: '' })
        return appendText(id, chatId, text)
      })
      postbox.poke()
      written()
      return book.message(book.row({ ord }))
    },
    retry(id) {
      const row = failed(id)
      const { ord, chat_id, text, kind } = row
      mayWrite(chat_id)
      const again = book.write(() => {
        const name = randomUuid(random)
        const added = kind === 'file' ? appendFile(name, chat_id, row) : appendText(name, chat_id, text)
        book.forget([ord])
        return added
      })
      postbox.poke()
      written()
      return book.message(book.row({ ord: again }))
    },
    discard(id) {
      const { ord } = failed(id)
      book.write(() => book.forget([ord]))
    },
    read(chatId, order) {
      const chat = book.chat(chatId)
      if (chat.state === 'asked' || order <= chat.read_ord) return
      const newest = store.get<{ ord: number | null }>('SELECT max(ord) AS ord FROM secret_message WHERE chat_id = ? AND ord <= ?', [
        chatId,
        order,
      ])
      if (newest?.ord == null || newest.ord <= chat.read_ord) return
      const { ord } = newest
      book.write(() => book.setChat(chatId, { read_ord: ord }))
    },
    setDraft(chatId, text) {
      if (book.chat(chatId).draft === text) return
      book.write(() => book.setChat(chatId, { draft: text }))
    },
  }
}
