import Database from '@signalapp/sqlcipher'
import { expect, it } from 'vitest'
import { migrate } from '../../../../electron/core/store/migrate.ts'

it('what hangs on a message of a secret chat goes with it, and no position is given twice', () => {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = ON')
  migrate(database)
  const all = (sql: string) => database.prepare(sql).all()
  database.exec(`
    INSERT INTO contact (handle, key, source) VALUES ('bob', 'key', 'card');
    INSERT INTO secret_chat (id, peer, state, since) VALUES ('secret:bob', 'bob', 'secured', 1);
    INSERT INTO secret_message (id, chat_id, mine, kind, text, at) VALUES ('a', 'secret:bob', 1, 'file', 'a.png', 1);
    INSERT INTO secret_file (id, ord, chat_id, message_id, name, size) VALUES ('f', 1, 'secret:bob', 'a', 'a.png', 1);
    INSERT INTO secret_piece (file_id, start, bytes) VALUES ('f', 0, x'00');
    INSERT INTO secret_sealed_piece (file_id, start, bytes) VALUES ('f', 0, x'00');
    INSERT INTO secret_item (chat_id, item, message) VALUES ('secret:bob', '{}', 1), ('secret:bob', '{}', NULL);
    DELETE FROM secret_message;
    INSERT INTO secret_message (id, chat_id, mine, kind, text, at) VALUES ('b', 'secret:bob', 0, 'text', 'one', 2);
  `)
  expect(all('SELECT message FROM secret_item')).toEqual([{ message: null }])
  for (const table of ['secret_file', 'secret_piece', 'secret_sealed_piece']) expect(all(`SELECT * FROM ${table}`)).toEqual([])
  expect(all('SELECT ord FROM secret_message')).toEqual([{ ord: 2 }])
  expect(all('PRAGMA foreign_key_check')).toEqual([])
  database.close()
})
