-- From version 5 to 6: what members' rows repeat of the newest messages is written late. Those of an older file have it all.

ALTER TABLE state ADD COLUMN members_filed INTEGER NOT NULL DEFAULT 0;

UPDATE state SET members_filed = revision;
