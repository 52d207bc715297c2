/** Self-destruct: timers begin when a message was truly seen, deadlines are absolute, and what is due goes from everywhere. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { SecretBook } from './book.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import type { Postbox } from './postbox.ts'
import { selectSecretMessages } from './rows.ts'

export interface Vanishing {
  /** The user truly saw these: their timers begin, here and, by our word, at the other side. */
  seen(chatId: string, ids: readonly string[]): void
  /** Inside a `write`: the other side saw these of ours. */
  seenByPeer(chatId: string, ids: readonly string[]): void
  /** There are new deadlines. */
  plan(): void
  /** Removes what is due. */
  sweep(): void
  close(): void
}

export interface VanishDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'post' | 'poke'>
  readonly clock: Clock
  readonly deadlines: DeadlineClock
  /** Whether the other side is told of what was read without a timer. */
  readingShown(): boolean
}

/** Looks again at least this often: the machine may have slept, or its clock been set. */
const LOOK_MS = 60_000
const DUE = 'coalesce(vanish_at, cap)'

export function createVanishing({ book, postbox, clock, deadlines, readingShown }: VanishDeps): Vanishing {
  const { store } = book
  let timer: Timer | null = null

  const sweep = () => {
    const due = store.all<{ ord: number }>(`SELECT ord FROM secret_message WHERE ttl IS NOT NULL AND ${DUE} <= ?`, [deadlines.now()])
    if (due.length > 0) {
      book.write(() => {
        deadlines.remember()
        book.forget(due.map(({ ord }) => ord))
      })
      store.scrub()
    }
    plan()
  }
  const plan = () => {
    timer?.cancel()
    timer = null
    const next = store.get<{ at: number | null }>(`SELECT min(${DUE}) AS at FROM secret_message WHERE ttl IS NOT NULL`)?.at ?? null
    if (next === null) return
    timer = clock.after(Math.min(LOOK_MS, Math.max(0, next - deadlines.now())), sweep)
  }

  /** Begins the timers of those not seen so far; answers them. */
  const begin = (chatId: string, ids: readonly string[], mine: 0 | 1) => {
    const now = deadlines.now()
    const rows = ids.flatMap((id) =>
      selectSecretMessages(store, "WHERE m.id = ? AND m.chat_id = ? AND m.mine = ? AND m.seen = 0 AND m.kind <> 'notice'", [
        id,
        chatId,
        mine,
      ]),
    )
    for (const { ord, ttl } of rows) {
      store.run('UPDATE secret_message SET seen = 1, kept = 1, vanish_at = ? WHERE ord = ?', [ttl === null ? null : now + ttl, ord])
      book.touchMessage(ord)
    }
    if (rows.some(({ ttl }) => ttl !== null)) deadlines.remember()
    return rows
  }

  return {
    seen(chatId, ids) {
      const { state } = book.chat(chatId)
      // While asked, nothing is shown that could be seen.
      if (state === 'asked') return
      book.write(() => {
        const rows = begin(chatId, ids, 0)
        const told = rows.filter(({ ttl }) => ttl !== null || readingShown()).map(({ id }) => id)
        if (told.length > 0) postbox.post(chatId, { kind: 'seen', ids: told })
        if (rows.length > 0) book.touchChat(chatId)
      })
      postbox.poke()
      plan()
    },
    seenByPeer(chatId, ids) {
      if (begin(chatId, ids, 1).length === 0) return
      book.touchChat(chatId)
      // After this transaction, when the new deadlines stand.
      timer?.cancel()
      timer = clock.after(0, sweep)
    },
    plan,
    sweep,
    close() {
      timer?.cancel()
      timer = null
    },
  }
}
