import type { Migration } from '../migrate.ts'

/** What secret chats need to mend themselves: new keys by itself, what was said to say it again, and what is missing. */
export const migration: Migration = {
  version: 5,
  sql: `
    -- Since when packets of the active session do not open; when this side last asked for new keys by itself.
    ALTER TABLE secret_chat ADD COLUMN broken_at INTEGER;
    ALTER TABLE secret_chat ADD COLUMN reset_at INTEGER;
    -- Rows up to here are of an earlier chat in this thread.
    ALTER TABLE secret_chat ADD COLUMN since_ord INTEGER NOT NULL DEFAULT 0;
    -- The highest version of packets seen of this person.
    ALTER TABLE secret_chat ADD COLUMN version INTEGER NOT NULL DEFAULT 0;

    -- By its initiator's word: of two sessions the one begun later counts.
    ALTER TABLE secret_session ADD COLUMN began INTEGER NOT NULL DEFAULT 0;
    -- Bodies sealed in it: the last one's number.
    ALTER TABLE secret_session ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE secret_packet ADD COLUMN sid TEXT;

    -- Came with a request that is not accepted yet.
    ALTER TABLE secret_message ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX secret_message_untold ON secret_message (chat_id, ord) WHERE mine = 0 AND kept = 0;

    -- What each sealed body said that can be said again: a message from its row, anything else as it is. Neither: a message that is gone.
    CREATE TABLE secret_said (
      sid TEXT NOT NULL REFERENCES secret_session (sid) ON DELETE CASCADE,
      n INTEGER NOT NULL,
      item TEXT,
      message INTEGER REFERENCES secret_message (ord) ON DELETE SET NULL
    ) STRICT;
    CREATE INDEX secret_said_of_body ON secret_said (sid, n);
    CREATE INDEX secret_said_of_message ON secret_said (message);

    -- Bodies that have not come, by number; asked: whether they were asked for.
    CREATE TABLE secret_gap (
      sid TEXT NOT NULL REFERENCES secret_session (sid) ON DELETE CASCADE,
      n INTEGER NOT NULL,
      at INTEGER NOT NULL,
      asked INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (sid, n)
    ) STRICT, WITHOUT ROWID;

    -- Names of messages that were here and went, so that one sent again does not come back.
    CREATE TABLE secret_past (
      id TEXT PRIMARY KEY,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX secret_past_of_chat ON secret_past (chat_id, at);

    -- Receipts still to be told.
    CREATE TABLE secret_receipt (
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      id TEXT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('kept', 'seen')),
      PRIMARY KEY (chat_id, kind, id)
    ) STRICT, WITHOUT ROWID;
  `,
}
