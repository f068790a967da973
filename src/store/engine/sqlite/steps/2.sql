-- From version 1 to 2: edits, deletions, replies, forwards, reactions, and conversations marked unread.

ALTER TABLE members ADD COLUMN marked_unread INTEGER NOT NULL DEFAULT 0 CHECK (marked_unread IN (0, 1));

CREATE INDEX members_by_revision ON members (user_id, revision);

ALTER TABLE messages ADD COLUMN edited_at INTEGER;
ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
ALTER TABLE messages ADD COLUMN reply_to INTEGER REFERENCES messages (id);
ALTER TABLE messages ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0 CHECK (forwarded IN (0, 1));

CREATE INDEX messages_by_quoted ON messages (reply_to) WHERE reply_to IS NOT NULL;

CREATE INDEX messages_changed_by_sender ON messages (sender_id, revision) WHERE revision > id;
CREATE INDEX messages_changed_by_recipient ON messages (recipient_id, revision) WHERE revision > id;

CREATE TABLE reactions (
    message_id INTEGER NOT NULL REFERENCES messages (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    emoji      TEXT    NOT NULL,
    PRIMARY KEY (message_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE hidden_messages (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    message_id INTEGER NOT NULL REFERENCES messages (id),
    revision   INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hidden_messages_by_revision ON hidden_messages (user_id, revision);
