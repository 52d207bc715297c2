import type { Migration } from '../migrate.ts'

/**
 * People, chats, messages. What is told by sequence number (delivered, read) is kept as one mark per chat, so that a
 * receipt for a thousand messages is one update, and no state can go backwards.
 */
export const migration: Migration = {
  version: 1,
  sql: `
    CREATE TABLE value (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE contact (
      handle TEXT PRIMARY KEY,
      key TEXT NOT NULL,
      source TEXT NOT NULL CHECK (source IN ('card', 'relay'))
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE chat (
      id TEXT PRIMARY KEY,
      peer TEXT NOT NULL UNIQUE REFERENCES contact (handle),
      draft TEXT NOT NULL DEFAULT '',
      since INTEGER NOT NULL,
      -- Everything up to this position was seen by the user.
      read_ord INTEGER NOT NULL DEFAULT 0,
      -- The peer's messages, by the relay's number: newest kept here, newest seen by the user, and what the relay was told of each.
      kept_seq INTEGER NOT NULL DEFAULT 0,
      seen_seq INTEGER NOT NULL DEFAULT 0,
      told_kept INTEGER NOT NULL DEFAULT 0,
      told_seen INTEGER NOT NULL DEFAULT 0,
      -- Our messages: how far the peer has them, and has read them.
      peer_kept INTEGER NOT NULL DEFAULT 0,
      peer_seen INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE message (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      chat_id TEXT NOT NULL REFERENCES chat (id),
      sender TEXT NOT NULL,
      mine INTEGER NOT NULL CHECK (mine IN (0, 1)),
      kind TEXT NOT NULL CHECK (kind IN ('text', 'file')),
      -- The words; for a file its name.
      text TEXT NOT NULL,
      at INTEGER NOT NULL,
      -- The sender's device and its counter name a message once and for all.
      device TEXT NOT NULL,
      cid INTEGER NOT NULL,
      -- The relay's number, once it has the message.
      seq INTEGER,
      failure TEXT,
      UNIQUE (sender, device, cid)
    ) STRICT;
    CREATE INDEX message_of_chat ON message (chat_id, ord);
    CREATE INDEX message_by_seq ON message (chat_id, mine, seq);
    CREATE INDEX message_theirs ON message (chat_id, ord) WHERE mine = 0;
    -- What is still to go: there is no second list that could disagree.
    CREATE INDEX message_outbox ON message (chat_id, ord) WHERE mine = 1 AND seq IS NULL AND failure IS NULL;
  `,
}
