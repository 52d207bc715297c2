/** Files in messages from the stream: noted as only at the relay; small pictures are fetched without asking. */
import type { WireBody } from '../../../../shared/protocol/relay.ts'
import type { Random } from '../../../../shared/util/random.ts'
import type { Ledger } from '../ledger.ts'
import { newFileId } from './file-id.ts'
import { isPicture } from './sniff.ts'

export interface IncomingFiles {
  /** Inside the transaction that adds the message. */
  heard(ord: number, body: Extract<WireBody, { kind: 'file' }>): void
}

/** Pictures up to this size are fetched without asking. */
export const FETCHED_UNASKED_BYTES = 2 * 1024 * 1024

export function createIncomingFiles({ store, row }: Ledger, random: Random): IncomingFiles {
  return {
    heard(ord, body) {
      const message = row({ ord })
      // What the sender calls it decides only whether to look; what it is is decided by its bytes, once here.
      const wanted = isPicture(body.type) && body.size <= FETCHED_UNASKED_BYTES
      store.run('INSERT INTO file (id, ord, chat_id, message_id, name, size, media, wanted) VALUES (?, ?, ?, ?, ?, ?, ?, ?)', [
        newFileId(random),
        ord,
        message.chat_id,
        message.id,
        message.text,
        body.size,
        body.media,
        wanted ? 1 : 0,
      ])
    },
  }
}
