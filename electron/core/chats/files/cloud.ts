/** Files of cloud chats: they go as they are, for the relay may read them. */
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Ledger } from '../ledger.ts'
import { appendOwn } from '../messages.ts'
import type { FileHost } from './host.ts'
import { createPieces } from './pieces.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'

const PIECE = 64 * 1024

export function createCloudFiles(ledger: Ledger, clock: Clock): FileHost {
  const { store, write, touchMessage, touchChat } = ledger
  const pieces = createPieces(store, { file: 'file', piece: 'piece', counted: 'have' })
  return {
    store,
    table: 'file',
    pieces,
    incoming: pieces,
    write,
    touchMessage,
    message: (ord) => ledger.message(ledger.row({ ord })),
    has: (messageId) => store.get('SELECT 1 AS here FROM message WHERE id = ?', [messageId]) !== undefined,
    mayBegin: (chatId) => void ledger.chat(chatId),
    append: ({ id, messageId, chatId, name }) => ({
      ord: appendOwn(ledger, clock, { id: messageId, chatId, kind: 'file', text: name }),
      type: sniffType(pieces.read(id, 0, SNIFF_BYTES)),
    }),
    tooLarge(ord, chatId) {
      store.run("UPDATE message SET failure = 'too-large' WHERE ord = ?", [ord])
      touchMessage(ord)
      touchChat(chatId)
    },
    wrap: ({ id, size }) => ({
      size,
      sealed: false,
      pieces: (function* () {
        for (let at = 0; at < size; at += PIECE) yield pieces.read(id, at, PIECE)
      })(),
      // The outbox sends the message that names it.
      arrived() {},
    }),
    incomingSize: (size) => size,
    mayFetch: () => true,
    unwrap: () => true,
  }
}
