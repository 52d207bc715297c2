/** Where the bytes of secret files lie: opened, as the user has them; and sealed, as they come from the relay. */
import { createPieces } from '../../chats/files/pieces.ts'
import type { Store } from '../../store/store.ts'
import type { SecretBook } from '../book.ts'

export const openedPieces = (store: Store) => createPieces(store, { file: 'secret_file', piece: 'secret_piece', counted: 'have' })
export const sealedPieces = (store: Store) =>
  createPieces(store, { file: 'secret_file', piece: 'secret_sealed_piece', counted: 'sealed_have' })

/** Inside a `write`: the row stays, its bytes and what could bring them back go. */
export function dropBytes(book: SecretBook, ord: number): void {
  const { store } = book
  const file = store.get<{ id: string }>('SELECT id FROM secret_file WHERE ord = ?', [ord])
  if (!file) return
  for (const pieces of [openedPieces(store), sealedPieces(store)]) pieces.clear(file.id)
  store.run('UPDATE secret_file SET gone = 1, gone_at = NULL, key = NULL, digest = NULL, wanted = 0 WHERE id = ?', [file.id])
  book.touchMessage(ord)
}
