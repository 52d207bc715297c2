/**
 * Which session a sealed packet belongs to, and that it is opened once (docs/PROTOCOL-SECRET.md, "State of a chat"). Everything a packet changes, the state
 * of its session included, is one transaction, and all that came together is one; one that cannot be opened leaves a row that says
 * so and nothing else.
 */
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import { fromBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { errorFacts, type Log } from '../log.ts'
import { isTrouble } from '../store/store.ts'
import { type SecretBook, secretIdOf } from './book.ts'
import type { Item } from './crypto/body.ts'
import { type FirstOpened, firstId, isFirst, openFirst } from './crypto/handshake.ts'
import { isNewer } from './crypto/packet.ts'
import { needsTurn, open } from './crypto/session.ts'
import { SecretError } from './crypto/types.ts'
import type { Gaps } from './gaps.ts'
import type { Envelope, TakeItem } from './items.ts'
import type { Postbox } from './postbox.ts'
import type { PrekeyKeeper } from './prekey-keeper.ts'
import type { Receipts } from './receipts.ts'
import type { Resetting } from './resetting.ts'
import type { SecretChatRow } from './rows.ts'
import type { KeptSession, Sessions } from './sessions.ts'
import type { Threads } from './threads.ts'

export interface IncomingDeps {
  readonly book: SecretBook
  readonly sessions: Sessions
  readonly threads: Threads
  readonly postbox: Postbox
  readonly keeper: PrekeyKeeper
  readonly resetting: Pick<Resetting, 'failed' | 'works'>
  readonly receipts: Pick<Receipts, 'tellKept'>
  readonly gaps: Pick<Gaps, 'opened'>
  readonly take: TakeItem
  readonly clock: Clock
  readonly log: Log
  /** Makes sure that this person is a contact. False when the relay names another key than the one we have. */
  met(handle: string, key: string): boolean
}

const versionOf = ([version = 0]: Uint8Array) => version

export function createIncoming(deps: IncomingDeps): (packets: readonly SealedPacket[]) => void {
  const { book, sessions, threads, postbox, keeper, resetting, receipts, gaps, take, clock, log, met } = deps
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
    for (const item of items) take(session, item, envelope)
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

  /** A packet that brings a fault of ours to light counts as one that could not be opened: those behind it must not wait for it for ever. */
  const receiveAlone = (sealed: SealedPacket) => {
    try {
      book.write(() => receive(sealed))
    } catch (error) {
      if (isTrouble(error)) throw error
      log.warn('bug in taking a packet', errorFacts(error))
      book.write(() => unreadable(secretIdOf(sealed.from), sealed.fromDevice))
    }
  }

  return (packets) => {
    try {
      book.write(() => packets.forEach(receive))
    } catch (error) {
      if (isTrouble(error)) throw error
      packets.forEach(receiveAlone)
    }
  }
}
