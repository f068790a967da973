-- From version 8 to 9: plain tables. A conversation's newest message is in the conversation's row; unique indexes hold
-- for `seq` and senders' keys; lists that were written late are gone, and with them the members' copies of what they
-- counted. Everything is computed from the messages themselves.

CREATE TABLE new_messages (
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

INSERT INTO new_messages
    SELECT id, conversation_id, seq, sender_id, client_key, created_at, revision, edited_at, deleted_at, reply_to, forwarded, body
    FROM messages ORDER BY id;

DROP TABLE messages;
DROP TABLE mail;
DROP TABLE places;
DROP TABLE client_keys;
ALTER TABLE new_messages RENAME TO messages;

CREATE UNIQUE INDEX messages_by_key ON messages (client_key, sender_id) WHERE client_key IS NOT NULL;
CREATE INDEX messages_by_quoted ON messages (reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX messages_changed ON messages (conversation_id, revision) WHERE revision > id;

CREATE TABLE new_conversations (
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

INSERT INTO new_conversations
    SELECT c.id, 'direct', c.low_user_id, c.high_user_id, c.created_at, m.seq, m.id, c.revision,
           coalesce((SELECT max(x.revision) FROM messages x WHERE x.conversation_id = c.id AND x.revision > x.id), 0)
    FROM conversations c
    JOIN messages m ON m.conversation_id = c.id
        AND m.seq = (SELECT max(n.seq) FROM messages n WHERE n.conversation_id = c.id)
    ORDER BY c.id;

DROP TABLE conversations;
ALTER TABLE new_conversations RENAME TO conversations;

CREATE TABLE new_receipts (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    move            INTEGER NOT NULL,
    delivered_seq   INTEGER NOT NULL,
    read_seq        INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, move)
) STRICT, WITHOUT ROWID;

-- Each position had separate rows, those of one move with the same time; a move now has both positions as they were
-- then.
INSERT INTO new_receipts
    SELECT conversation_id, user_id, move, delivered_seq, read_seq, at
    FROM (SELECT conversation_id, user_id, at,
                 row_number() OVER rows AS move,
                 count(*) OVER (PARTITION BY conversation_id, user_id) AS moves,
                 coalesce(max(max(CASE kind WHEN 'delivered' THEN seq END)) OVER rows, 0) AS delivered_seq,
                 coalesce(max(max(CASE kind WHEN 'read' THEN seq END)) OVER rows, 0) AS read_seq
          FROM receipts
          GROUP BY conversation_id, user_id, at
          WINDOW rows AS (PARTITION BY conversation_id, user_id ORDER BY at))
    WHERE move > moves - 200
    ORDER BY conversation_id, user_id, move;

DROP TABLE receipts;
ALTER TABLE new_receipts RENAME TO receipts;

CREATE TABLE new_members (
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

INSERT INTO new_members
    SELECT me.user_id, me.conversation_id, me.delivered_seq, me.read_seq, me.shown_read_seq,
           coalesce((SELECT max(r.move) FROM receipts r
                     WHERE r.conversation_id = me.conversation_id AND r.user_id = me.user_id), 0),
           me.marked_unread, me.pinned, me.archived, me.muted_until, NULL, 0, 0, me.revision
    FROM members me JOIN conversations c ON c.id = me.conversation_id
    ORDER BY me.user_id, me.conversation_id;

DROP TABLE members;
ALTER TABLE new_members RENAME TO members;

CREATE INDEX members_by_conversation ON members (conversation_id, user_id);

-- Members from whom the newest message was kept: what they may see ends before it.
UPDATE members SET (shadowed_message_id, visible_message_id, visible_seq) = (
        SELECT c.last_message_id, m.id, m.seq
        FROM conversations c JOIN messages m ON m.conversation_id = c.id
        WHERE c.id = members.conversation_id
          AND NOT EXISTS (SELECT 1 FROM hidden_messages h
                          WHERE h.user_id = members.user_id AND h.message_id = m.id AND h.revision = 0)
        ORDER BY m.seq DESC LIMIT 1)
    WHERE EXISTS (SELECT 1 FROM conversations c
                  JOIN hidden_messages h ON h.user_id = members.user_id AND h.message_id = c.last_message_id
                  WHERE c.id = members.conversation_id AND h.revision = 0);

ALTER TABLE state DROP COLUMN mail_filed;
ALTER TABLE state DROP COLUMN places_filed;
ALTER TABLE state DROP COLUMN keys_filed;
ALTER TABLE state DROP COLUMN members_filed;

-- Statistics of tables that may have grown since mislead the planner; without them each statement has the plan that is
-- tested.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;
