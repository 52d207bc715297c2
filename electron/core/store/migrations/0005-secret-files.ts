import type { Migration } from '../migrate.ts'

/**
 * Files of secret chats, opened, in pieces; and as they come from the relay, sealed, until they can be opened. All of it goes
 * with the message. The table of messages is made anew, for it takes one more kind; what points at it is, too.
 */
export const migration: Migration = {
  version: 5,
  sql: `
    CREATE TABLE message_5 (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      mine INTEGER NOT NULL CHECK (mine IN (0, 1)),
      kind TEXT NOT NULL CHECK (kind IN ('text', 'file', 'notice')),
      -- The words; for a file its name; for a notice its JSON.
      text TEXT NOT NULL,
      at INTEGER NOT NULL,
      ttl INTEGER,
      -- When it goes although nobody saw it; when it goes after it was seen.
      cap INTEGER,
      vanish_at INTEGER,
      -- Ours: how far it came. Theirs: what we have told of it.
      sent INTEGER NOT NULL DEFAULT 0,
      kept INTEGER NOT NULL DEFAULT 0,
      seen INTEGER NOT NULL DEFAULT 0,
      failure TEXT,
      -- The packet that carried it, as the relay had it: its size and first bytes.
      packet_bytes INTEGER,
      packet_head BLOB
    ) STRICT;
    INSERT INTO message_5 SELECT * FROM secret_message;
    -- No position is given twice, not even that of a message that is gone.
    DELETE FROM sqlite_sequence WHERE name = 'message_5';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'message_5', seq FROM sqlite_sequence WHERE name = 'secret_message';

    CREATE TABLE item_5 (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      item TEXT NOT NULL,
      message INTEGER REFERENCES message_5 (ord) ON DELETE CASCADE
    ) STRICT;
    INSERT INTO item_5 SELECT * FROM secret_item;

    DROP TABLE secret_item;
    DROP TABLE secret_message;
    ALTER TABLE message_5 RENAME TO secret_message;
    ALTER TABLE item_5 RENAME TO secret_item;
    CREATE INDEX secret_message_of_chat ON secret_message (chat_id, ord);
    CREATE INDEX secret_message_due ON secret_message (coalesce(vanish_at, cap)) WHERE ttl IS NOT NULL;
    CREATE INDEX secret_item_of_chat ON secret_item (chat_id, ord);

    CREATE TABLE secret_file (
      id TEXT PRIMARY KEY,
      -- NULL while the user's own file is still being handed over.
      ord INTEGER UNIQUE REFERENCES secret_message (ord) ON DELETE CASCADE,
      chat_id TEXT NOT NULL,
      message_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      size INTEGER NOT NULL,
      -- Decided by content; empty until all of it is here.
      type TEXT NOT NULL DEFAULT '',
      -- The relay's id for the ciphertext, once it is there.
      media TEXT,
      -- Bytes on this device, from the start: opened, and sealed.
      have INTEGER NOT NULL DEFAULT 0,
      sealed_have INTEGER NOT NULL DEFAULT 0,
      -- Theirs, until it was opened.
      key BLOB,
      digest BLOB,
      -- Asked for by the user or by us.
      wanted INTEGER NOT NULL DEFAULT 0,
      lost INTEGER NOT NULL DEFAULT 0,
      uploads INTEGER NOT NULL DEFAULT 0,
      -- A picture to be seen once, when its bytes go, and whether they are gone.
      once INTEGER NOT NULL DEFAULT 0,
      gone_at INTEGER,
      gone INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX secret_file_wanted ON secret_file (id) WHERE wanted = 1 AND lost = 0;
    CREATE INDEX secret_file_due ON secret_file (gone_at) WHERE gone_at IS NOT NULL;

    CREATE TABLE secret_piece (
      file_id TEXT NOT NULL REFERENCES secret_file (id) ON DELETE CASCADE,
      start INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (file_id, start)
    ) STRICT;

    CREATE TABLE secret_sealed_piece (
      file_id TEXT NOT NULL REFERENCES secret_file (id) ON DELETE CASCADE,
      start INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (file_id, start)
    ) STRICT;
  `,
}
