/** Files of secret chats: sealed before they leave, opened when all of them is here, and stripped of what a picture says beside itself. */
import { BackendError } from '../../../../shared/contract/errors.ts'
import { MAX_MEDIA_BYTES } from '../../../../shared/protocol/relay.ts'
import { toBase64Url } from '../../../../shared/util/bytes.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { FileHost } from '../../chats/files/host.ts'
import { isPicture, OTHER_TYPE, SNIFF_BYTES, sniffType } from '../../chats/files/sniff.ts'
import type { SecretBook } from '../book.ts'
import { newAttachmentKey, openAttachment, sealAttachment, sealedLength } from '../crypto/attachment.ts'
import { SecretError } from '../crypto/types.ts'
import type { Postbox } from '../postbox.ts'
import type { Writing } from '../writing.ts'
import { openedPieces, sealedPieces } from './bytes.ts'
import { stripMetadata } from './strip/index.ts'

export interface SecretHostDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'post'>
  readonly writing: Pick<Writing, 'append' | 'mayWrite'>
  readonly random: Random
}

export function createSecretHost({ book, postbox, writing, random }: SecretHostDeps): FileHost {
  const { store, write, touchMessage, touchChat } = book
  const pieces = openedPieces(store)
  const incoming = sealedPieces(store)

  /** Inside a `write`: pictures lose their metadata. Answers what it is sent as. */
  const settle = (id: string): string => {
    const type = sniffType(pieces.read(id, 0, SNIFF_BYTES))
    if (!isPicture(type)) return type
    const plain = stripMetadata(pieces.read(id, 0, MAX_MEDIA_BYTES), type)
    // Not a whole picture: nothing of it was understood, so it goes as it is and as nothing else than a file.
    if (!plain) return OTHER_TYPE
    pieces.clear(id)
    pieces.append(id, plain)
    store.run('UPDATE secret_file SET size = have WHERE id = ?', [id])
    return type
  }

  return {
    store,
    table: 'secret_file',
    pieces,
    incoming,
    write,
    touchMessage,
    message: (ord) => book.message(book.row({ ord })),
    has: book.has,
    mayBegin(chatId, size) {
      writing.mayWrite(chatId)
      if (sealedLength(size) > MAX_MEDIA_BYTES) throw new BackendError('file-too-large')
    },
    append({ id, messageId, chatId, name }) {
      writing.mayWrite(chatId)
      const type = settle(id)
      const isOnce = store.get('SELECT 1 AS here FROM secret_file WHERE id = ? AND once = 1', [id]) !== undefined
      if (isOnce && !isPicture(type)) throw new BackendError('refused', 'only a picture can be seen once')
      return { ord: writing.append({ id: messageId, chatId, kind: 'file', text: name }), type }
    },
    tooLarge(ord, chatId) {
      store.run("UPDATE secret_message SET failure = 'too-large' WHERE ord = ?", [ord])
      touchMessage(ord)
      touchChat(chatId)
    },
    /** Under a fresh key each time: a ciphertext that did not get there whole is never needed again, and is kept nowhere. */
    wrap({ id, ord, chatId, size }) {
      const key = newAttachmentKey(random)
      let digest: Uint8Array | null = null
      const whole = (found: Uint8Array) => {
        digest = found
      }
      return {
        size: sealedLength(size),
        sealed: true,
        pieces: sealAttachment({ key, size, whole }, (start, length) => pieces.read(id, start, length)),
        arrived(media) {
          const row = book.row({ ord })
          // The chat may have ended meanwhile.
          if (row.failure !== null || digest === null) return
          const { text: name, ttl, cap } = row
          const sealed = { media, key: toBase64Url(key), digest: toBase64Url(digest) }
          const type = row.type || OTHER_TYPE
          postbox.post(chatId, { kind: 'file', id: row.id, name, type, size, ...sealed, ttl, cap: cap ?? 0, once: row.once === 1 }, ord)
        },
      }
    },
    incomingSize: sealedLength,
    mayFetch: (chatId) => book.find(chatId)?.state !== 'asked',
    unwrap({ id, size }) {
      type Secrets = { key: Uint8Array<ArrayBuffer> | null; digest: Uint8Array<ArrayBuffer> | null }
      const { key = null, digest = null } = store.get<Secrets>('SELECT key, digest FROM secret_file WHERE id = ?', [id]) ?? {}
      if (!key || !digest) return false
      try {
        const opened = openAttachment({ key, digest, size }, (start, length) => incoming.read(id, start, length))
        for (const bytes of opened) pieces.append(id, bytes)
      } catch (error) {
        if (!(error instanceof SecretError)) throw error
        // Not even the part that opened is kept.
        pieces.clear(id)
        return false
      }
      incoming.clear(id)
      store.run('UPDATE secret_file SET key = NULL, digest = NULL WHERE id = ?', [id])
      return true
    },
  }
}
