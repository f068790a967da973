-- Chinwag: the whole current schema.
--
-- A new database is made from this text. An older file is upgraded by the numbered steps in
-- src/store/engine/sqlite/steps/, and a test shows that both ways end in the same schema.
--
-- Conventions
--   * Every table is STRICT. Times are Unix microseconds, UTC, taken from the server's clock; they are shown to
--     people and never decide an order.
--   * `revision`: every change to what people see takes the next value of one counter (table `state`) inside its own
--     transaction and stamps the row it changed. "Everything of mine after revision R" is therefore an index range.
--   * Rows have as `id` the revision that created them, so ids rise in the order of commits and, of messages, one number
--     serves as cursor for both. Later changes to a message raise its `revision` above its `id`.

-- One row: the last revision given out.
CREATE TABLE state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL
) STRICT;

INSERT INTO state (only_row, revision) VALUES (1, 0);

-- A row for each start of the program, or of the first of several processes: revisions after `first_revision` were given
-- out under this id, up to the next row's. A client names the id with its revision, so that one whose history was lost
-- (a restored backup) is sent a resync instead of missing what replaced it.
CREATE TABLE epochs (
    number         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    first_revision INTEGER NOT NULL,
    started_at     INTEGER NOT NULL
) STRICT;

-- People. `username_key` and `email_key` are the folded forms that must be unique: a name is unique in any case and any
-- Unicode form. `password` holds a PHC string (Argon2id) or, for an account that came from the Django application and
-- has not logged in since, `pbkdf2_sha256$…`. `avatar` names the picture's content, so that it may be cached for ever.
-- What a person hides is hidden both ways. A deleted account keeps its row, without personal data, because the messages
-- it sent stay with those who got them.
CREATE TABLE users (
    id             INTEGER PRIMARY KEY,
    username       TEXT    NOT NULL,
    username_key   TEXT    NOT NULL UNIQUE,
    display_name   TEXT,
    email          TEXT    NOT NULL,
    email_key      TEXT    NOT NULL UNIQUE,
    password       TEXT    NOT NULL,
    is_admin       INTEGER NOT NULL DEFAULT 0 CHECK (is_admin IN (0, 1)),
    created_at     INTEGER NOT NULL,
    revision       INTEGER NOT NULL,
    about          TEXT    NOT NULL DEFAULT '',
    avatar         TEXT,
    hides_presence INTEGER NOT NULL DEFAULT 0 CHECK (hides_presence IN (0, 1)),
    hides_typing   INTEGER NOT NULL DEFAULT 0 CHECK (hides_typing IN (0, 1)),
    hides_receipts INTEGER NOT NULL DEFAULT 0 CHECK (hides_receipts IN (0, 1)),
    last_seen_at   INTEGER,
    deleted_at     INTEGER
) STRICT;

-- Pictures, re-encoded: square, of limited size, without metadata.
CREATE TABLE avatars (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    image   BLOB NOT NULL
) STRICT;

-- Blocks: `user_id` does not want to hear from `blocked_id`.
CREATE TABLE blocks (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    blocked_id INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id)
) STRICT, WITHOUT ROWID;

