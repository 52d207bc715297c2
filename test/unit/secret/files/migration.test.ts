import Database from '@signalapp/sqlcipher'
import { expect, it } from 'vitest'
import { migrate, migrations } from '../../../../electron/core/store/migrate.ts'

it('a store with secret chats from before there were files in them keeps all of it, and gives no position twice', () => {
  const database = new Database(':memory:')
  database.pragma('foreign_keys = ON')
  for (const { version, sql } of migrations.filter((each) => each.version < 5)) {
    database.exec(sql)
    database.pragma(`user_version = ${version}`)
  }
  database.exec(`
    INSERT INTO contact (handle, key, source) VALUES ('bob', 'key', 'card');
    INSERT INTO secret_chat (id, peer, state, since) VALUES ('secret:bob', 'bob', 'secured', 1);
    INSERT INTO secret_message (id, chat_id, mine, kind, text, at, ttl) VALUES
      ('a', 'secret:bob', 1, 'text', 'one', 1, NULL), ('b', 'secret:bob', 0, 'notice', '{}', 2, NULL), ('c', 'secret:bob', 1, 'text', 'gone', 3, 5);
    DELETE FROM secret_message WHERE id = 'c';
    INSERT INTO secret_item (chat_id, item, message) VALUES ('secret:bob', '{}', 1), ('secret:bob', '{}', NULL);
  `)
  migrate(database)
  const all = (sql: string) => database.prepare(sql).all()
  expect(all('SELECT ord, id, text FROM secret_message ORDER BY ord')).toEqual([
    { ord: 1, id: 'a', text: 'one' },
    { ord: 2, id: 'b', text: '{}' },
  ])
  expect(all('SELECT ord, message FROM secret_item ORDER BY ord')).toEqual([
    { ord: 1, message: 1 },
    { ord: 2, message: null },
  ])
  database.exec("INSERT INTO secret_message (id, chat_id, mine, kind, text, at) VALUES ('d', 'secret:bob', 1, 'file', 'a.png', 4)")
  database.exec("INSERT INTO secret_file (id, ord, chat_id, message_id, name, size) VALUES ('f', 4, 'secret:bob', 'd', 'a.png', 1)")
  database.exec("INSERT INTO secret_piece (file_id, start, bytes) VALUES ('f', 0, x'00')")
  expect(all("SELECT ord FROM secret_message WHERE id = 'd'")).toEqual([{ ord: 4 }])
  // What hangs on a message goes with it.
  database.exec('DELETE FROM secret_message')
  expect(all('SELECT message FROM secret_item')).toEqual([{ message: null }])
  expect(all('SELECT * FROM secret_piece')).toEqual([])
  expect(all('PRAGMA foreign_key_check')).toEqual([])
  database.close()
})
