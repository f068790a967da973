-- Chinwag: the whole current schema.
--
-- A new database file is made from this text. An older file is brought up by the numbered steps in
-- src/store/upgrade.rs, and a test shows that both ways end in the same schema.
--
-- Conventions
--   * Every table is STRICT. Times are Unix microseconds, UTC, taken from the server's clock; they are shown to
--     people and never decide an order.
--   * `revision`: every change to what people see takes the next value of one counter (table `state`) inside its own
--     transaction and stamps the row it changed. "Everything of mine after revision R" is therefore an index range.
--   * A message's `id` is the revision that created it, so ids rise in the order of commits and one number serves
--     as cursor for both. Later changes to a message raise its `revision` above its `id`.

-- One row: the last revision given out, and up to which id messages are filed in `mail`, in `places`, in `client_keys` and in
-- `members`.
CREATE TABLE state (
    only_row      INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision      INTEGER NOT NULL,
    mail_filed    INTEGER NOT NULL DEFAULT 0,
    places_filed  INTEGER NOT NULL DEFAULT 0,
    keys_filed    INTEGER NOT NULL DEFAULT 0,
    members_filed INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO state (only_row, revision) VALUES (1, 0);

-- A row for each start of the program: revisions after `first_revision` were given out under this id, up to the next
-- row's. A client names the id with its revision, so that one who knows a history that was lost (a restored backup) is
-- told so instead of missing what took its place.
CREATE TABLE epochs (
    number         INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    first_revision INTEGER NOT NULL,
    started_at     INTEGER NOT NULL
) STRICT;

-- People. `username_key` and `email_key` are the folded forms that must be unique: a name is taken in any case and in
-- any Unicode form. `password` holds a PHC string (Argon2id) or, for an account that came from the Django
-- application and has not logged in since, `pbkdf2_sha256$…`. `avatar` names the picture's content, so that it may be
-- cached for ever. What a person hides is hidden both ways. A deleted account keeps its row, without what was personal in
-- it, because the messages it sent stay with those who got them.
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

-- Pictures, re-encoded: square, bounded, without anything but the pixels.
CREATE TABLE avatars (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    image   BLOB NOT NULL
) STRICT;

-- Who does not want to hear from whom.
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

-- Logins. Only the SHA-256 of the cookie's 256 random bits is kept: a stolen file opens no session. `device` is what the
-- browser called itself.
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

-- Conversations. One of two people is keyed by the sorted pair, so that two first messages at once make one
-- conversation; both ids are the same for notes to oneself.
CREATE TABLE conversations (
    id           INTEGER PRIMARY KEY,
    low_user_id  INTEGER REFERENCES users (id),
    high_user_id INTEGER REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    revision     INTEGER NOT NULL,
    CHECK (low_user_id <= high_user_id),
    UNIQUE (low_user_id, high_user_id)
) STRICT;

-- Who takes part, and how far each has come. Positions are values of messages.seq and only move forward. `shown_read_seq`
-- is the read position as others see it: it stays behind while either side hides read receipts.
-- `last_message_id` and `last_seq` repeat the newest message this member may see (not what someone they blocked sends), so
-- that a person's list, newest first, is one index range; the higher of the two is the number of messages ever sent.
-- `revision` rises on every member's row when one's position changes: each sees the other's. `unread` counts the incoming
-- messages after `read_seq` that the member may see. `last_message_id`, `last_seq` and `unread` are written late: a row counts
-- all messages up to its `last_message_id`, and at least those up to `state.members_filed`.
CREATE TABLE members (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    last_message_id INTEGER NOT NULL,
    delivered_seq   INTEGER NOT NULL DEFAULT 0,
    read_seq        INTEGER NOT NULL DEFAULT 0,
    revision        INTEGER NOT NULL,
    marked_unread   INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1)),
    last_seq        INTEGER NOT NULL DEFAULT 0,
    shown_read_seq  INTEGER NOT NULL DEFAULT 0,
    pinned          INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    archived        INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    muted_until     INTEGER,
    unread          INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_activity ON members (user_id, last_message_id);
CREATE INDEX members_by_revision ON members (user_id, revision);
CREATE INDEX members_pinned ON members (user_id, last_message_id) WHERE pinned = 1;

-- When a member's shown positions moved, so that a message's details can say when it arrived and was read: the first row
-- with at least its `seq`.
CREATE TABLE receipts (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    kind            TEXT    NOT NULL CHECK (kind IN ('delivered', 'read')),
    seq             INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, kind, seq)
) STRICT, WITHOUT ROWID;

-- Messages. `seq` is dense from 1 within its conversation and never reused: a reader sees a hole.
-- `client_key` is the sender's own key for a send; it makes a repeated send the same message, for ever.
-- A message deleted for everyone stays as a tombstone without text. The text stands last, so that the rest of a row can be
-- read without it.
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq             INTEGER NOT NULL,
    sender_id       INTEGER NOT NULL REFERENCES users (id),
    recipient_id    INTEGER NOT NULL REFERENCES users (id),
    client_key      TEXT,
    created_at      INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    edited_at       INTEGER,
    deleted_at      INTEGER,
    reply_to        INTEGER REFERENCES messages (id),
    forwarded       INTEGER NOT NULL DEFAULT 0 CHECK (forwarded IN (0, 1)),
    body            TEXT    NOT NULL
) STRICT;

CREATE INDEX messages_by_quoted ON messages (reply_to) WHERE reply_to IS NOT NULL;

-- Messages changed since they were sent, for the cursor; new ones are found by their ids, at no cost here.
CREATE INDEX messages_changed_by_sender ON messages (sender_id, revision) WHERE revision > id;
CREATE INDEX messages_changed_by_recipient ON messages (recipient_id, revision) WHERE revision > id;

-- Messages in lists: all as far as `state` says, and some of those after. Many are filed at once, because each alone would
-- change a page of every list it is in. A row of the first two has the ids of up to 120 messages one after the other, 8 bytes
-- each, the most significant first.

-- Everybody's own messages, sent and received, in the order of ids.
CREATE TABLE mail (
    user_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    ids     BLOB    NOT NULL,
    PRIMARY KEY (user_id, last_id)
) STRICT, WITHOUT ROWID;

-- The messages of a conversation by their `seq`: those up to and with `last_seq`.
CREATE TABLE places (
    conversation_id INTEGER NOT NULL,
    last_seq        INTEGER NOT NULL,
    ids             BLOB    NOT NULL,
    PRIMARY KEY (conversation_id, last_seq)
) STRICT, WITHOUT ROWID;

-- What senders called their sends, as eight bytes that rise with the time such a name says, or are of a hash
-- (src/store/keys.rs). Of messages after `state.keys_filed` some are here already.
CREATE TABLE client_keys (
    mark       INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (mark, message_id)
) STRICT, WITHOUT ROWID;

-- One reaction per person and message. A change of reactions is a change of the message and raises its revision.
CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT    NOT NULL,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;

-- Messages a person does not see: deleted for themselves, or sent by someone they had blocked. The latter have revision
-- 0, because nothing is told of them.
CREATE TABLE hidden_messages (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    revision   INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hidden_messages_by_revision ON hidden_messages (user_id, revision);