-- The folded names a person can be found by (user name, display name): prefix search is a range of this table's key.
CREATE TABLE user_names (
    name    TEXT    NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (name, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_names_by_user ON user_names (user_id, name);

-- Logins. Only the SHA-256 of the cookie's 256 random bits is stored: a stolen file gives no login. `device` is the
-- browser's `User-Agent`.
CREATE TABLE sessions (
    token_hash BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    renewed_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    device     TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user_id, created_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Conversations. A direct one is keyed by the sorted pair of its two people, so that two first messages at once make
-- one conversation; both are the same for notes to oneself. Its newest message is named here, so that a send changes no
-- member's row. `revision` is the last change of what all members see, except messages; `changed_revision` the last
-- change of a message that existed already.
CREATE TABLE conversations (
    id               INTEGER PRIMARY KEY,
    kind             TEXT    NOT NULL CHECK (kind IN ('direct', 'group')),
    low_user_id      INTEGER REFERENCES users (id),
    high_user_id     INTEGER REFERENCES users (id),
    created_at       INTEGER NOT NULL,
    last_seq         INTEGER NOT NULL,
    last_message_id  INTEGER NOT NULL,
    revision         INTEGER NOT NULL,
    changed_revision INTEGER NOT NULL DEFAULT 0,
    CHECK ((kind = 'direct') = (low_user_id IS NOT NULL AND high_user_id IS NOT NULL)),
    CHECK (low_user_id <= high_user_id),
    UNIQUE (low_user_id, high_user_id)
) STRICT;

-- Members and their positions, which are values of messages.seq and only move forward. `shown_read_seq` is the read
-- position as others see it: it stays behind while either side hides read receipts. `moves` counts how often the shown
-- positions moved. `revision` is the last change that only this member sees. Where the conversation's newest message
-- was kept from this member, `shadowed_message_id` is its id, and the newest one that the member may see is named by
-- `visible_message_id` and `visible_seq`; otherwise these three have no meaning.
CREATE TABLE members (
    user_id             INTEGER NOT NULL REFERENCES users (id),
    conversation_id     INTEGER NOT NULL REFERENCES conversations (id),
    delivered_seq       INTEGER NOT NULL DEFAULT 0,
    read_seq            INTEGER NOT NULL DEFAULT 0,
    shown_read_seq      INTEGER NOT NULL DEFAULT 0,
    moves               INTEGER NOT NULL DEFAULT 0,
    marked_unread       INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1)),
    pinned              INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    archived            INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    muted_until         INTEGER,
    shadowed_message_id INTEGER,
    visible_message_id  INTEGER NOT NULL DEFAULT 0,
    visible_seq         INTEGER NOT NULL DEFAULT 0,
    revision            INTEGER NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_conversation ON members (conversation_id, user_id);

-- When a member's shown positions moved, so that a message's details can say when it arrived and was read: the first
-- row with at least its `seq`. `move` is the member's count of moves; of more than 200 only the newest are kept.
CREATE TABLE receipts (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    move            INTEGER NOT NULL,
    delivered_seq   INTEGER NOT NULL,
    read_seq        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, move)
) STRICT, WITHOUT ROWID;

-- Messages. `seq` is dense from 1 within its conversation and never reused, so a reader notices a missing message.
-- `client_key` is the sender's own key for a send; a repeated send with it is the same message, for ever. It is first
-- in its index, because keys that begin with the time are then inserted side by side, from all senders. A message
-- deleted for everyone stays as a tombstone without text. The text is the last column, so that the rest of a row can be
-- read without it.
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq             INTEGER NOT NULL,
    sender_id       INTEGER NOT NULL REFERENCES users (id),
    client_key      TEXT,
    created_at      INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    reply_to        INTEGER REFERENCES messages (id),
    forwarded       INTEGER NOT NULL DEFAULT 0 CHECK (forwarded IN (0, 1)),
    body            TEXT    NOT NULL,
    UNIQUE (conversation_id, seq)
) STRICT;

CREATE UNIQUE INDEX messages_by_key ON messages (client_key, sender_id) WHERE client_key IS NOT NULL;

CREATE INDEX messages_by_quoted ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- Messages changed since they were sent, for the cursor; new ones are found by their `seq`.
CREATE INDEX messages_changed ON messages (conversation_id, revision) WHERE revision > id;

-- One reaction per person and message. A change of reactions is a change of the message and raises its revision.
CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT    NOT NULL,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;

-- Messages a person does not see: deleted for themselves, or sent by someone they had blocked. The latter have revision
-- 0, because nobody is notified of them.
CREATE TABLE hidden_messages (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    revision   INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hidden_messages_by_revision ON hidden_messages (user_id, revision);
