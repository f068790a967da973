-- From version 2 to 3: epochs, profiles, privacy, blocks, the list's settings, and when positions moved.

CREATE TABLE epochs (
    number         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    first_revision INTEGER NOT NULL,
    started_at     INTEGER NOT NULL
) STRICT;

ALTER TABLE users ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar TEXT;
ALTER TABLE users ADD COLUMN hides_presence INTEGER NOT NULL DEFAULT 0 CHECK (hides_presence IN (0, 1));
ALTER TABLE users ADD COLUMN hides_typing INTEGER NOT NULL DEFAULT 0 CHECK (hides_typing IN (0, 1));
ALTER TABLE users ADD COLUMN hides_receipts INTEGER NOT NULL DEFAULT 0 CHECK (hides_receipts IN (0, 1));
ALTER TABLE users ADD COLUMN last_seen_at INTEGER;
ALTER TABLE users ADD COLUMN deleted_at INTEGER;

CREATE TABLE avatars (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    image   BLOB NOT NULL
) STRICT;

CREATE TABLE blocks (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    blocked_id INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';

ALTER TABLE members ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN shown_read_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE members ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE members ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
ALTER TABLE members ADD COLUMN muted_until INTEGER;

UPDATE members SET shown_read_seq = read_seq,
    last_seq = (SELECT c.last_seq FROM conversations c WHERE c.id = members.conversation_id);

CREATE INDEX members_pinned ON members (user_id, last_message_id) WHERE pinned = 1;

CREATE TABLE receipts (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('delivered', 'read')),
    seq             INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, kind, seq)
) STRICT, WITHOUT ROWID;
