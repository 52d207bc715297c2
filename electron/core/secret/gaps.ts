/**
 * Bodies that have not come: a row says how many, the other side is asked for them once after a while, and what is lost for
 * good is said in a row that stays (docs/PROTOCOL-SECRET.md, "Missing messages").
 */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { SecretBook } from './book.ts'
import type { Item } from './crypto/body.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import type { Postbox } from './postbox.ts'
import type { KeptSession } from './sessions.ts'

export interface Gaps {
  /** Inside a `write`: body `n` opened; `highest` was the highest number before. */
  opened(session: KeptSession, highest: number, n: number): void
  /** Inside a `write`: the other side has said again what it still had. */
  answered(session: KeptSession, item: Extract<Item, { kind: 'gone' }>): void
  /** Something may be due. */
  plan(): void
  close(): void
}

export interface GapsDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'post' | 'poke'>
  readonly clock: Clock
  readonly deadlines: DeadlineClock
}

/** They may only be late. */
const WAIT_MS = 120_000
const LOOK_MS = 60_000
/** In one question. */
const MAX_ASKED = 1000

const OF_ACTIVE = "FROM secret_gap g JOIN secret_session s ON s.sid = g.sid WHERE s.role = 'active' AND g.asked = 0"

export function createGaps({ book, postbox, clock, deadlines }: GapsDeps): Gaps {
  const { store } = book
  let timer: Timer | null = null

  /** At most one row says how many are missing; it goes when they have come. */
  const show = (chatId: string) => {
    const count =
      store.get<{ count: number }>(
        'SELECT count(*) AS count FROM secret_gap g JOIN secret_session s ON s.sid = g.sid WHERE s.chat_id = ?',
        [chatId],
      )?.count ?? 0
    const before = store.all<{ ord: number; text: string }>(
      `SELECT ord, text FROM secret_message WHERE chat_id = ? AND kind = 'notice' AND text LIKE '{"code":"missing"%'`,
      [chatId],
    )
    const notice = { code: 'missing', count } as const
    if (count > 0 && before.some(({ text }) => text === JSON.stringify(notice))) return
    book.forget(before.map(({ ord }) => ord))
    if (count > 0) book.notice(chatId, notice)
  }

  const ask = () => {
    const due = store.all<{ sid: string; chat_id: string; n: number }>(
      `SELECT g.sid, s.chat_id, g.n ${OF_ACTIVE} AND g.at <= ? ORDER BY g.sid, g.n LIMIT ?`,
      [deadlines.now() - WAIT_MS, MAX_ASKED],
    )
    if (due.length > 0) {
      book.write(() => {
        for (const chatId of new Set(due.map(({ chat_id }) => chat_id))) {
          const ofChat = due.filter(({ chat_id }) => chat_id === chatId)
          for (const { sid, n } of ofChat) store.run('UPDATE secret_gap SET asked = 1 WHERE sid = ? AND n = ?', [sid, n])
          postbox.post(chatId, { kind: 'again', numbers: ofChat.map(({ n }) => n) })
        }
      })
      postbox.poke()
    }
    plan()
  }
  const plan = () => {
    timer?.cancel()
    timer = null
    const first = store.get<{ at: number | null }>(`SELECT min(g.at) AS at ${OF_ACTIVE}`)?.at ?? null
    if (first === null) return
    timer = clock.after(Math.min(LOOK_MS, Math.max(0, first + WAIT_MS - deadlines.now())), ask)
  }
  /** After the transaction under way. */
  const planSoon = () => {
    timer?.cancel()
    timer = clock.after(0, plan)
  }

  return {
    opened({ sid, chatId, role }, highest, n) {
      if (n <= highest) {
        if (store.run('DELETE FROM secret_gap WHERE sid = ? AND n = ?', [sid, n]) > 0) show(chatId)
        return
      }
      // What an earlier session did not carry is said again in the one that took its place.
      if (n === highest + 1 || (role === 'retired' && book.chat(chatId).state === 'secured')) return
      const at = deadlines.now()
      for (let missing = highest + 1; missing < n; missing++) {
        store.run('INSERT OR IGNORE INTO secret_gap (sid, n, at) VALUES (?, ?, ?)', [sid, missing, at])
      }
      show(chatId)
      planSoon()
    },
    answered({ sid, chatId, role }, { numbers, count }) {
      if (role !== 'active') return
      let answered = 0
      for (const n of numbers) answered += store.run('DELETE FROM secret_gap WHERE sid = ? AND n = ? AND asked = 1', [sid, n])
      if (answered === 0) return
      show(chatId)
      if (count > 0) book.notice(chatId, { code: 'lost', count })
    },
    plan,
    close: () => timer?.cancel(),
  }
}
