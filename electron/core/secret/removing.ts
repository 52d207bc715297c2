/** Removing messages for both sides: here at once, and there as soon as it is reached. */
import type { SecretBook } from './book.ts'
import type { Postbox } from './postbox.ts'
import type { Repeating } from './repeating.ts'
import { selectSecretMessages } from './rows.ts'

export interface Removing {
  remove(chatId: string, ids: readonly string[]): void
  /** Inside a `write`: the other side removed these. */
  removeByPeer(chatId: string, ids: readonly string[]): void
}

export interface RemovingDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'post' | 'poke'>
  readonly repeating: Pick<Repeating, 'arrived' | 'forgot'>
  /** What was removed is to be nowhere any more. */
  scrub(): void
}

export function createRemoving({ book, postbox, repeating, scrub }: RemovingDeps): Removing {
  const { store } = book
  const take = (chatId: string, ids: readonly string[]) => {
    const rows = ids.flatMap((id) => selectSecretMessages(store, 'WHERE m.chat_id = ? AND m.id = ?', [chatId, id]))
    // Nobody misses what was taken back.
    for (const { ord } of rows) repeating.arrived(ord)
    book.forget(rows.map(({ ord }) => ord))
    return rows.filter(({ kind }) => kind !== 'notice')
  }

  return {
    remove(chatId, ids) {
      const { state } = book.chat(chatId)
      book.write(() => {
        const rows = take(chatId, ids)
        if (rows.length > 0 && (state === 'waiting' || state === 'secured'))
          postbox.post(chatId, { kind: 'remove', ids: rows.map(({ id }) => id) })
      })
      scrub()
      postbox.poke()
    },
    removeByPeer(chatId, ids) {
      const rows = take(chatId, ids)
      // It may come only after this, late or sent again.
      for (const id of ids) if (!rows.some((row) => row.id === id) && !book.has(id)) repeating.forgot(id, chatId)
      if (rows.length === 0) return
      book.notice(chatId, { code: 'removed', count: rows.length })
      scrub()
    },
  }
}
