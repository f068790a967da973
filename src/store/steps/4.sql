-- From version 3 to 4: everybody's own messages in a table that is written many rows at once, instead of two indexes.

ALTER TABLE state ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mail (
    user_id    INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, message_id)
) STRICT, WITHOUT ROWID;

INSERT INTO mail SELECT sender_id, id FROM messages UNION SELECT recipient_id, id FROM messages;
UPDATE state SET filed = revision;

DROP INDEX messages_by_sender;
DROP INDEX messages_by_recipient;
