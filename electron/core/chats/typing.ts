/** Who is writing at this moment. Nothing of it is kept, and nothing is lost with it. */
import type { Clock, Timer } from '../../../shared/util/clock.ts'
import type { Emit } from '../emit.ts'
import type { RelayLink } from '../reach/relay-link.ts'
import { chatIdOf } from './contacts.ts'
import type { Ledger } from './ledger.ts'

export interface Typing {
  /** The user writes in this chat. Throws `no-such-chat`. */
  set(chatId: string): void
  heard(from: string): void
  /** A message came: the writing is over. */
  arrived(chatId: string): void
  close(): void
}

const TOLD_EVERY_MS = 3000
const SHOWN_MS = 5000

export function createTyping(ledger: Ledger, link: RelayLink, clock: Clock, emit: Emit, shown: () => boolean): Typing {
  const toldAt = new Map<string, number>()
  const writing = new Map<string, Timer>()

  const over = (chatId: string) => {
    const timer = writing.get(chatId)
    if (!timer) return
    timer.cancel()
    writing.delete(chatId)
    emit('typing.changed', { chatId, typing: false })
  }

  return {
    set(chatId) {
      const { handle } = ledger.chat(chatId)
      const now = clock.monotonic()
      if (!shown() || now - (toldAt.get(chatId) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return
      toldAt.set(chatId, now)
      link.sendTyping(handle)
    },
    heard(from) {
      const chatId = chatIdOf(from)
      if (!ledger.store.get('SELECT 1 AS here FROM chat WHERE id = ?', [chatId])) return
      const before = writing.get(chatId)
      before?.cancel()
      writing.set(
        chatId,
        clock.after(SHOWN_MS, () => over(chatId)),
      )
      if (!before) emit('typing.changed', { chatId, typing: true })
    },
    arrived: over,
    close() {
      for (const timer of writing.values()) timer.cancel()
      writing.clear()
    },
  }
}
