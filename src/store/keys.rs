//! What senders called their sends: sending again by the same name is the same send, for ever. Keys are of no order, so to
//! enter each as it comes would change a page for each. They are entered late, thousands in a round and a few at a time in
//! the order of their table, so that a page takes many and nobody waits for it; till then they are in the writer's memory.

use std::collections::HashMap;
use std::vec;

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use crate::model::{ClientKey, MessageId, UserId};

/// Revisions in a round, which is entered while the next ones come: so many keys, twice, wait in memory at the most, with
/// about 150 bytes each, and are read again at the first send after a start.
const ROUND: i64 = 8_000;

/// Revisions after which some of a round are entered, as many keys as there were revisions.
const STEP: i64 = 128;

/// Keys that are entered by one statement.
const TOGETHER: usize = 32;

/// Messages whose keys are entered in one transaction where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

pub(super) const ENTERED: &str = "SELECT message_id FROM client_keys WHERE sender_id = ?1 AND client_key = ?2";

pub(super) type Name = (UserId, ClientKey);

/// The keys that wait. Those of a round that was left unfinished at a stop wait again, though some of them were entered.
pub(super) struct Keys {
    waiting: HashMap<Name, MessageId>,
    /// Up to which message all keys are in the table.
    filed: i64,
    /// The last message of the round that is being entered, and those that are still to be, in the order of the table.
    round: Option<(i64, vec::IntoIter<Name>)>,
    /// The revision at which some were entered last.
    stepped: i64,
}

impl Keys {
    pub fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let places = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (filed, revision) = conn.query_row("SELECT keys_filed, revision FROM state", [], places)?;
        let mut query = conn.prepare_cached(
            "SELECT sender_id, client_key, id FROM messages WHERE id > ?1 AND client_key IS NOT NULL",
        )?;
        let name =
            |row: &Row<'_>| Ok::<Name, rusqlite::Error>((UserId(row.get(0)?), ClientKey::from_stored(row.get(1)?)));
        let waiting = query.query_map([filed], |row| Ok((name(row)?, MessageId(row.get(2)?))))?;
        Ok(Self { waiting: waiting.collect::<rusqlite::Result<_>>()?, filed, round: None, stepped: revision })
    }

    /// The message that has this key of its sender's, if it waits.
    pub fn find(&self, name: &Name) -> Option<MessageId> {
        self.waiting.get(name).copied()
    }

    pub fn add(&mut self, name: Name, message: MessageId) {
        self.waiting.insert(name, message);
    }

    /// Enters some of those that wait, if it is time.
    pub fn file_some(&mut self, conn: &Connection, revision: i64) -> rusqlite::Result<()> {
        let passed = revision - self.stepped;
        if passed < STEP {
            return Ok(());
        }
        self.stepped = revision;
        if self.round.is_none() && revision - self.filed < ROUND {
            return Ok(());
        }
        let (up_to, names) = self.round.get_or_insert_with(|| {
            let mut names: Vec<Name> = self.waiting.keys().cloned().collect();
            names.sort_unstable();
            (revision, names.into_iter())
        });
        let some = names.take(usize::try_from(passed).unwrap_or(0));
        let some: Vec<_> = some.filter_map(|name| self.waiting.remove_entry(&name)).collect();
        enter(conn, &some)?;
        if some.is_empty() {
            note_filed(conn, *up_to)?;
            self.filed = *up_to;
            self.round = None;
        }
        Ok(())
    }
}

/// Enters these in the order they are given in, many at once: most of what a statement takes is its beginning and its end.
fn enter(conn: &Connection, keys: &[(Name, MessageId)]) -> rusqlite::Result<()> {
    let (many, rest) = keys.as_chunks::<TOGETHER>();
    enter_each(conn, many.as_flattened(), TOGETHER)?;
    enter_each(conn, rest, 1)
}

