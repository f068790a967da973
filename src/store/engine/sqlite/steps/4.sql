-- From version 3 to 4: everybody's own messages, and the keys of sends, in tables that are written many rows at once,
-- instead of indexes. A conversation's last place is that of its members.

ALTER TABLE state ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mail (
    user_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE client_keys (
    sender_id  INTEGER NOT NULL,
    client_key TEXT    NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (sender_id, client_key)
) STRICT, WITHOUT ROWID;

-- Each in the order of an index that is there, so that nothing is sorted in memory.
INSERT INTO client_keys SELECT sender_id, client_key, id FROM messages WHERE client_key IS NOT NULL
    ORDER BY sender_id, client_key;
INSERT INTO mail SELECT sender_id, id FROM messages ORDER BY sender_id, id;
INSERT OR IGNORE INTO mail SELECT recipient_id, id FROM messages ORDER BY recipient_id, id;
UPDATE state SET filed = revision;

ALTER TABLE conversations DROP COLUMN last_seq;

DROP INDEX messages_by_sender;
DROP INDEX messages_by_recipient;
DROP INDEX messages_by_client_key;
