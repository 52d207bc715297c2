/**
 * Tells what came and what was seen: gathered, at most one packet in two seconds for a chat, so that a flood of messages is not
 * answered by another. Nothing is told before the user has accepted. What is still to be told lies in the store.
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { SecretBook } from './book.ts'
import type { Postbox } from './postbox.ts'

/** All of it runs inside a `write`. */
export interface Receipts {
  tell(chatId: string, kind: 'kept' | 'seen', ids: readonly string[]): void
  /** Of everything that came and was not told of. */
  tellKept(chatId: string): void
  /** What was not told is not told any more: nobody is there to hear it. */
  drop(chatId: string): void
  close(): void
}

export interface ReceiptsDeps {
  readonly book: () => SecretBook
  readonly postbox: () => Pick<Postbox, 'queue' | 'flush' | 'poke'>
  readonly clock: Clock
}

const EVERY_MS = 2000
/** Names in one item: a body stays small. */
const IDS = 300

export function createReceipts({ book, postbox, clock }: ReceiptsDeps): Receipts {
  /** By chat: when it was last told, and what waits for the next time. */
  const lastAt = new Map<string, number>()
  const timers = new Map<string, Timer>()

  const send = (chatId: string) => {
    const { store } = book()
    for (const kind of ['kept', 'seen'] as const) {
      const ids = store
        .all<{ id: string }>('SELECT id FROM secret_receipt WHERE chat_id = ? AND kind = ?', [chatId, kind])
        .map(({ id }) => id)
      for (let at = 0; at < ids.length; at += IDS) postbox().queue(chatId, { kind, ids: ids.slice(at, at + IDS) })
    }
    if (store.run('DELETE FROM secret_receipt WHERE chat_id = ?', [chatId]) === 0) return
    lastAt.set(chatId, clock.monotonic())
    postbox().flush(chatId)
  }
  const soon = (chatId: string) => {
    if (book().find(chatId)?.state !== 'secured' || timers.has(chatId)) return
    const last = lastAt.get(chatId)
    const wait = last === undefined ? 0 : last + EVERY_MS - clock.monotonic()
    if (wait <= 0) return send(chatId)
    timers.set(
      chatId,
      clock.after(wait, () => {
        timers.delete(chatId)
        if (book().find(chatId)?.state !== 'secured') return
        book().write(() => send(chatId))
        postbox().poke()
      }),
    )
  }
  const tell: Receipts['tell'] = (chatId, kind, ids) => {
    for (const id of ids) book().store.run('INSERT OR IGNORE INTO secret_receipt (chat_id, id, kind) VALUES (?, ?, ?)', [chatId, id, kind])
    soon(chatId)
  }

  return {
    tell,
    tellKept(chatId) {
      const { store } = book()
      if (book().chat(chatId).state !== 'secured') return
      const rows = store.all<{ id: string }>(
        "UPDATE secret_message SET kept = 1 WHERE chat_id = ? AND mine = 0 AND kept = 0 AND kind <> 'notice' RETURNING id",
        [chatId],
      )
      tell(
        chatId,
        'kept',
        rows.map(({ id }) => id),
      )
    },
    drop: (chatId) => void book().store.run('DELETE FROM secret_receipt WHERE chat_id = ?', [chatId]),
    close() {
      for (const timer of timers.values()) timer.cancel()
    },
  }
}
