/** Files in secret chats put together: the same handing over, uploads and downloads as in cloud chats, over tables of their own. */
import type { Message } from '../../../../shared/contract/chat.ts'
import { BackendError } from '../../../../shared/contract/errors.ts'
import { fromBase64Url } from '../../../../shared/util/bytes.ts'
import type { Clock } from '../../../../shared/util/clock.ts'
import { createDownloads } from '../../chats/files/downloads.ts'
import { newFileId } from '../../chats/files/file-id.ts'
import { FETCHED_UNASKED_BYTES } from '../../chats/files/incoming.ts'
import type { Progress } from '../../chats/files/progress.ts'
import { isPicture } from '../../chats/files/sniff.ts'
import { createSpool, type Spool } from '../../chats/files/spool.ts'
import { createUploads } from '../../chats/files/uploads.ts'
import type { Log } from '../../log.ts'
import type { RelayLink } from '../../reach/relay-link.ts'
import type { Item } from '../crypto/body.ts'
import type { Postbox } from '../postbox.ts'
import { createForgetting } from './forgetting.ts'
import { createSecretHost, type SecretHostDeps } from './host.ts'

export interface SecretFiles extends Omit<Spool, 'begin'> {
  /** Whether this file is of a secret chat. */
  owns(fileId: string): boolean
  begin(input: Parameters<Spool['begin']>[0] & { once?: boolean | undefined }): { fileId: string }
  /** Throws `no-such-message`, `no-such-file`. */
  fetch(messageId: string): Message
  /** Inside the `write` that adds the message. */
  heard(ord: number, item: Extract<Item, { kind: 'file' }>): void
  /** There may be something to bring to the relay or from it. */
  poke(): void
  resume(): void
  close(): void
}

export interface SecretFilesDeps extends SecretHostDeps {
  readonly postbox: Pick<Postbox, 'post' | 'poke'>
  readonly progress: Progress
  readonly link: RelayLink
  readonly clock: Clock
  readonly log: Log
  /** What was removed is to be nowhere any more. */
  scrub(): void
}

export function createSecretFiles(deps: SecretFilesDeps): SecretFiles {
  const { book, postbox, writing, progress, link, clock, random, log, scrub } = deps
  const { store } = book
  const host = createSecretHost({ book, postbox, writing, random })
  const spool = createSpool(host, random)
  const transfer = { host, progress, link, clock, random, log }
  const uploads = createUploads({
    ...transfer,
    done() {
      postbox.poke()
      poke()
    },
  })
  const forgetting = createForgetting({ book, link, clock, random, log })
  const downloads = createDownloads({ ...transfer, done: forgetting.poke })

  /** One after the other in each chat, and only when the other side has accepted: the relay does not keep files for long. */
  const poke = () => {
    // From the files on (sqlite.org/optoverview.html, section 7.2): they are few beside the messages.
    const next = store.all<{ ord: number }>(
      `SELECT min(m.ord) AS ord FROM secret_file f CROSS JOIN secret_message m ON m.ord = f.ord JOIN secret_chat c ON c.id = m.chat_id
       WHERE m.mine = 1 AND m.failure IS NULL AND f.media IS NULL AND c.state = 'secured' GROUP BY m.chat_id`,
    )
    for (const { ord } of next) uploads.start(ord)
    downloads.poke()
    forgetting.poke()
  }

  /** Throws `no-such-message` also for one that is not shown yet, `no-such-file` for one whose bytes are gone for good. */
  const fileOf = (messageId: string) => {
    const row = book.row({ id: messageId })
    if (book.chat(row.chat_id).state === 'asked') throw new BackendError('no-such-message')
    if (row.file_id === null || row.gone === 1) throw new BackendError('no-such-file')
    return row
  }

  return {
    ...spool,
    owns: (fileId) => store.get('SELECT 1 AS here FROM secret_file WHERE id = ?', [fileId]) !== undefined,
    begin: ({ once, ...input }) =>
      book.write(() => {
        const begun = spool.begin(input)
        if (once) store.run('UPDATE secret_file SET once = 1 WHERE id = ?', [begun.fileId])
        return begun
      }),
    finish(fileId) {
      const message = spool.finish(fileId)
      poke()
      return message
    },
    cancel(fileId) {
      spool.cancel(fileId)
      scrub()
    },
    fetch(messageId) {
      fileOf(messageId)
      downloads.want(messageId)
      return book.message(book.row({ id: messageId }))
    },
    read(input) {
      const { once, mine, seen } = fileOf(input.messageId)
      // Opening it is what starts its end, so there is no other way to look at it.
      if (once === 1 && mine === 0 && seen === 0) throw new BackendError('refused', 'not opened')
      return spool.read(input)
    },
    heard(ord, { type, size, media, key, digest, once }) {
      const { id, chat_id, text } = book.row({ ord })
      // What the sender calls it decides only whether to look; what it is is decided by its bytes, once here.
      const wanted = isPicture(type) && size <= FETCHED_UNASKED_BYTES
      store.run(
        `INSERT INTO secret_file (id, ord, chat_id, message_id, name, size, media, key, digest, once, wanted)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          newFileId(random),
          ord,
          chat_id,
          id,
          text,
          size,
          media,
          new Uint8Array(fromBase64Url(key)),
          new Uint8Array(fromBase64Url(digest)),
          once ? 1 : 0,
          wanted ? 1 : 0,
        ],
      )
    },
    poke,
    resume() {
      uploads.resume()
      downloads.resume()
      forgetting.resume()
      poke()
    },
    close() {
      for (const part of [uploads, downloads, forgetting, progress]) part.close()
    },
  }
}
