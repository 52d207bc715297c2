/** One transaction, then, once it is on the disk, one telling for each record that it touched. */
import type { Store } from './store/store.ts'

export interface Touched {
  /** Durable when it returns; then the touched records are told. Inside another `write` it becomes part of that one. */
  write<T>(work: () => T): T
  touchMessage(ord: number): void
  touchChat(chatId: string): void
  /** This message is no more. */
  touchGone(id: string, chatId: string): void
}

export interface Telling {
  /** It may have been removed since by the same transaction. */
  message(ord: number): void
  chat(chatId: string): void
  gone?(id: string, chatId: string): void
}

/** `isWriting`: a `write` is under way; not any more while what it touched is told. */
export function createTouched(store: Store, tell: Telling): Touched & { isWriting(): boolean } {
  let depth = 0
  const messages = new Set<number>()
  const chats = new Set<string>()
  const removed = new Map<string, string>()

  const take = () => {
    const taken = { ords: [...messages], chatIds: [...chats], gone: [...removed] }
    messages.clear()
    chats.clear()
    removed.clear()
    return taken
  }

  return {
    isWriting: () => depth > 0,
    write(work) {
      if (depth > 0) return work()
      depth += 1
      let result: ReturnType<typeof work>
      try {
        result = store.transaction(work)
      } catch (error) {
        take()
        throw error
      } finally {
        depth -= 1
      }
      const { ords, chatIds, gone } = take()
      for (const ord of ords) tell.message(ord)
      for (const [id, chatId] of gone) tell.gone?.(id, chatId)
      for (const chatId of chatIds) tell.chat(chatId)
      return result
    },
    touchMessage: (ord) => void messages.add(ord),
    touchChat: (chatId) => void chats.add(chatId),
    touchGone: (id, chatId) => void removed.set(id, chatId),
  }
}
