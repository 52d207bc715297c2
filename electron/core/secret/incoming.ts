/**
 * What a sealed packet does to a chat (docs/PROTOCOL-SECRET.md, "State of a chat"). Everything a packet changes, the state
 * of its session included, is one transaction, and all that came together is one; one that cannot be opened leaves a row that says
 * so and nothing else.
 */
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import { assertNever } from '../../../shared/util/assert-never.ts'
import { fromBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { cleanName } from '../chats/files/name.ts'
import { moment } from '../chats/moment.ts'
import type { Log } from '../log.ts'
import { type SecretBook, secretIdOf } from './book.ts'
import type { Comparer } from './comparing.ts'
import type { Item } from './crypto/body.ts'
import { type FirstOpened, firstId, isFirst, openFirst } from './crypto/handshake.ts'
import { isNewer } from './crypto/packet.ts'
import { needsTurn, open } from './crypto/session.ts'
import { SecretError } from './crypto/types.ts'
import type { SecretFiles } from './files/index.ts'
import type { Gaps } from './gaps.ts'
import type { Postbox } from './postbox.ts'
import type { PrekeyKeeper } from './prekey-keeper.ts'
import type { Receipts } from './receipts.ts'
import type { Removing } from './removing.ts'
import type { Repeating } from './repeating.ts'
import type { Resetting } from './resetting.ts'
import type { SecretChatRow } from './rows.ts'
import type { KeptSession, Sessions } from './sessions.ts'
import type { Threads } from './threads.ts'
import type { Vanishing } from './vanish.ts'

export interface IncomingDeps {
  readonly book: SecretBook
  readonly sessions: Sessions
  readonly threads: Threads
  readonly postbox: Postbox
  readonly keeper: PrekeyKeeper
  readonly comparer: Comparer
  readonly vanishing: Vanishing
  readonly resetting: Pick<Resetting, 'failed' | 'works'>
  readonly repeating: Pick<Repeating, 'arrived' | 'isPast' | 'answer'>
  readonly receipts: Pick<Receipts, 'tell' | 'tellKept'>
  readonly removing: Pick<Removing, 'removeByPeer'>
  readonly gaps: Pick<Gaps, 'opened' | 'answered'>
  readonly files: Pick<SecretFiles, 'heard'>
  readonly clock: Clock
  readonly log: Log
  /** Makes sure that this person is a contact. False when the relay names another key than the one we have. */
  met(handle: string, key: string): boolean
}

/** Times of messages are the relay's, told once; the packet's first bytes are what it could show of it. */
interface Envelope {
  readonly at: number
  readonly packet: Uint8Array
}

const HEAD_BYTES = 48
const versionOf = ([version = 0]: Uint8Array) => version

export function createIncoming(deps: IncomingDeps): (packets: readonly SealedPacket[]) => void {
  const {
    book,
    sessions,
    threads,
    postbox,
    keeper,
    comparer,
    vanishing,
    resetting,
    repeating,
    receipts,
    removing,
    gaps,
    files,
    clock,
    log,
    met,
  } = deps
  const { store } = book

  const receive = (sealed: SealedPacket) => {
    if (sealed.from === book.owner.handle) return log.warn('a sealed packet was refused', { reason: 'from-ourselves' })
    if (!met(sealed.from, sealed.fromKey)) return log.warn('a sealed packet was refused', { reason: 'other-key' })
    const chatId = secretIdOf(sealed.from)
    const envelope = { at: sealed.at, packet: fromBase64Url(sealed.packet) }
    const chat = book.find(chatId)
    if (!isOfKnownVersion(chat, envelope.packet)) return
    const known = chat ? sessions.of(chatId, sealed.fromDevice) : []
    for (const session of known) {
      const opened = open(session.state, envelope.packet, clock.now())
      if (opened.result === 'duplicate') return
      if (opened.result === 'unreadable') {
        // It is among the missing, and asked for again: the session itself is as good as before.
        if (opened.why === 'lost') return
        if (opened.why === 'too-far' && session.role === 'active') return unreadable(chatId, session.device, true)
      }
      if (opened.result !== 'message') continue
      const moved = sessions.advance(session, opened.state)
      if (session.role === 'active') resetting.works(chatId)
      noteVersion(chatId, envelope.packet)
      if (opened.forked) {
        book.noticeOnce(chatId, { code: 'back-in-time' })
        // It has used its keys twice: new ones.
        if (session.role === 'active') resetting.failed(chatId, session.device, true)
      }
      gaps.opened(session, session.state.highest, opened.n)
      handle(moved, opened.items, envelope)
      return
    }
    if (isFirst(envelope.packet)) receiveFirst(sealed, chatId, envelope)
    else unreadable(chatId, sealed.fromDevice)
  }

  const receiveFirst = (sealed: SealedPacket, chatId: string, envelope: Envelope) => {
    const id = firstId(envelope.packet)
    if (id && store.get('SELECT 1 AS here FROM secret_begun WHERE id = ?', [new Uint8Array(id)])) return
    const from = { handle: sealed.from, account: fromBase64Url(sealed.fromKey), device: fromBase64Url(sealed.fromDevice) }
    let first: FirstOpened
    try {
      first = openFirst(keeper.device(), from, envelope.packet, keeper.source, clock.now())
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      log.warn('a request for a secret chat could not be opened', { code: error.code })
      return unreadable(chatId, sealed.fromDevice)
    }
    keeper.spend(first.used)
    store.run('INSERT OR IGNORE INTO secret_begun (id, at) VALUES (?, ?)', [new Uint8Array(first.replayId), clock.now()])
    const begin = first.items.find((item) => item.kind === 'begin')
    const session = threads.asked(chatId, sealed.from, first.state, begin?.at ?? clock.now())
    noteVersion(chatId, envelope.packet)
    gaps.opened(session, 0, first.n)
    handle(session, first.items, envelope)
  }

  /** Anybody on the way can write the version: a row is all it does. */
  const isOfKnownVersion = (chat: SecretChatRow | undefined, packet: Uint8Array) => {
    const isOlder = chat !== undefined && versionOf(packet) < chat.version
    if (!isNewer(packet) && !isOlder) return true
    log.warn('a sealed packet was refused', { reason: isOlder ? 'older-version' : 'newer-version' })
    if (chat && chat.state !== 'ended') book.noticeOnce(chat.id, { code: isOlder ? 'older-version' : 'update-needed' })
    return false
  }
  /** Once somebody has written in a version, nothing below it is taken from them any more. */
  const noteVersion = (chatId: string, packet: Uint8Array) => {
    if (book.chat(chatId).version < versionOf(packet)) book.setChat(chatId, { version: versionOf(packet) })
  }

  /** One row for any number in a row: the person can do the same about one and about ten. */
  const unreadable = (chatId: string, device: string, certain = false) => {
    const chat = book.find(chatId)
    // In a chat that has ended nobody waits for anything.
    if (!chat || chat.state === 'ended') return
    book.noticeOnce(chatId, { code: 'unreadable' })
    resetting.failed(chatId, device, certain)
  }

  const handle = (session: KeptSession, items: readonly Item[], envelope: Envelope) => {
    for (const item of items) handleItem(session, item, envelope)
    const { chatId } = session
    // Nothing is answered before the user has accepted, not even by the protocol.
    receipts.tellKept(chatId)
    const { state } = book.chat(chatId)
    if (state === 'waiting' || state === 'secured') {
      postbox.flush(chatId)
      const current = sessions.current(session)
      if (current.role === 'active' && needsTurn(current.state)) postbox.tell(current, [])
    }
  }

  const handleItem = (session: KeptSession, item: Item, envelope: Envelope) => {
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

  return (packets) => book.write(() => packets.forEach(receive))
}
