/**
 * The schema, as numbered steps that are never edited once released: number N brings version N to N + 1.
 * Every table and column must be explained in meanings.ts; a test compares the two.
 *
 * `message` is a log that only grows at its end, which makes a synced commit cheap. What finds a message again, `stream`
 * and `sent`, is filled in a little later and in sorted order (indexing.ts): kept up to date row by row, it would
 * cost ten times the message itself.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE device (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id),
    device TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (account, device)
  ) STRICT;

  CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    sender INTEGER NOT NULL REFERENCES account (id),
    recipient INTEGER NOT NULL REFERENCES account (id),
    device INTEGER NOT NULL REFERENCES device (id),
    cid INTEGER NOT NULL,
    body TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE stream (
    account INTEGER NOT NULL REFERENCES account (id),
    seq INTEGER NOT NULL REFERENCES message (seq),
    PRIMARY KEY (account, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sent (
    device INTEGER NOT NULL REFERENCES device (id),
    cid INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES message (seq),
    PRIMARY KEY (device, cid)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE indexing (
    done_to INTEGER NOT NULL
  ) STRICT;
  INSERT INTO indexing (done_to) VALUES (0);

  CREATE TABLE mark (
    owner INTEGER NOT NULL REFERENCES account (id),
    peer INTEGER NOT NULL REFERENCES account (id),
    state TEXT NOT NULL,
    up_to INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, peer, state)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX mark_by_peer ON mark (peer);

  CREATE TABLE media (
    id TEXT PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES account (id),
    size INTEGER NOT NULL,
    token_hash TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    stored_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX media_by_owner ON media (owner);

  CREATE TABLE page (
    slug TEXT PRIMARY KEY,
    author INTEGER NOT NULL REFERENCES account (id),
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX page_by_author ON page (author);
  `,
  // Secret chats: public keys to begin with, and mailboxes. The ids of packets never come again, so a device's place in its mailbox stays true.
  `
  CREATE TABLE device_certificate (
    device INTEGER PRIMARY KEY REFERENCES device (id),
    signing TEXT NOT NULL,
    agreement TEXT NOT NULL,
    created INTEGER NOT NULL,
    signature TEXT NOT NULL,
    last_x25519 INTEGER NOT NULL,
    last_mlkem768 INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE signed_prekey (
    device INTEGER NOT NULL REFERENCES device (id),
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (device, kind)
  ) STRICT;

  CREATE TABLE one_time_prekey (
    device INTEGER NOT NULL REFERENCES device (id),
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    signature TEXT NOT NULL,
    PRIMARY KEY (device, kind, id)
  ) STRICT;

  CREATE TABLE packet (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sender INTEGER NOT NULL REFERENCES account (id),
    recipient INTEGER NOT NULL REFERENCES account (id),
    from_device INTEGER NOT NULL REFERENCES device (id),
    to_device INTEGER NOT NULL REFERENCES device (id),
    cid INTEGER NOT NULL,
    size INTEGER NOT NULL,
    at INTEGER NOT NULL,
    packet BLOB NOT NULL,
    UNIQUE (from_device, cid)
  ) STRICT;
  CREATE INDEX packet_waiting ON packet (to_device, id, size);
  CREATE INDEX packet_by_time ON packet (at);
  `,
  // What one sender has in a mailbox is counted; files of secret chats do not stay.
  `
  DROP INDEX packet_waiting;
  CREATE INDEX packet_waiting ON packet (to_device, id, size, sender);

  ALTER TABLE media ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX media_sealed ON media (stored_at) WHERE sealed = 1;
  `,
]
