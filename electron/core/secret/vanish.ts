/** Self-destruct: timers begin when a message was truly seen, deadlines are absolute, and what is due goes from everywhere. */
import { BackendError } from '../../../shared/contract/errors.ts'
import { ONCE_MS } from '../../../shared/contract/secret.ts'
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { SecretBook } from './book.ts'
import type { DeadlineClock } from './deadline-clock.ts'
import { dropBytes } from './files/bytes.ts'
import type { Postbox } from './postbox.ts'
import type { Receipts } from './receipts.ts'
import { selectSecretMessages } from './rows.ts'

export interface Vanishing {
  /** The user truly saw these: their timers begin, here and, by our word, at the other side. */
  seen(chatId: string, ids: readonly string[]): void
  /** Inside a `write`: the other side saw these of ours. */
  seenByPeer(chatId: string, ids: readonly string[]): void
  /** A picture to be seen once was closed: its bytes go now. Throws `no-such-message`, `refused`. */
  viewed(chatId: string, id: string): void
  /** There are new deadlines. */
  plan(): void
  /** Removes what is due. */
  sweep(): void
  close(): void
}

export interface VanishDeps {
  readonly book: SecretBook
  readonly postbox: Pick<Postbox, 'poke'>
  readonly receipts: Pick<Receipts, 'tell'>
  readonly clock: Clock
  readonly deadlines: DeadlineClock
  /** Whether the other side is told of what was read without a timer or more than once. */
  readingShown(): boolean
}

/** Looks again at least this often: the machine may have slept, or its clock been set. */
const LOOK_MS = 60_000
const DUE = 'coalesce(vanish_at, cap)'

export function createVanishing({ book, postbox, receipts, clock, deadlines, readingShown }: VanishDeps): Vanishing {
  const { store } = book
  let timer: Timer | null = null

  const sweep = () => {
    const now = deadlines.now()
    const due = store.all<{ ord: number }>(`SELECT ord FROM secret_message WHERE ttl IS NOT NULL AND ${DUE} <= ?`, [now])
    const viewed = store.all<{ ord: number }>('SELECT ord FROM secret_file WHERE gone_at <= ?', [now])
    if (due.length + viewed.length > 0) {
      book.write(() => {
        deadlines.remember()
        book.forget(due.map(({ ord }) => ord))
        for (const { ord } of viewed) dropBytes(book, ord)
      })
      store.scrub()
    }
    plan()
  }
  const plan = () => {
    timer?.cancel()
    timer = null
    const next =
      store.get<{ at: number | null }>(
        `SELECT min(at) AS at FROM (
           SELECT min(${DUE}) AS at FROM secret_message WHERE ttl IS NOT NULL
           UNION ALL SELECT min(gone_at) FROM secret_file WHERE gone_at IS NOT NULL)`,
      )?.at ?? null
    if (next === null) return
    timer = clock.after(Math.min(LOOK_MS, Math.max(0, next - deadlines.now())), sweep)
  }

  /** Begins the timers of those not seen so far; answers them. */
  const begin = (chatId: string, ids: readonly string[], mine: 0 | 1) => {
    const now = deadlines.now()
    const rows = ids.flatMap((id) =>
      // A file that is not here cannot have been opened.
      selectSecretMessages(
        store,
        "WHERE m.id = ? AND m.chat_id = ? AND m.mine = ? AND m.seen = 0 AND m.kind <> 'notice' AND (m.mine = 1 OR f.id IS NULL OR f.have = f.size)",
        [id, chatId, mine],
      ),
    )
    for (const { ord, ttl, once } of rows) {
      store.run('UPDATE secret_message SET seen = 1, kept = 1, vanish_at = ? WHERE ord = ?', [ttl === null ? null : now + ttl, ord])
      // Whoever sent it has no more use for it.
      if (once === 1) store.run('UPDATE secret_file SET gone_at = ? WHERE ord = ?', [mine === 1 ? now : now + ONCE_MS, ord])
      book.touchMessage(ord)
    }
    if (rows.some(({ ttl, once }) => ttl !== null || once === 1)) deadlines.remember()
    return rows
  }

  return {
    seen(chatId, ids) {
      const { state } = book.chat(chatId)
      // While asked, nothing is shown that could be seen.
      if (state === 'asked') return
      book.write(() => {
        const rows = begin(chatId, ids, 0)
        const told = rows.filter(({ ttl, once }) => ttl !== null || once === 1 || readingShown()).map(({ id }) => id)
        if (told.length > 0 && state !== 'ended') receipts.tell(chatId, 'seen', told)
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
    viewed(chatId, id) {
      const row = book.row({ id })
      if (row.chat_id !== chatId || row.once !== 1 || row.mine === 1 || row.seen === 0)
        throw new BackendError('refused', 'nothing was opened')
      store.run('UPDATE secret_file SET gone_at = 0 WHERE ord = ? AND gone = 0', [row.ord])
      sweep()
    },
    plan,
    sweep,
    close() {
      timer?.cancel()
      timer = null
    },
  }
}
