/** The states of a secret thread, and what moves it from one to the next: the user's calls and the other side's words. */
import { BackendError } from '../../../shared/contract/errors.ts'
import type { SecretBook } from './book.ts'
import type { SessionState } from './crypto/types.ts'
import type { Postbox } from './postbox.ts'
import type { Receipts } from './receipts.ts'
import type { Repeating } from './repeating.ts'
import { CERTAIN } from './resetting.ts'
import { selectSecretChats, selectSecretMessages } from './rows.ts'
import { countsBefore, identityText, type KeptSession, type Sessions } from './sessions.ts'

/** What is under "Inside a `write`" is part of a packet's transaction; the others are whole calls of the user. */
export interface Threads {
  /** Throws `already-there` while one lives, `no-such-contact`. */
  start(chatId: string, handle: string): void
  /** These three throw `refused` in any other state than the one they are for. */
  accept(chatId: string): void
  decline(chatId: string): void
  acceptKeys(chatId: string): void
  end(chatId: string): void
  setTimer(chatId: string, ttl: number | null): void

  /** Inside a `write`: a handshake of the other side opened. Answers the session with the role it got. */
  asked(chatId: string, handle: string, state: SessionState, began: number): KeptSession
  /** Inside a `write`: the store is an older copy of itself. Nothing is sealed any more with what it holds; open chats begin anew by themselves. */
  wentBack(): void
  /** Inside a `write`: we began anew with the device of an open chat. Other keys than its own wait for the user. */
  renew(chatId: string, state: SessionState): void
  /** Inside a `write`. */
  acceptedBy(session: KeptSession): void
  endedBy(session: KeptSession, how: 'decline' | 'end' | 'taken'): void
  deviceGone(chatId: string, device: string): void
}

export interface ThreadsDeps {
  readonly book: SecretBook
  readonly sessions: Sessions
  readonly postbox: () => Postbox
  readonly repeating: Repeating
  readonly receipts: Receipts
  /** A comparison under way is over. */
  comparingOver(chatId: string): void
  /** What was removed is to be nowhere any more. */
  scrub(): void
}

