/** A file handed over by the screens piece by piece, and read back the same way. It becomes a message when all of it is here. */
import type { Message } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Ledger } from '../ledger.ts'
import { appendOwn } from '../messages.ts'
import { newFileId } from './file-id.ts'
import { cleanName } from './name.ts'
import type { Pieces } from './pieces.ts'
import { SNIFF_BYTES, sniffType } from './sniff.ts'

export interface Spool {
  begin(input: { chatId: string; messageId: string; name: string; size: number }): { fileId: string }
  /** In order, without gaps; a piece that is already here is taken again in silence. */
  append(input: { fileId: string; offset: number; bytes: Uint8Array }): void
  finish(fileId: string): Message
  cancel(fileId: string): void
  /** Throws `no-such-file` until all of it is here. */
  read(input: { messageId: string; offset: number; length: number }): { bytes: Uint8Array<ArrayBuffer>; total: number }
}

type FileRow = { id: string; ord: number | null; chat_id: string; message_id: string; name: string; size: number; have: number }

export function createSpool(ledger: Ledger, pieces: Pieces, clock: Clock, random: Random): Spool {
  const { store } = ledger
  // Handing over ends with the process that took it; what is unfinished can never be finished.
  store.run('DELETE FROM file WHERE ord IS NULL')

  const find = (fileId: string): FileRow => {
    const row = store.get<FileRow>('SELECT id, ord, chat_id, message_id, name, size, have FROM file WHERE id = ?', [fileId])
    if (!row) throw new BackendError('no-such-file')
    return row
  }

  return {
    begin({ chatId, messageId, name, size }) {
      ledger.chat(chatId)
      if (store.get('SELECT 1 AS here FROM message WHERE id = ?', [messageId])) throw new BackendError('already-there')
      const id = newFileId(random)
      ledger.write(() => {
        store.run('DELETE FROM file WHERE message_id = ?', [messageId])
        store.run('INSERT INTO file (id, chat_id, message_id, name, size) VALUES (?, ?, ?, ?, ?)', [
          id,
          chatId,
          messageId,
          cleanName(name),
          size,
        ])
      })
      return { fileId: id }
    },

    append({ fileId, offset, bytes }) {
      const { have, size, ord } = find(fileId)
      if (offset + bytes.length <= have) return
      if (ord !== null || offset !== have) throw new BackendError('bad-input', 'offset')
      if (have + bytes.length > size) throw new BackendError('file-too-large', 'more bytes than were announced')
      ledger.write(() => pieces.append(fileId, bytes))
    },

    finish(fileId) {
      const file = find(fileId)
      if (file.ord !== null) return ledger.message(ledger.row({ ord: file.ord }))
      if (file.have !== file.size) throw new BackendError('bad-input', 'bytes are missing')
      const ord = ledger.write(() => {
        const added = appendOwn(ledger, clock, { id: file.message_id, chatId: file.chat_id, kind: 'file', text: file.name })
        store.run('UPDATE file SET ord = ?, type = ? WHERE id = ?', [added, sniffType(pieces.read(fileId, 0, SNIFF_BYTES)), fileId])
        return added
      })
      return ledger.message(ledger.row({ ord }))
    },

    cancel(fileId) {
      const { ord } = find(fileId)
      if (ord !== null) throw new BackendError('refused', 'already queued')
      ledger.write(() => store.run('DELETE FROM file WHERE id = ?', [fileId]))
    },

    read({ messageId, offset, length }) {
      const row = ledger.row({ id: messageId })
      if (row.file_id === null || row.size === null || row.have !== row.size) throw new BackendError('no-such-file')
      if (!Number.isInteger(offset) || offset < 0 || !Number.isInteger(length) || length < 0) throw new BackendError('bad-input', 'offset')
      return { bytes: pieces.read(row.file_id, offset, length), total: row.size }
    },
  }
}
