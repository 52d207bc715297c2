/** A file handed over by the screens piece by piece, and read back the same way. It becomes a message when all of it is here. */
import type { Message } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { newFileId } from './file-id.ts'
import type { FileHost } from './host.ts'
import { cleanName } from './name.ts'

export interface Spool {
  begin(input: { chatId: string; messageId: string; name: string; size: number }): { fileId: string }
  /** In order, without gaps; a piece that is already here is taken again in silence. */
  append(input: { fileId: string; offset: number; bytes: Uint8Array }): void
  finish(fileId: string): Message
  cancel(fileId: string): void
  /** Throws `no-such-file` until all of it is here. */
  read(input: { messageId: string; offset: number; length: number }): { bytes: Uint8Array<ArrayBuffer>; total: number }
}

type Spooled = { id: string; ord: number | null; chat_id: string; message_id: string; name: string; size: number; have: number }

export function createSpool(host: FileHost, random: Random): Spool {
  const { store, table, pieces } = host
  // Handing over ends with the process that took it; what is unfinished can never be finished.
  store.run(`DELETE FROM ${table} WHERE ord IS NULL`)

  const select = (where: 'id' | 'message_id', id: string): Spooled => {
    const row = store.get<Spooled>(`SELECT id, ord, chat_id, message_id, name, size, have FROM ${table} WHERE ${where} = ?`, [id])
    if (!row) throw new BackendError('no-such-file')
    return row
  }

  return {
    begin({ chatId, messageId, name, size }) {
      host.mayBegin(chatId, size)
      if (host.has(messageId)) throw new BackendError('already-there')
      const id = newFileId(random)
      host.write(() => {
        store.run(`DELETE FROM ${table} WHERE message_id = ?`, [messageId])
        store.run(`INSERT INTO ${table} (id, chat_id, message_id, name, size) VALUES (?, ?, ?, ?, ?)`, [
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
      const { have, size, ord } = select('id', fileId)
      if (offset + bytes.length <= have) return
      if (ord !== null || offset !== have) throw new BackendError('bad-input', 'offset')
      if (have + bytes.length > size) throw new BackendError('file-too-large', 'more bytes than were announced')
      host.write(() => pieces.append(fileId, bytes))
    },

    finish(fileId) {
      const file = select('id', fileId)
      if (file.ord !== null) return host.message(file.ord)
      if (file.have !== file.size) throw new BackendError('bad-input', 'bytes are missing')
      const ord = host.write(() => {
        const added = host.append({ id: fileId, messageId: file.message_id, chatId: file.chat_id, name: file.name })
        store.run(`UPDATE ${table} SET ord = ?, type = ? WHERE id = ?`, [added.ord, added.type, fileId])
        return added.ord
      })
      return host.message(ord)
    },

    cancel(fileId) {
      const { ord } = select('id', fileId)
      if (ord !== null) throw new BackendError('refused', 'already queued')
      host.write(() => store.run(`DELETE FROM ${table} WHERE id = ?`, [fileId]))
    },

    read({ messageId, offset, length }) {
      if (!host.has(messageId)) throw new BackendError('no-such-message')
      const { id, size, have } = select('message_id', messageId)
      if (have !== size) throw new BackendError('no-such-file')
      if (!Number.isInteger(offset) || offset < 0 || !Number.isInteger(length) || length < 0) throw new BackendError('bad-input', 'offset')
      return { bytes: pieces.read(id, offset, length), total: size }
    },
  }
}
