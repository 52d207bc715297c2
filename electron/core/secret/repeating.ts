/**
 * Saying things again: notes what each sealed body said, so that a new session can begin with what may not have arrived, and
 * a lost body can be answered. What is said again is sealed anew and under its old id; the other side shows it once.
 */
import type { Clock } from '../../../shared/util/clock.ts'
import type { SecretBook } from './book.ts'
import type { Item } from './crypto/body.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import type { Postbox } from './postbox.ts'
import { type SecretMessageRow, selectSecretMessages } from './rows.ts'
import type { KeptSession } from './sessions.ts'

/** All of it runs inside a `write`. */
export interface Repeating {
  /** This body was sealed. */
  said(session: KeptSession, n: number, items: readonly Item[], messages: readonly number[]): void
  /** The other side has this message. */
  arrived(ord: number): void
  /** These sessions are over, and another has taken their place: what they may not have carried goes in it. */
  sayAllAgain(chatId: string, old: readonly KeptSession[]): void
  /** The other side asks for these bodies of this session: those that are still there go again, and then that it is answered. */
  answer(session: KeptSession, numbers: readonly number[]): void
  /** A message of the other side went from here: sent again, it does not come back. */
  forgot(id: string, chatId: string): void
  /** Whether a message of this name was here and went. */
  isPast(id: string): boolean
}

export interface RepeatingDeps {
  readonly book: () => SecretBook
  readonly postbox: () => Pick<Postbox, 'queue' | 'flush'>
  readonly clock: Clock
  readonly deadlines: DeadlineClock
}

type SaidRow = { n: number; item: string | null; message: number | null }

/** Bodies of one chat that are said again in an hour, at most: whoever asks costs us work. */
const MAX_ANSWERED = 1000
const HOUR_MS = 3_600_000
/** What is known of bodies further back than this goes. */
const MAX_SAID = 5000
const PAST_MS = 60 * 24 * 3_600_000
const MAX_PAST = 5000
/** Names in one item: a body stays small. */
const IDS = 300
const LISTS = ['kept', 'seen', 'remove'] as const
/** What can be said again as it was. */
const REPEATABLE = [...LISTS, 'timer', 'again', 'gone']
const isList = (item: Item): item is Extract<Item, { ids: string[] }> => LISTS.some((kind) => kind === item.kind)

