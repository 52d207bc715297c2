import type { Migration } from '../migrate.ts'

/** Files lie in the encrypted database as well, in pieces: no plain copy ever touches the disk. */
export const migration: Migration = {
  version: 3,
  sql: `
    CREATE TABLE file (
      id TEXT PRIMARY KEY,
      -- NULL while the user's own file is still being handed over.
      ord INTEGER UNIQUE REFERENCES message (ord) ON DELETE CASCADE,
      chat_id TEXT NOT NULL,
      message_id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      size INTEGER NOT NULL,
      -- Decided by content; empty until all of it is here.
      type TEXT NOT NULL DEFAULT '',
      -- The relay's id for it, once it is there.
      media TEXT,
      -- Bytes on this device, from the start.
      have INTEGER NOT NULL DEFAULT 0,
      -- Asked for by the user or by us.
      wanted INTEGER NOT NULL DEFAULT 0,
      lost INTEGER NOT NULL DEFAULT 0,
      uploads INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX file_wanted ON file (id) WHERE wanted = 1 AND lost = 0;

    CREATE TABLE piece (
      file_id TEXT NOT NULL REFERENCES file (id) ON DELETE CASCADE,
      start INTEGER NOT NULL,
      bytes BLOB NOT NULL,
      PRIMARY KEY (file_id, start)
    ) STRICT;
  `,
}
