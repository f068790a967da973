-- From version 6 to 7: of what senders called their sends, eight bytes of a hash. They are entered when the file is opened.

DROP TABLE client_keys;

CREATE TABLE client_keys (
    mark       INTEGER NOT NULL,
    message_id INTEGER NOT NULL,
    PRIMARY KEY (mark, message_id)
) STRICT, WITHOUT ROWID;

UPDATE state SET keys_filed = 0;
