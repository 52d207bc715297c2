/** Messages and chats as the database holds them, turned into the records of the contract. */
import type { ChatSummary, Contact, Delivery, Message, Transfer } from '../../../shared/contract/chat.ts'
import { failureReasons } from '../../../shared/contract/chat.ts'
import type { Store } from '../store/store.ts'

/** In the column `lost`: why a file did not come. */
export const ANOTHER_FILE = 1
export const NOT_AT_RELAY = 2

export type MessageRow = {
  ord: number
  id: string
  chat_id: string
  sender: string
  mine: number
  kind: string
  text: string
  at: number
  cid: number
  seq: number | null
  failure: string | null
  peer: string
  peer_kept: number
  peer_seen: number
  file_id: string | null
  size: number | null
  type: string | null
  media: string | null
  have: number | null
  lost: number | null
}

/** Bytes under way at this moment; what is not moving has no entry. */
export interface Moving {
  get(fileId: string): { readonly done: number } | undefined
}

const SELECT = `
  SELECT m.ord, m.id, m.chat_id, m.sender, m.mine, m.kind, m.text, m.at, m.cid, m.seq, m.failure,
    c.peer, c.peer_kept, c.peer_seen, f.id AS file_id, f.size, f.type, f.media, f.have, f.lost
  FROM message m JOIN chat c ON c.id = m.chat_id LEFT JOIN file f ON f.ord = m.ord`

/** `where` is SQL over `m` (message), `c` (chat) and `f` (file), with its order and limit. */
export function selectMessages(store: Store, where: string, params: readonly (string | number)[]): MessageRow[] {
  return store.all<MessageRow>(`${SELECT} ${where}`, params)
}

/** The one truth about how far our message came. Marks only ever rise, so no state goes backwards. */
export function deliveryOf(row: MessageRow): Delivery | null {
  if (row.mine === 0) return null
  if (row.failure !== null) return { state: 'failed', reason: failureReasons.find((reason) => reason === row.failure) ?? 'rejected' }
  if (row.seq === null) return { state: 'queued' }
  if (row.seq <= row.peer_seen) return { state: 'read' }
  return { state: row.seq <= row.peer_kept ? 'delivered' : 'sent' }
}

/** What both kinds of chats know of a message's file. `have`: bytes that came from the relay, or were handed over. */
export type TransferRow = Pick<MessageRow, 'mine' | 'failure' | 'file_id' | 'size' | 'media' | 'have' | 'lost'>

export function transferOf(row: TransferRow, moving: Moving): Transfer {
  const total = row.size ?? 0
  const have = row.have ?? 0
  const now = row.file_id === null ? undefined : moving.get(row.file_id)
  // Sealed it is longer than it is.
  const done = Math.min(now?.done ?? 0, total)
  if (row.mine === 1 && row.media === null) {
    if (row.failure !== null) return { state: 'failed', done: 0, total }
    return { state: now ? 'uploading' : 'waiting', done, total }
  }
  if (have >= total) return { state: 'ready', done: total, total }
  if (row.lost === NOT_AT_RELAY) return { state: 'missing', done: 0, total }
  if (row.lost === ANOTHER_FILE) return { state: 'failed', done: have, total }
  return now ? { state: 'downloading', done, total } : { state: 'remote', done: have, total }
}

export function toMessage(row: MessageRow, moving: Moving): Message {
  return {
    id: row.id,
    chatId: row.chat_id,
    from: row.sender,
    mine: row.mine === 1,
    body:
      row.kind === 'file'
        ? {
            kind: 'file',
            name: row.text,
            type: row.type || 'application/octet-stream',
            size: row.size ?? 0,
            transfer: transferOf(row, moving),
          }
        : { kind: 'text', text: row.text },
    at: row.at,
    order: row.ord,
    delivery: deliveryOf(row),
  }
}

export type ContactRow = { handle: string; key: string; source: string }

export const toContact = (row: ContactRow): Contact => ({
  handle: row.handle,
  key: row.key,
  source: row.source === 'card' ? 'card' : 'relay',
})

export type ChatRow = ContactRow & { id: string; draft: string; since: number; read_ord: number }

const PREVIEW_LENGTH = 160

export function toSummary(store: Store, chat: ChatRow): ChatSummary {
  const last = selectMessages(store, 'WHERE m.chat_id = ? ORDER BY m.ord DESC LIMIT 1', [chat.id])[0]
  const unread = store.get<{ count: number; first: number | null }>(
    'SELECT count(*) AS count, min(ord) AS first FROM message WHERE chat_id = ? AND mine = 0 AND ord > ?',
    [chat.id, chat.read_ord],
  )
  return {
    id: chat.id,
    kind: 'cloud',
    peer: toContact(chat),
    last: last
      ? {
          // By characters, not code units: half a surrogate pair is no text.
          preview: Array.from(last.text.slice(0, 2 * PREVIEW_LENGTH))
            .slice(0, PREVIEW_LENGTH)
            .join(''),
          isFile: last.kind === 'file',
          mine: last.mine === 1,
          at: last.at,
          delivery: deliveryOf(last),
        }
      : null,
    unread: unread?.count ?? 0,
    firstUnread: unread?.first ?? null,
    draft: chat.draft,
  }
}