/// Enters so many with each statement.
fn enter_each(conn: &Connection, keys: &[(Name, MessageId)], together: usize) -> rusqlite::Result<()> {
    // IGNORE: it was entered before a stop.
    let mut insert = conn.prepare_cached(&format!(
        "INSERT OR IGNORE INTO client_keys (sender_id, client_key, message_id) VALUES {}",
        vec!["(?, ?, ?)"; together].join(", ")
    ))?;
    for keys in keys.chunks(together) {
        for (((sender, key), message), first) in keys.iter().zip((1..).step_by(3)) {
            insert.raw_bind_parameter(first, sender.0)?;
            insert.raw_bind_parameter(first + 1, key.as_str())?;
            insert.raw_bind_parameter(first + 2, message.0)?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// The message that has this key, if it was entered; by the query [`ENTERED`].
pub(super) fn find_entered(query: &mut Statement<'_>, name: &Name) -> rusqlite::Result<Option<MessageId>> {
    query.query_row(params![name.0.0, name.1.as_str()], |row| row.get(0).map(MessageId)).optional()
}

/// Enters many keys of a file that another program filled: an older one of ours, or a test. Says whether there were any.
pub(super) fn catch_up(conn: &mut Connection, revision: i64) -> rusqlite::Result<bool> {
    let mut filed: i64 = conn.query_row("SELECT keys_filed FROM state", [], |row| row.get(0))?;
    let many = revision - filed > 2 * ROUND;
    while many && filed < revision {
        let up_to = revision.min(filed + MOST_AT_ONCE);
        let tx = conn.transaction()?;
        tx.prepare_cached(
            "INSERT OR IGNORE INTO client_keys (sender_id, client_key, message_id)
             SELECT sender_id, client_key, id FROM messages
             WHERE id > ?1 AND id <= ?2 AND client_key IS NOT NULL ORDER BY 1, 2",
        )?
        .execute([filed, up_to])?;
        note_filed(&tx, up_to)?;
        tx.commit()?;
        filed = up_to;
    }
    Ok(many)
}

fn note_filed(conn: &Connection, up_to: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE OR FAIL state SET keys_filed = ?1")?.execute([up_to]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::upgrade;
    use super::*;

    /// Three senders whose keys come in no order.
    fn name(number: i64) -> Name {
        (UserId(number % 3), ClientKey::from_stored(format!("{:05}", number * 7_919 % 100_003)))
    }

    fn empty() -> Connection {
        let conn = upgrade::in_memory();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn
    }

    fn send(conn: &Connection, number: i64) {
        let (sender, key) = name(number);
        conn.prepare_cached(
            "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
             VALUES (?1, 1, ?1, ?2, 1, 'x', ?3, 0, ?1)",
        )
        .unwrap()
        .execute(params![number, sender.0, key.as_str()])
        .unwrap();
    }

    fn find(keys: &Keys, conn: &Connection, name: &Name) -> rusqlite::Result<Option<MessageId>> {
        keys.find(name).map_or_else(|| find_entered(&mut conn.prepare(ENTERED)?, name), |id| Ok(Some(id)))
    }

    fn entered(conn: &Connection) -> (i64, i64) {
        let counts = "SELECT count(*), (SELECT keys_filed FROM state) FROM client_keys";
        conn.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    }

    #[test]
    fn a_key_is_found_whether_it_waits_or_was_entered() {
        let conn = empty();
        let mut keys = Keys::read(&conn).unwrap();
        let mut steps = Vec::new();
        for number in 1..=3 * ROUND {
            send(&conn, number);
            assert_eq!(find(&keys, &conn, &name(number)).unwrap(), None);
            keys.add(name(number), MessageId(number));
            let before = keys.waiting.len();
            keys.file_some(&conn, number).unwrap();
            steps.push(before - keys.waiting.len());
            assert!(keys.waiting.len() as i64 <= 2 * ROUND + STEP);
            if number % 997 == 0 || number == ROUND + 3 * STEP {
                for earlier in (1..=number).step_by(499) {
                    assert_eq!(
                        find(&keys, &conn, &name(earlier)).unwrap(),
                        Some(MessageId(earlier)),
                        "{earlier} of {number}"
                    );
                }
            }
        }
        assert!(steps.iter().all(|step| *step as i64 <= STEP), "few at a time");
        let (count, filed) = entered(&conn);
        assert!(filed >= ROUND && count >= filed, "{count} entered, all up to {filed}");
    }

    #[test]
    fn a_round_that_a_stop_cut_off_is_entered_again() {
        let conn = empty();
        let mut keys = Keys::read(&conn).unwrap();
        for number in 1..=ROUND + 2 * STEP {
            send(&conn, number);
            keys.add(name(number), MessageId(number));
            keys.file_some(&conn, number).unwrap();
        }
        let (count, filed) = entered(&conn);
        assert!(count > 0 && filed == 0);
        let mut keys = Keys::read(&conn).unwrap();
        let mut revision = ROUND + 2 * STEP;
        while entered(&conn).1 == 0 {
            revision += STEP;
            keys.file_some(&conn, revision).unwrap();
        }
        for number in 1..=ROUND + 2 * STEP {
            assert_eq!(find(&keys, &conn, &name(number)).unwrap(), Some(MessageId(number)));
        }
        assert!(keys.waiting.is_empty());
    }

    #[test]
    fn a_file_that_was_filled_elsewhere_is_caught_up_with() {
        let mut conn = empty();
        (1..=2 * ROUND + 1).for_each(|number| send(&conn, number));
        assert!(!catch_up(&mut conn, 2 * ROUND).unwrap());
        assert!(catch_up(&mut conn, 2 * ROUND + 1).unwrap());
        assert_eq!(entered(&conn), (2 * ROUND + 1, 2 * ROUND + 1));
        let keys = Keys::read(&conn).unwrap();
        assert_eq!(find(&keys, &conn, &name(5)).unwrap(), Some(MessageId(5)));
    }
}
