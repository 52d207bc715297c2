/**
 * Tells the relay how far this device keeps, and the user has read, each person's messages. What is still to be told is
 * the difference of two marks in the store, so it survives anything, and a hundred messages are one receipt.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../../../shared/util/clock.ts'
import type { Random } from '../../../shared/util/random.ts'
import { errorFacts, type Log } from '../log.ts'
import { within } from '../net/deadline.ts'
import { createPauses } from '../pauses.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import type { Ledger } from './ledger.ts'

export interface Receipts {
  /** Something may be due. */
  poke(): void
  resume(): void
  /** The user saw everything up to `order` in this chat. Throws `no-such-chat`. */
  read(chatId: string, order: number): void
  /** Reading is not told from now on, nor later what was read before now. */
  forgetUntold(): void
  close(): void
}

export interface ReceiptsDeps {
  readonly ledger: Ledger
  readonly link: RelayLink
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readingShown(): boolean
}

type Due = { chat_id: string; peer: string; kept_seq: number; seen_seq: number; told_kept: number; told_seen: number }

const ANSWER_MS = 20_000
const EVERYTHING = 'everything'
/** For those that the relay refuses for good: asked again at the next start. */
const REFUSED_MS = 3_600_000

export function createReceipts({ ledger, link, clock, random, log, readingShown }: ReceiptsDeps): Receipts {
  const { store } = ledger
  const closing = new AbortController()
  // One for each request under way: many, and taken off again.
  setMaxListeners(0, closing.signal)
  const busy = new Set<string>()
  const pauses = createPauses(clock, random, () => pump())

  const due = () =>
    store.all<Due>(
      `SELECT id AS chat_id, peer, kept_seq, seen_seq, told_kept, told_seen FROM chat
       WHERE kept_seq > told_kept OR seen_seq > told_seen`,
    )

  const pump = () => {
    if (closing.signal.aborted || !link.online || pauses.has(EVERYTHING)) return
    for (const chat of due()) if (!busy.has(chat.chat_id) && !pauses.has(chat.chat_id)) void tell(chat)
  }

  const tell = async (chat: Due) => {
    busy.add(chat.chat_id)
    try {
      // Who has read it has it: one receipt says both.
      const read = chat.seen_seq > chat.told_seen && readingShown()
      const state = read ? 'read' : 'delivered'
      const upTo = read ? chat.seen_seq : chat.kept_seq
      if (!read && chat.kept_seq <= chat.told_kept) return
      const answer = await within(clock, ANSWER_MS, closing.signal, (signal) =>
        link.request('receipt.set', { peer: chat.peer, state, upTo }, signal),
      )
      if (closing.signal.aborted) return
      if (answer.ok) {
        pauses.clear(chat.chat_id)
        ledger.write(() =>
          store.run('UPDATE chat SET told_kept = max(told_kept, ?), told_seen = max(told_seen, ?) WHERE id = ?', [
            upTo,
            read ? upTo : 0,
            chat.chat_id,
          ]),
        )
      } else if (answer.code === 'rate-limited' || answer.code === 'overloaded') pauses.start(EVERYTHING, answer.retryMs)
      else if (answer.code === 'internal') pauses.start(chat.chat_id, answer.retryMs)
      else pauses.start(chat.chat_id, REFUSED_MS)
    } catch (error) {
      if (closing.signal.aborted || !link.online) return
      log.warn('receipt not told', errorFacts(error))
      pauses.start(chat.chat_id)
    } finally {
      busy.delete(chat.chat_id)
    }
    pump()
  }

  return {
    poke: pump,
    resume() {
      pauses.clearAll()
      pump()
    },
    read(chatId, order) {
      const chat = ledger.chat(chatId)
      const seen = store.get<{ ord: number | null; seq: number | null }>(
        'SELECT max(ord) AS ord, max(seq) AS seq FROM message WHERE chat_id = ? AND mine = 0 AND ord <= ?',
        [chatId, order],
      )
      if (!seen || seen.ord === null || seen.ord <= chat.read_ord) return
      const { ord, seq } = seen
      ledger.write(() => {
        store.run('UPDATE chat SET read_ord = ?, seen_seq = max(seen_seq, ?) WHERE id = ?', [ord, seq ?? 0, chatId])
        if (!readingShown()) store.run('UPDATE chat SET told_seen = seen_seq WHERE id = ?', [chatId])
        ledger.touchChat(chatId)
      })
      pump()
    },
    forgetUntold() {
      ledger.write(() => store.run('UPDATE chat SET told_seen = seen_seq'))
    },
    close() {
      closing.abort()
      pauses.clearAll()
    },
  }
}