export function createThreads({ book, sessions, postbox, repeating, receipts, comparingOver, scrub }: ThreadsDeps): Threads {
  const { store } = book

  /** From now on this session and no other. Those that still ring are told. */
  const activate = (session: KeptSession, notice: 'accepted' | 'keys-accepted' | 'reset', by: 'me' | 'peer') => {
    const { chatId, device, sid } = session
    for (const other of sessions.of(chatId)) {
      if (other.sid === sid) continue
      if (other.device !== device && other.role === 'ringing') {
        postbox().tell(other, [{ kind: 'taken' }])
        sessions.remove(other)
      } else if (other.role !== 'retired') sessions.setRole(other, 'retired')
    }
    sessions.setRole(session, 'active')
    store.run('UPDATE secret_message SET asked = 0 WHERE chat_id = ? AND asked = 1', [chatId])
    book.setChat(chatId, { state: 'secured', ended: null, identity: identityText(session.state.peer), broken_at: null })
    if (notice === 'reset') resetRow(chatId, by)
    else book.notice(chatId, { code: notice }, by)
    receipts.tellKept(chatId)
    postbox().flush(chatId)
  }

  /** The new keys answer what could not be opened, and all that did not arrive is said again: one row stands for it. */
  const resetRow = (chatId: string, by: 'me' | 'peer') => {
    const answered = store.all<{ ord: number }>(
      `SELECT ord FROM secret_message WHERE chat_id = ? AND kind = 'notice' AND ord > (SELECT since_ord FROM secret_chat WHERE id = ?)
         AND (text LIKE '{"code":"unreadable"%' OR text LIKE '{"code":"missing"%')`,
      [chatId, chatId],
    )
    book.forget(answered.map(({ ord }) => ord))
    book.noticeOnce(chatId, { code: 'reset' }, by)
  }
  /** This session takes the place of the one before. */
  const takeOver = (session: KeptSession, by: 'me' | 'peer') => {
    const { chatId, device, sid } = session
    const old = sessions.of(chatId, device).filter((other) => other.sid !== sid && other.role !== 'asked')
    // What was sealed for the old one goes again, sealed anew.
    for (const other of old) {
      store.run('DELETE FROM secret_packet WHERE chat_id = ? AND sid = ?', [chatId, other.sid])
      store.run('DELETE FROM secret_gap WHERE sid = ?', [other.sid])
    }
    activate(session, 'reset', by)
    repeating.sayAllAgain(chatId, old)
  }

  const close = (chatId: string, ended: 'by-me' | 'by-peer' | 'declined' | 'elsewhere' | 'device-gone', by: 'me' | 'peer') => {
    // What was never sealed, or never got to the relay, cannot go any more.
    const unsent = store.all<{ ord: number }>(
      `UPDATE secret_message SET failure = 'rejected' WHERE chat_id = ? AND mine = 1 AND failure IS NULL AND (
         ord IN (SELECT message FROM secret_item) OR ord IN (SELECT ord FROM secret_file WHERE media IS NULL)) RETURNING ord`,
      [chatId],
    )
    for (const { ord } of unsent) book.touchMessage(ord)
    store.run('DELETE FROM secret_item WHERE chat_id = ?', [chatId])
    receipts.drop(chatId)
    // What the other side had sent before it knew still opens; of a request that was not accepted nothing is kept.
    const wasOpen = ended === 'by-me' || ended === 'by-peer'
    book.setChat(chatId, { broken_at: null })
    for (const session of sessions.of(chatId)) {
      if (wasOpen && session.role === 'active') sessions.setRole(session, 'retired')
      else if (session.role !== 'retired') sessions.remove(session)
    }
    comparingOver(chatId)
    book.setChat(chatId, { state: 'ended', ended })
    const code = ended === 'by-me' || ended === 'by-peer' ? 'ended' : ended
    book.notice(chatId, { code }, by)
  }
  /** What was never shown goes with the request it came with. */
  const forgetUnshown = (chatId: string) =>
    book.forget(selectSecretMessages(store, "WHERE m.chat_id = ? AND m.asked = 1 AND m.kind <> 'notice'", [chatId]).map(({ ord }) => ord))

  const inState = (chatId: string, ...states: string[]) => {
    const chat = book.chat(chatId)
    if (!states.includes(chat.state)) throw new BackendError('refused', `not while ${chat.state}`)
    return chat
  }
  const newestAsked = (chatId: string) => {
    // Several may have arrived in one page; only the one begun last is still known to who asked.
    const session = sessions.withRole(chatId, 'asked').toSorted((a, b) => (countsBefore(a, b) ? -1 : 1))[0]
    if (!session) throw new BackendError('refused', 'nobody asks')
    return session
  }
  /** Whom the new keys belong to: they began anew, or we did and found them. */
  const newestChanged = (chatId: string) => sessions.withRole(chatId, 'asked')[0] ?? sessions.withRole(chatId, 'ringing')[0]
  /** Shows what was hidden while the chat was only asked for. */
  const showAll = (chatId: string) => {
    for (const { ord } of selectSecretMessages(store, 'WHERE m.chat_id = ? ORDER BY m.ord', [chatId])) book.touchMessage(ord)
  }

  /** Whoever this is, nothing more is sent before the user has looked at it. */
  const changed = (chatId: string, session?: KeptSession) => {
    comparingOver(chatId)
    for (const old of sessions.of(chatId)) if (old.role !== 'retired' && old.sid !== session?.sid) sessions.setRole(old, 'retired')
    book.setChat(chatId, { state: 'changed' })
    book.notice(chatId, { code: 'keys-changed' })
  }

  return {
    start(chatId, handle) {
      const chat = book.find(chatId)
      if (chat && chat.state !== 'ended') throw new BackendError('already-there')
      if (!store.get('SELECT 1 AS here FROM contact WHERE handle = ?', [handle])) throw new BackendError('no-such-contact')
      book.write(() => {
        book.open(chatId, handle, 'waiting')
        book.notice(chatId, { code: 'started' }, 'me')
      })
    },
    accept(chatId) {
      inState(chatId, 'asked')
      book.write(() => {
        const session = newestAsked(chatId)
        postbox().tell(session, [{ kind: 'accept' }])
        activate(session, 'accepted', 'me')
        showAll(chatId)
      })
      postbox().poke()
    },
    decline(chatId) {
      inState(chatId, 'asked')
      book.write(() => {
        postbox().tell(newestAsked(chatId), [{ kind: 'decline' }])
        forgetUnshown(chatId)
        close(chatId, 'declined', 'me')
      })
      scrub()
      postbox().poke()
    },
    acceptKeys(chatId) {
      inState(chatId, 'changed')
      book.write(() => {
        const session = newestChanged(chatId)
        if (!session) throw new BackendError('refused', 'nobody asks')
        postbox().tell(session, [{ kind: 'accept' }])
        activate(session, 'keys-accepted', 'me')
      })
      postbox().poke()
    },
    end(chatId) {
      inState(chatId, 'waiting', 'secured', 'changed')
      book.write(() => {
        for (const session of sessions.of(chatId)) if (session.role !== 'retired') postbox().tell(session, [{ kind: 'end' }])
        close(chatId, 'by-me', 'me')
      })
      postbox().poke()
    },
    setTimer(chatId, ttl) {
      const chat = inState(chatId, 'waiting', 'secured')
      if (chat.ttl === ttl) return
      book.write(() => {
        const version = chat.ttl_version + 1
        book.setChat(chatId, { ttl, ttl_version: version })
        book.notice(chatId, { code: 'timer', ttl }, 'me')
        postbox().post(chatId, { kind: 'timer', version, ttl })
      })
      postbox().poke()
    },

    asked(chatId, handle, state, began) {
      const chat = book.find(chatId)
      const isOther = chat?.identity != null && chat.identity !== identityText(state.peer)
      if (isOther) book.setChat(chatId, { compared: null })
      if (!chat || chat.state === 'ended' || chat.state === 'asked') {
        book.open(chatId, handle, 'asked')
        if (isOther) book.notice(chatId, { code: 'keys-changed' })
        book.notice(chatId, { code: 'asked' })
        return sessions.add(chatId, 'asked', state, began)
      }
      if (isOther) {
        changed(chatId)
        return sessions.add(chatId, 'asked', state, began)
      }
      if (chat.state === 'changed') return sessions.add(chatId, 'asked', state, began)
      // Both asked at once, or they began anew: either way both want it.
      const ours = sessions.of(chatId, deviceOf(state)).find(({ role }) => role === 'ringing' || role === 'active')
      const theirs = sessions.add(chatId, 'asked', state, began)
      if (ours && countsBefore(ours, theirs)) {
        sessions.setRole(theirs, 'retired')
        if (ours.role === 'ringing') activate(ours, 'accepted', 'peer')
        return { ...theirs, role: 'retired' }
      }
      postbox().tell(theirs, [{ kind: 'accept' }])
      if (chat.state === 'waiting') activate(theirs, 'accepted', 'peer')
      else takeOver(theirs, 'peer')
      return sessions.current(theirs)
    },
    wentBack() {
      // Sealed before, and perhaps sent since under the same numbers; what they said is said again.
      store.run('DELETE FROM secret_packet')
      for (const { id, state } of selectSecretChats(store, "WHERE c.state IN ('waiting', 'secured')")) {
        // Kept, for what is begun now must count before it.
        for (const session of sessions.of(id)) {
          if (session.role === 'ringing' || session.role === 'active') sessions.setRole(session, 'retired')
        }
        comparingOver(id)
        book.noticeOnce(id, { code: 'rolled-back' }, 'me')
        if (state === 'secured') book.setChat(id, { reset_at: null, broken_at: CERTAIN })
        else repeating.sayAllAgain(id, [])
      }
    },
    renew(chatId, state) {
      const session = sessions.add(chatId, 'ringing', state)
      if (book.chat(chatId).identity !== identityText(state.peer)) {
        book.setChat(chatId, { compared: null })
        return changed(chatId, session)
      }
      // Also when there is nothing to say: the other side is to know.
      postbox().tell(session, [])
      takeOver(session, 'me')
    },
    acceptedBy(session) {
      if (session.role === 'ringing' && book.chat(session.chatId).state === 'waiting') activate(session, 'accepted', 'peer')
    },
    endedBy(session, how) {
      const { chatId, role } = session
      const { state } = book.chat(chatId)
      if (role === 'retired' || state === 'ended') return
      if (how === 'decline') {
        if (role !== 'ringing') return
        sessions.remove(session)
        if (sessions.withRole(chatId, 'ringing').length === 0) close(chatId, 'declined', 'peer')
      } else if (how === 'taken') {
        if (state !== 'asked') return
        forgetUnshown(chatId)
        close(chatId, 'elsewhere', 'peer')
      } else if (state === 'asked') {
        forgetUnshown(chatId)
        close(chatId, 'by-peer', 'peer')
      } else close(chatId, 'by-peer', 'peer')
    },
    deviceGone(chatId, device) {
      for (const session of sessions.of(chatId, device)) {
        sessions.remove(session)
        if (session.role === 'active' || (session.role === 'ringing' && sessions.withRole(chatId, 'ringing').length === 0)) {
          return close(chatId, 'device-gone', 'peer')
        }
      }
    },
  }
}

const deviceOf = (state: SessionState) => Buffer.from(state.peer.device).toString('base64url')
