import type { Migration } from '../migrate.ts'

/**
 * Secret chats, in tables of their own: nothing that sends cloud messages can ever see a row of these. Their words are in no
 * search index, so that what vanishes leaves nothing there.
 */
export const migration: Migration = {
  version: 4,
  sql: `
    CREATE TABLE secret_prekey (
      kind TEXT NOT NULL CHECK (kind IN ('signed', 'last-resort', 'x25519', 'mlkem768')),
      id INTEGER NOT NULL,
      secret BLOB NOT NULL,
      created INTEGER NOT NULL,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;

    -- First packets that were opened: the same again is a replay.
    CREATE TABLE secret_begun (
      id BLOB PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE secret_chat (
      id TEXT PRIMARY KEY,
      peer TEXT NOT NULL UNIQUE REFERENCES contact (handle),
      state TEXT NOT NULL CHECK (state IN ('waiting', 'asked', 'secured', 'changed', 'ended')),
      ended TEXT,
      since INTEGER NOT NULL,
      draft TEXT NOT NULL DEFAULT '',
      read_ord INTEGER NOT NULL DEFAULT 0,
      ttl INTEGER,
      ttl_version INTEGER NOT NULL DEFAULT 0,
      compared INTEGER,
      -- The keys of the peer's device the user has accepted, as JSON.
      identity TEXT
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE secret_session (
      sid TEXT PRIMARY KEY,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      -- The peer's device.
      device TEXT NOT NULL,
      -- 'ringing': we asked. 'asked': they did. 'active': what we send goes here. 'retired': only receives.
      role TEXT NOT NULL CHECK (role IN ('ringing', 'asked', 'active', 'retired')),
      state BLOB NOT NULL,
      -- When it took this role.
      at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX secret_session_of_chat ON secret_session (chat_id, device);

    CREATE TABLE secret_message (
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
    CREATE INDEX secret_message_of_chat ON secret_message (chat_id, ord);
    CREATE INDEX secret_message_due ON secret_message (coalesce(vanish_at, cap)) WHERE ttl IS NOT NULL;

    -- What is still to be sealed: no session can take it yet.
    CREATE TABLE secret_item (
      ord INTEGER PRIMARY KEY AUTOINCREMENT,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      item TEXT NOT NULL,
      message INTEGER REFERENCES secret_message (ord) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX secret_item_of_chat ON secret_item (chat_id, ord);

    -- Sealed and still to go: after a crash the very same packet goes again.
    CREATE TABLE secret_packet (
      cid INTEGER PRIMARY KEY,
      chat_id TEXT NOT NULL REFERENCES secret_chat (id) ON DELETE CASCADE,
      device TEXT NOT NULL,
      packet BLOB NOT NULL,
      -- Positions of the messages in it, as JSON.
      messages TEXT NOT NULL
    ) STRICT;
    CREATE INDEX secret_packet_lane ON secret_packet (chat_id, device, cid);

    -- Files lie opened, in pieces; and as they come from the relay, sealed, until they can be opened. All of it goes with the message.
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
