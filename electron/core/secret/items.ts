/** What each thing the other side said does to a chat. Runs inside the transaction of the packet that said it. */
import { assertNever } from '../../../shared/util/assert-never.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { cleanName } from '../chats/files/name.ts'
import { moment } from '../chats/moment.ts'
import type { SecretBook } from './book.ts'
import type { Comparer } from './comparing.ts'
import type { Item } from './crypto/body.ts'
import type { SecretFiles } from './files/index.ts'
import type { Gaps } from './gaps.ts'
import type { Receipts } from './receipts.ts'
import type { Removing } from './removing.ts'
import type { Repeating } from './repeating.ts'
import type { KeptSession } from './sessions.ts'
import type { Threads } from './threads.ts'
import type { Vanishing } from './vanish.ts'

/** Times of messages are the relay's, told once; the packet's first bytes are what it could show of it. */
export interface Envelope {
  readonly at: number
  readonly packet: Uint8Array
}

export type TakeItem = (session: KeptSession, item: Item, envelope: Envelope) => void

export interface ItemsDeps {
  readonly book: SecretBook
  readonly threads: Pick<Threads, 'acceptedBy' | 'endedBy'>
  readonly comparer: Pick<Comparer, 'heard'>
  readonly vanishing: Pick<Vanishing, 'seenByPeer'>
  readonly repeating: Pick<Repeating, 'arrived' | 'isPast' | 'answer'>
  readonly receipts: Pick<Receipts, 'tell'>
  readonly removing: Pick<Removing, 'removeByPeer'>
  readonly gaps: Pick<Gaps, 'answered'>
  readonly files: Pick<SecretFiles, 'heard'>
  readonly clock: Clock
}

const HEAD_BYTES = 48

export function createItems(deps: ItemsDeps): TakeItem {
  const { book, threads, comparer, vanishing, repeating, receipts, removing, gaps, files, clock } = deps
  const { store } = book

  /** Sent again, so the other side does not know that it came. */
  const tellAgain = (chatId: string, id: string) => {
    if (book.chat(chatId).state !== 'secured') return
    const row = book.has(id) ? book.row({ id }) : null
    if (row && (row.chat_id !== chatId || row.mine === 1)) return
    receipts.tell(chatId, 'kept', [id])
    // Its timer runs here; one that has run out left nothing that could say so.
    if (row?.seen === 1 && row.ttl !== null) receipts.tell(chatId, 'seen', [id])
  }

  /** Answers the position of the new row; `null` when it is already here. */
  const insert = (
    { chatId, role }: KeptSession,
    { kind, id, ttl, cap }: Extract<Item, { kind: 'text' | 'file' }>,
    text: string,
    { at, packet }: Envelope,
  ): number | null => {
    if (book.has(id) || repeating.isPast(id)) {
      tellAgain(chatId, id)
      return null
    }
    // What comes late of an earlier chat is not part of the request.
    const { state } = book.chat(chatId)
    const isAsked = role === 'asked' && state === 'asked'
    const isTold = state === 'secured'
    const row = store.get<{ ord: number }>(
      `INSERT INTO secret_message (id, chat_id, mine, kind, text, at, ttl, cap, packet_bytes, packet_head, asked, kept)
       VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ord`,
      [
        id,
        chatId,
        kind,
        text,
        moment(at, clock.now()),
        ttl,
        cap,
        packet.length,
        new Uint8Array(packet.subarray(0, HEAD_BYTES)),
        isAsked ? 1 : 0,
        isTold ? 1 : 0,
      ],
    )
    if (!row) throw new Error('an inserted row has a position')
    if (isTold) receipts.tell(chatId, 'kept', [id])
    book.touchMessage(row.ord)
    book.touchChat(chatId)
    return row.ord
  }

  const takeTimer = ({ chatId, state }: KeptSession, version: number, ttl: number | null) => {
    const chat = book.chat(chatId)
    // Both changed it at once: the initiator's word counts, on both sides.
    const wins = version > chat.ttl_version || (version === chat.ttl_version && !state.initiator && ttl !== chat.ttl)
    if (!wins) return
    book.setChat(chatId, { ttl, ttl_version: version })
    book.notice(chatId, { code: 'timer', ttl })
  }

  return (session, item, envelope) => {
    const { chatId } = session
    switch (item.kind) {
      case 'text':
        insert(session, item, item.text, envelope)
        return
      case 'file': {
        const ord = insert(session, item, cleanName(item.name), envelope)
        if (ord !== null) files.heard(ord, item)
        return
      }
      case 'kept':
        for (const id of item.ids) {
          const row = store.get<{ ord: number }>(
            'UPDATE secret_message SET kept = 1, sent = 1 WHERE id = ? AND chat_id = ? AND mine = 1 RETURNING ord',
            [id, chatId],
          )
          if (!row) continue
          repeating.arrived(row.ord)
          // It may wait to be said again.
          store.run('DELETE FROM secret_item WHERE message = ?', [row.ord])
          book.touchMessage(row.ord)
        }
        return book.touchChat(chatId)
      case 'seen':
        return vanishing.seenByPeer(chatId, item.ids)
      case 'timer':
        return takeTimer(session, item.version, item.ttl)
      case 'remove':
        return removing.removeByPeer(chatId, item.ids)
      case 'accept':
        return threads.acceptedBy(session)
      case 'decline':
      case 'end':
      case 'taken':
        return threads.endedBy(session, item.kind)
      case 'compare':
        return comparer.heard(session, item)
      case 'again':
        return session.role === 'active' ? repeating.answer(session, item.numbers) : undefined
      case 'gone':
        return gaps.answered(session, item)
      case 'begin':
        return
      case 'unknown':
        return book.noticeOnce(chatId, { code: 'update-needed' })
      default:
        return assertNever(item)
    }
  }
}
