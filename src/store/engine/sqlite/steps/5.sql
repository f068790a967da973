-- From version 4 to 5: lists of messages in runs of ids, instead of a row for each; what waits for a member is counted as
-- it comes; a message's text stands last in its row, so that the rest can be read without it.

ALTER TABLE members ADD COLUMN unread INTEGER NOT NULL DEFAULT 0;

UPDATE members SET unread = (
    SELECT count(*) FROM messages m
    WHERE m.conversation_id = members.conversation_id AND m.seq > max(members.read_seq, members.last_seq - 2000)
      AND m.seq <= members.last_seq AND m.sender_id <> members.user_id AND m.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = members.user_id AND h.message_id = m.id));

-- The lists are filled when the file is opened.
ALTER TABLE state ADD COLUMN mail_filed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN places_filed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN keys_filed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state DROP COLUMN filed;
DELETE FROM client_keys;
DROP TABLE mail;

CREATE TABLE mail (
    user_id INTEGER NOT NULL,
    last_id INTEGER NOT NULL,
    ids     BLOB    NOT NULL,
    PRIMARY KEY (user_id, last_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE places (
    conversation_id INTEGER NOT NULL,
    last_seq        INTEGER NOT NULL,
    ids             BLOB    NOT NULL,
    PRIMARY KEY (conversation_id, last_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE new_messages (
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

INSERT INTO new_messages
    SELECT id, conversation_id, seq, sender_id, recipient_id, client_key, created_at, revision, edited_at, deleted_at,
           reply_to, forwarded, body
    FROM messages ORDER BY id;

DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;

CREATE INDEX messages_by_quoted ON messages (reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX messages_changed_by_sender ON messages (sender_id, revision) WHERE revision > id;
CREATE INDEX messages_changed_by_recipient ON messages (recipient_id, revision) WHERE revision > id;
