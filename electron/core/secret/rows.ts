/** Secret chats and their messages as the database holds them, turned into the records of the contract. */
import * as v from 'valibot'
import { type Body, type ChatSummary, type Delivery, failureReasons, type Message } from '../../../shared/contract/chat.ts'
import { type Comparing, Notice, type SecretState } from '../../../shared/contract/secret.ts'
import { OTHER_TYPE } from '../chats/files/sniff.ts'
import { type ContactRow, type Moving, toContact, transferOf } from '../chats/rows.ts'
import type { Store } from '../store/store.ts'
import type { Unread } from './unread.ts'

export type SecretChatRow = ContactRow & {
  id: string
  state: SecretState['state']
  ended: SecretState['ended']
  since: number
  draft: string
  read_ord: number
  ttl: number | null
  ttl_version: number
  compared: number | null
  identity: string | null
  broken_at: number | null
  reset_at: number | null
  since_ord: number
  version: number
}

export type SecretMessageRow = {
  ord: number
  id: string
  chat_id: string
  mine: number
  kind: string
  text: string
  at: number
  ttl: number | null
  cap: number | null
  vanish_at: number | null
  sent: number
  kept: number
  seen: number
  failure: string | null
  packet_bytes: number | null
  packet_head: Uint8Array<ArrayBuffer> | null
  file_id: string | null
  size: number | null
  type: string | null
  media: string | null
  have: number | null
  sealed_have: number | null
  lost: number | null
  once: number | null
  gone: number | null
}

const CHAT = `
  SELECT c.id, c.state, c.ended, c.since, c.draft, c.read_ord, c.ttl, c.ttl_version, c.compared, c.identity,
    c.broken_at, c.reset_at, c.since_ord, c.version, handle, key, source
  FROM secret_chat c JOIN contact ON handle = c.peer`

export const selectSecretChats = (store: Store, where = '', params: readonly (string | number)[] = []): SecretChatRow[] =>
  store.all<SecretChatRow>(`${CHAT} ${where}`, params)

const MESSAGE = `
  SELECT m.*, f.id AS file_id, f.size, f.type, f.media, f.have, f.sealed_have, f.lost, f.once, f.gone
  FROM secret_message m LEFT JOIN secret_file f ON f.ord = m.ord`

/** `where` is SQL over `m` (secret_message) and `f` (secret_file), with its order and limit. */
export const selectSecretMessages = (store: Store, where: string, params: readonly (string | number)[]): SecretMessageRow[] =>
  store.all<SecretMessageRow>(`${MESSAGE} ${where}`, params)

function deliveryOf(row: SecretMessageRow): Delivery | null {
  if (row.mine === 0) return null
  if (row.failure !== null) return { state: 'failed', reason: failureReasons.find((reason) => reason === row.failure) ?? 'rejected' }
  if (row.seen === 1) return { state: 'read' }
  if (row.kept === 1) return { state: 'delivered' }
  return { state: row.sent === 1 ? 'sent' : 'queued' }
}

function bodyOf(row: SecretMessageRow, moving: Moving): Body {
  if (row.kind === 'notice') return { kind: 'notice', notice: v.parse(Notice, JSON.parse(row.text)) }
  if (row.kind === 'text') return { kind: 'text', text: row.text }
  const size = row.size ?? 0
  // What has come sealed counts as here only when it has been opened.
  const have = row.have === size ? size : Math.min(row.sealed_have ?? 0, size - 1)
  return {
    kind: 'file',
    name: row.text,
    type: row.type || OTHER_TYPE,
    size,
    transfer: row.gone === 1 ? { state: 'gone', done: 0, total: size } : transferOf({ ...row, have }, moving),
    ...(row.once === 1 && { once: true }),
  }
}

export function toSecretMessage(row: SecretMessageRow, me: string, moving: Moving): Message {
  const peer = row.chat_id.slice('secret:'.length)
  return {
    id: row.id,
    chatId: row.chat_id,
    from: row.mine === 1 ? me : peer,
    mine: row.mine === 1,
    body: bodyOf(row, moving),
    at: row.at,
    order: row.ord,
    delivery: row.kind === 'notice' ? null : deliveryOf(row),
    ...(row.kind !== 'notice' && { vanish: { ttl: row.ttl, at: row.vanish_at } }),
  }
}

const PREVIEW_LENGTH = 160
const firstCharacters = (text: string) =>
  // By characters, not code units: half a surrogate pair is no text.
  Array.from(text.slice(0, 2 * PREVIEW_LENGTH))
    .slice(0, PREVIEW_LENGTH)
    .join('')

/** Nothing of what was written is shown before the user has accepted. */
export function toSecretSummary(store: Store, chat: SecretChatRow, comparing: Comparing | null, counted: Unread): ChatSummary {
  const isAsked = chat.state === 'asked'
  const last = selectSecretMessages(store, "WHERE m.chat_id = ? AND m.kind <> 'notice' ORDER BY m.ord DESC LIMIT 1", [chat.id])[0]
  const unread = counted.of(chat.id, chat.read_ord)
  return {
    id: chat.id,
    kind: 'secret',
    peer: toContact(chat),
    secret: { state: chat.state, ended: chat.ended, compared: chat.compared, ttl: chat.ttl, comparing },
    last:
      last && !isAsked
        ? {
            // What is to vanish, or to be seen once, is not repeated elsewhere.
            preview: last.ttl === null && last.once !== 1 ? firstCharacters(last.text) : '',
            isFile: last.kind === 'file',
            mine: last.mine === 1,
            at: last.at,
            delivery: deliveryOf(last),
          }
        : null,
    unread: isAsked ? 1 : unread.count,
    firstUnread: isAsked ? null : unread.first,
    draft: chat.draft,
  }
}
