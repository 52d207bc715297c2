/** People and their chats. A key the user gave stands above what the relay says of the same handle. */
import type { ChatSummary, Contact } from '../../../shared/contract/chat.ts'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { type Ledger, selectChats } from './ledger.ts'
import { type ContactRow, toContact } from './rows.ts'

export interface Contacts {
  list(): Contact[]
  chats(): ChatSummary[]
  /** Adds a person and their empty chat. Throws `own-card`, `already-there` (also for a second key of a handle the user has). */
  add(card: string): ChatSummary
  /**
   * The chat with somebody the relay spoke of, made if need be. `null` when the relay names another key than the one we
   * have: whoever that is, it is not the person of this chat.
   */
  met(handle: string, key: string): string | null
  /** Durable when it returns. Throws `no-such-chat`. */
  setDraft(chatId: string, text: string): void
}

export const chatIdOf = (handle: string) => `cloud:${handle}`

export function createContacts(ledger: Ledger, clock: Clock): Contacts {
  const { store, owner } = ledger
  const find = (handle: string) => store.get<ContactRow>('SELECT handle, key, source FROM contact WHERE handle = ?', [handle])

  const make = (handle: string, key: string, source: 'card' | 'relay'): string => {
    const id = chatIdOf(handle)
    store.run('INSERT INTO contact (handle, key, source) VALUES (?, ?, ?)', [handle, key, source])
    store.run('INSERT INTO chat (id, peer, since) VALUES (?, ?, ?)', [id, handle, clock.now()])
    ledger.touchChat(id)
    return id
  }

  return {
    list: () => store.all<ContactRow>('SELECT handle, key, source FROM contact ORDER BY handle').map(toContact),
    chats: () => selectChats(store).map((chat) => ledger.summary(chat.id)),
    add(card) {
      const [handle = '', key = ''] = card.split(':')
      if (handle === owner.handle) throw new BackendError('own-card')
      const known = find(handle)
      if (known?.source === 'card') throw new BackendError('already-there', known.key === key ? '' : 'with another key')
      return ledger.write(() => {
        if (!known) return ledger.summary(make(handle, key, 'card'))
        store.run("UPDATE contact SET key = ?, source = 'card' WHERE handle = ?", [key, handle])
        ledger.touchChat(chatIdOf(handle))
        return ledger.summary(chatIdOf(handle))
      })
    },
    met(handle, key) {
      const known = find(handle)
      if (!known) return make(handle, key, 'relay')
      return known.key === key ? chatIdOf(handle) : null
    },
    setDraft(chatId, text) {
      if (ledger.chat(chatId).draft === text) return
      ledger.write(() => {
        store.run('UPDATE chat SET draft = ? WHERE id = ?', [text, chatId])
        ledger.touchChat(chatId)
      })
    },
  }
}
