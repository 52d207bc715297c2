/** The count of what is unread, kept from one look to the next: always what counting anew would give. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createUnread } from '../../../../electron/core/secret/unread.ts'
import { openStore } from '../../../../electron/core/store/store.ts'

const chat = 'secret:bob'

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('theirs', 'mine', 'notice') },
  fc.constantFrom('look', 'look'),
  fc.record({ read: fc.nat(40) }),
  fc.record({ remove: fc.nat(40) }),
)

it('is what counting every row would give, whatever came, went and was read', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = openStore({ path: ':memory:', key: new Uint8Array(32) })
      store.run("INSERT INTO contact (handle, key, source) VALUES ('bob', 'key', 'card')")
      store.run("INSERT INTO secret_chat (id, peer, state, since) VALUES (?, 'bob', 'secured', 0)", [chat])
      const unread = createUnread(store)
      let readOrd = 0
      const look = () => {
        const counted = store.get<{ count: number; first: number | null }>(
          "SELECT count(*) AS count, min(ord) AS first FROM secret_message WHERE chat_id = ? AND mine = 0 AND kind <> 'notice' AND ord > ?",
          [chat, readOrd],
        )
        expect(unread.of(chat, readOrd)).toMatchObject(counted ?? {})
      }
      for (const [at, one] of steps.entries()) {
        if (one === 'look') look()
        else if (typeof one === 'string') {
          const kind = one === 'notice' ? 'notice' : 'text'
          store.run('INSERT INTO secret_message (id, chat_id, mine, kind, text, at) VALUES (?, ?, ?, ?, ?, 0)', [
            `${at}`,
            chat,
            one === 'mine' ? 1 : 0,
            kind,
            'words',
          ])
        } else if ('read' in one) readOrd = Math.max(readOrd, one.read)
        else {
          store.run('DELETE FROM secret_message WHERE ord = ?', [one.remove])
          unread.forget(chat)
        }
      }
      look()
      store.close()
    }),
    { numRuns: 60 },
  )
})

it('looks at nothing twice, however long the chat is', () => {
  const store = openStore({ path: ':memory:', key: new Uint8Array(32) })
  store.run("INSERT INTO contact (handle, key, source) VALUES ('bob', 'key', 'card')")
  store.run("INSERT INTO secret_chat (id, peer, state, since) VALUES (?, 'bob', 'secured', 0)", [chat])
  const unread = createUnread(store)
  const add = (id: string, mine: 0 | 1) =>
    store.run("INSERT INTO secret_message (id, chat_id, mine, kind, text, at) VALUES (?, ?, ?, 'text', 'words', 0)", [id, chat, mine])
  add('a', 0)
  add('b', 1)
  expect(unread.of(chat, 0)).toMatchObject({ count: 1, first: 1 })
  // What was counted is not looked at again, so that a row that changed unheard does not show.
  store.run('UPDATE secret_message SET mine = 0')
  add('c', 0)
  expect(unread.of(chat, 0)).toMatchObject({ count: 2, first: 1 })
  store.close()
})
