/** The sessions of each chat: values of the crypto room, kept in the store under the role they play. */
import { toBase64Url } from '../../../shared/util/bytes.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Log } from '../log.ts'
import type { Store } from '../store/store.ts'
import { decodeSession, encodeSession } from './crypto/session-bytes.ts'
import { type DeviceIdentity, SecretError, type SessionState } from './crypto/types.ts'

/** `ringing`: we asked. `asked`: they did. `active`: what we send goes here. `retired`: only receives, for a while. */
export type Role = 'ringing' | 'asked' | 'active' | 'retired'

export interface KeptSession {
  readonly sid: string
  readonly chatId: string
  /** The peer's device, base64url. */
  readonly device: string
  readonly role: Role
  readonly state: SessionState
  /** By its initiator's word, ms. */
  readonly began: number
}

type Row = { sid: string; chat_id: string; device: string; role: Role; state: Uint8Array<ArrayBuffer>; began: number }

/** Everything that changes runs inside a `write`. */
export interface Sessions {
  /** Newest first. */
  of(chatId: string, device?: string): KeptSession[]
  withRole(chatId: string, role: Role): KeptSession[]
  /** As it stands now: what is in hand may have been moved on by a packet since. */
  current(session: KeptSession): KeptSession
  /** `began`: by its initiator's word; left out for one that we begin now. */
  add(chatId: string, role: Role, state: SessionState, began?: number): KeptSession
  /** The same session after a packet. */
  advance(session: KeptSession, state: SessionState): KeptSession
  /** The same session after it has sealed one: answers the number of that body. */
  sealed(session: KeptSession, state: SessionState): number
  setRole(session: KeptSession, role: Role): void
  remove(session: KeptSession): void
  /** Retired ones whose time is over go. */
  prune(): void
}

/** Sessions held as read, the latest used last. */
const MAX_HELD = 50
const RETIRED_MS = 48 * 3600 * 1000
/** A chat of more live sessions than this forgets the oldest: garbage costs a look at each. */
const MAX_SESSIONS = 6

export const sidOf = (state: SessionState) => toBase64Url(state.sid)
export const identityText = ({ device, signing, agreement }: DeviceIdentity) =>
  JSON.stringify([toBase64Url(device), toBase64Url(signing), toBase64Url(agreement)])

/** Of an identity as it is kept: whose device it is. */
export const deviceOfIdentity = (identity: string | null): string | null => {
  const parts: unknown = identity === null ? null : JSON.parse(identity)
  return Array.isArray(parts) && typeof parts[0] === 'string' ? parts[0] : null
}

/** Of two sessions with one device both sides choose the same: the one begun later, and of equal ones the lower `th`. */
export const countsBefore = (a: KeptSession, b: KeptSession) =>
  a.began === b.began ? Buffer.compare(a.state.th, b.state.th) < 0 : a.began > b.began

export function createSessions(store: Store, clock: Clock, log: Log): Sessions {
  /**
   * What the bytes in the store mean, read once. Taken only where the store still says the very same bytes: what a transaction rolled
   * back, or another session of this name, never comes from here.
   */
  const held = new Map<string, { readonly bytes: Uint8Array; readonly state: SessionState }>()
  const hold = (sid: string, bytes: Uint8Array, state: SessionState) => {
    held.delete(sid)
    held.set(sid, { bytes, state })
    for (const oldest of held.keys()) if (held.size > MAX_HELD) held.delete(oldest)
  }
  const read = (sid: string, bytes: Uint8Array): SessionState => {
    const known = held.get(sid)
    if (known && Buffer.compare(known.bytes, bytes) === 0) return known.state
    const state = decodeSession(bytes)
    hold(sid, bytes, state)
    return state
  }
  const written = (sid: string, state: SessionState) => {
    const bytes = encodeSession(state)
    hold(sid, bytes, state)
    return bytes
  }

  /** One whose bytes cannot be read, as one kept by another version, goes: a chat without its session begins anew by itself. */
  const readable = ({ chat_id, state, ...rest }: Row): KeptSession[] => {
    try {
      return [{ ...rest, chatId: chat_id, state: read(rest.sid, state) }]
    } catch (error) {
      if (!(error instanceof SecretError)) throw error
      log.warn('a kept session cannot be read, and goes', { code: error.code })
      store.run('DELETE FROM secret_session WHERE sid = ?', [rest.sid])
      return []
    }
  }
  const select = (where: string, params: readonly string[]) =>
    store
      .all<Row>(`SELECT sid, chat_id, device, role, state, began FROM secret_session WHERE ${where} ORDER BY at DESC, sid`, params)
      .flatMap(readable)

  /** Always more than in any session before, whatever the clocks say. */
  const nextBegin = (chatId: string) => {
    const last = store.get<{ at: number | null }>('SELECT max(began) AS at FROM secret_session WHERE chat_id = ?', [chatId])
    return Math.max(clock.now(), (last?.at ?? 0) + 1)
  }

  return {
    of: (chatId, device) =>
      device === undefined ? select('chat_id = ?', [chatId]) : select('chat_id = ? AND device = ?', [chatId, device]),
    withRole: (chatId, role) => select('chat_id = ? AND role = ?', [chatId, role]),
    current: (session) => select('sid = ?', [session.sid])[0] ?? session,
    add(chatId, role, state, began = nextBegin(chatId)) {
      const session = { sid: sidOf(state), chatId, device: toBase64Url(state.peer.device), role, state, began }
      store.run('INSERT INTO secret_session (sid, chat_id, device, role, state, at, began) VALUES (?, ?, ?, ?, ?, ?, ?)', [
        session.sid,
        chatId,
        session.device,
        role,
        written(session.sid, state),
        clock.now(),
        began,
      ])
      store.run(
        `DELETE FROM secret_session WHERE sid IN (
           SELECT sid FROM secret_session WHERE chat_id = ? AND role <> 'active' ORDER BY at DESC, sid LIMIT -1 OFFSET ?)`,
        [chatId, MAX_SESSIONS],
      )
      return session
    },
    advance(session, state) {
      store.run('UPDATE secret_session SET state = ? WHERE sid = ?', [written(session.sid, state), session.sid])
      return { ...session, state }
    },
    sealed({ sid }, state) {
      const row = store.get<{ sealed: number }>('UPDATE secret_session SET state = ?, sealed = sealed + 1 WHERE sid = ? RETURNING sealed', [
        written(sid, state),
        sid,
      ])
      if (!row) throw new Error('sealed in a session that is gone')
      return row.sealed
    },
    setRole: ({ sid }, role) => void store.run('UPDATE secret_session SET role = ?, at = ? WHERE sid = ?', [role, clock.now(), sid]),
    remove({ sid }) {
      held.delete(sid)
      store.run('DELETE FROM secret_session WHERE sid = ?', [sid])
    },
    prune() {
      held.clear()
      store.run("DELETE FROM secret_session WHERE role = 'retired' AND at < ?", [clock.now() - RETIRED_MS])
    },
  }
}