export function createRepeating({ book, postbox, clock, deadlines }: RepeatingDeps): Repeating {
  /** By chat, since the program began. */
  const answered = new Map<string, { since: number; count: number }>()
  const mayAnswer = (chatId: string, numbers: readonly number[]) => {
    const now = deadlines.now()
    const before = answered.get(chatId)
    const hour = before && now - before.since < HOUR_MS ? before : { since: now, count: 0 }
    const some = numbers.slice(0, Math.max(0, MAX_ANSWERED - hour.count))
    answered.set(chatId, { ...hour, count: hour.count + some.length })
    return some
  }

  /** `null`: it is not to be said any more. */
  const textOf = ({ id, text, ttl, cap }: SecretMessageRow): Item | null =>
    ttl !== null && (cap ?? 0) <= deadlines.now() ? null : { kind: 'text', id, text, ttl, cap: cap ?? 0 }

  const sayMessageAgain = (row: SecretMessageRow) => {
    const { store, touchMessage } = book()
    const { ord, kind, chat_id } = row
    const isWaiting = store.get('SELECT 1 AS here FROM secret_item WHERE message = ?', [ord]) !== undefined
    if (isWaiting || row.kept === 1) return
    if (kind === 'file') {
      // Brought to the relay again, under another key.
      store.run('UPDATE secret_file SET media = NULL WHERE ord = ? AND gone = 0', [ord])
      return
    }
    const item = textOf(row)
    if (!item) return
    store.run('UPDATE secret_message SET sent = 0 WHERE ord = ?', [ord])
    postbox().queue(chat_id, item, ord)
    touchMessage(ord)
  }

  const sayMessagesAgain = (chatId: string) => {
    const { store, chat } = book()
    // Also those not sealed yet, so that all go in their order.
    store.run(
      "DELETE FROM secret_item WHERE chat_id = ? AND message IN (SELECT ord FROM secret_message WHERE chat_id = ? AND kind = 'text')",
      [chatId, chatId],
    )
    const rows = selectSecretMessages(
      store,
      "WHERE m.chat_id = ? AND m.mine = 1 AND m.kept = 0 AND m.failure IS NULL AND m.kind <> 'notice' AND m.ord > ? ORDER BY m.ord",
      [chatId, chat(chatId).since_ord],
    )
    for (const row of rows) sayMessageAgain(row)
  }

  const sayRestAgain = (chatId: string, old: readonly KeptSession[]) => {
    const { store, chat } = book()
    const items = old.flatMap(({ sid }) =>
      store
        .all<SaidRow>('SELECT n, item, message FROM secret_said WHERE sid = ? AND item IS NOT NULL ORDER BY n', [sid])
        // Written by `said` below.
        .map(({ item }) => JSON.parse(item ?? '') as Item),
    )
    for (const kind of LISTS) {
      const ids = [...new Set(items.filter(isList).flatMap((item) => (item.kind === kind ? item.ids : [])))]
      for (let at = 0; at < ids.length; at += IDS) postbox().queue(chatId, { kind, ids: ids.slice(at, at + IDS) })
    }
    const { ttl, ttl_version } = chat(chatId)
    if (ttl_version > 0) postbox().queue(chatId, { kind: 'timer', version: ttl_version, ttl })
  }

  return {
    said({ sid }, n, items, messages) {
      const { store } = book()
      for (const ord of messages) store.run('INSERT INTO secret_said (sid, n, message) VALUES (?, ?, ?)', [sid, n, ord])
      for (const item of items) {
        if (REPEATABLE.includes(item.kind))
          store.run('INSERT INTO secret_said (sid, n, item) VALUES (?, ?, ?)', [sid, n, JSON.stringify(item)])
      }
      store.run('DELETE FROM secret_said WHERE sid = ? AND n <= ?', [sid, n - MAX_SAID])
    },
    arrived: (ord) => void book().store.run('DELETE FROM secret_said WHERE message = ?', [ord]),
    sayAllAgain(chatId, old) {
      sayRestAgain(chatId, old)
      sayMessagesAgain(chatId)
      postbox().flush(chatId)
    },
    answer({ sid, chatId }, numbers) {
      const { store } = book()
      const sealed = store.get<{ sealed: number }>('SELECT sealed FROM secret_session WHERE sid = ?', [sid])?.sealed ?? 0
      const asked = mayAnswer(
        chatId,
        numbers.filter((n) => n <= sealed),
      )
      if (asked.length === 0) return
      let gone = 0
      for (const n of asked) {
        if (n <= sealed - MAX_SAID) gone += 1
        for (const said of store.all<SaidRow>('SELECT n, item, message FROM secret_said WHERE sid = ? AND n = ?', [sid, n])) {
          // Written by `said` above.
          if (said.item !== null) postbox().queue(chatId, JSON.parse(said.item) as Item)
          else if (said.message === null) gone += 1
          else sayMessageAgain(book().row({ ord: said.message }))
        }
      }
      postbox().queue(chatId, { kind: 'gone', numbers: asked, count: gone })
      postbox().flush(chatId)
    },
    forgot(id, chatId) {
      const { store } = book()
      const now = clock.now()
      store.run('INSERT OR REPLACE INTO secret_past (id, chat_id, at) VALUES (?, ?, ?)', [id, chatId, now])
      store.run(
        `DELETE FROM secret_past WHERE chat_id = ? AND (at < ? OR id IN (
           SELECT id FROM secret_past WHERE chat_id = ? ORDER BY at DESC LIMIT -1 OFFSET ?))`,
        [chatId, now - PAST_MS, chatId, MAX_PAST],
      )
    },
    isPast: (id) => book().store.get('SELECT 1 AS here FROM secret_past WHERE id = ?', [id]) !== undefined,
  }
}
