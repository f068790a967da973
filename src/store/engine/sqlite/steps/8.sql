-- From version 7 to 8: keys that say when they were made have marks in that order. They are entered when the file is opened.

DELETE FROM client_keys;

UPDATE state SET keys_filed = 0;
