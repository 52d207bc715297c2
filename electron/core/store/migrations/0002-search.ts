import type { Migration } from '../migrate.ts'

/** Full text over messages and file names. Trigrams find parts of words and scripts without spaces (FTS5, section 4.3.4). */
export const migration: Migration = {
  version: 2,
  sql: `
    CREATE VIRTUAL TABLE message_text USING fts5 (
      text, content = 'message', content_rowid = 'ord', tokenize = 'trigram remove_diacritics 1'
    );
    CREATE TRIGGER message_text_added AFTER INSERT ON message BEGIN
      INSERT INTO message_text (rowid, text) VALUES (new.ord, new.text);
    END;
    CREATE TRIGGER message_text_removed AFTER DELETE ON message BEGIN
      INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.ord, old.text);
    END;
    CREATE TRIGGER message_text_changed AFTER UPDATE OF text ON message BEGIN
      INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', old.ord, old.text);
      INSERT INTO message_text (rowid, text) VALUES (new.ord, new.text);
    END;
    INSERT INTO message_text (message_text) VALUES ('rebuild');
  `,
}
