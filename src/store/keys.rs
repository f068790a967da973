//! What senders called their sends: sending again by the same name is the same send, for ever. Names may be of no order, so
//! to enter each as it comes would change a page for each. They are entered late, thousands in a round and a few at a time in
//! the order of their table, so that a page takes many and nobody waits for it; till then they are in the writer's memory.
//!
//! What is entered is not a name but its mark, which is shorter and a number: whoever finds messages by a mark looks whether
//! one of them has the name. Names that say when they were made have marks in that order, so that new ones are always
//! entered at the end, however many there are.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, Statement};
use sha2::{Digest, Sha256};
use uuid::{Uuid, Version};

use crate::model::{ClientKey, MessageId, UserId};

/// Revisions in a round, which is entered while the next ones come: so many marks, twice, wait in memory at the most, with
/// some 30 bytes each, and are made again at the first send after a start.
const ROUND: i64 = 8_000;

/// Revisions after which some of a round are entered, as many marks as there were revisions.
const STEP: i64 = 128;

/// Marks that are entered by one statement.
const TOGETHER: usize = 32;

/// Messages whose keys are entered in one transaction where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

/// Messages with the same mark at the most. By chance it is seldom more than one; whoever makes names on purpose that have
/// the same mark is to think of another one, so that nobody has many messages looked at.
pub(super) const MOST_ALIKE: usize = 16;

pub(super) const ENTERED: &str = "SELECT message_id FROM client_keys WHERE mark = ?1";

/// Of a UUID of version 7 (RFC 9562, section 5.7) its time in units of 64 ms, and 27 of its random bits. Of any other name 63
/// bits of SHA-256 of who sends and how they call it; those are below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(i64);

/// The marks that wait. Those of a round that was left unfinished at a stop wait again, though some of them were entered.
pub(super) struct Keys {
    waiting: Marks,
    /// Up to which message all keys are in the table.
    filed: i64,
    round: Option<Round>,
    /// The revision at which some were entered last.
    stepped: i64,
    /// None that no longer waits is higher: it is in the table, or in the round that is being entered.
    highest: Mark,
}

/// In the order of the table.
type Marks = BTreeSet<(Mark, MessageId)>;

/// What is still to be entered of the messages up to one.
struct Round {
    up_to: i64,
    left: Marks,
}

impl Mark {
    pub fn of(sender: UserId, key: &ClientKey) -> Self {
        match Uuid::try_parse(key.as_str()) {
            Ok(id) if id.get_version() == Some(Version::SortRand) => Self::in_order_of_time(id),
            _ => {
                let hash = Sha256::new().chain_update(sender.0.to_be_bytes()).chain_update(key.as_str()).finalize();
                Self(i64::MIN | i64::from_be_bytes(std::array::from_fn(|place| hash[place])))
            }
        }
    }

    fn in_order_of_time(id: Uuid) -> Self {
        const RANDOM: u32 = 27;
        let (first, second) = id.as_u64_pair();
        // 16 bits of the first half are not the time, in milliseconds; the highest of what is left is the sign.
        let time = ((first >> (16 + 6)) << RANDOM) & i64::MAX as u64;
        Self((time | (second & ((1 << RANDOM) - 1))) as i64)
    }
}

impl Keys {
    pub fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let places = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (filed, revision) = conn.query_row("SELECT keys_filed, revision FROM state", [], places)?;
        let highest = conn.query_row("SELECT max(mark) FROM client_keys", [], |row| row.get::<_, Option<i64>>(0))?;
        let highest = Mark(highest.unwrap_or(i64::MIN));
        Ok(Self { waiting: marks(conn, filed, i64::MAX)?, filed, round: None, stepped: revision, highest })
    }

    /// Whether messages of this mark may have been entered, so that the table is to be asked.
    pub fn may_be_entered(&self, mark: Mark) -> bool {
        mark <= self.highest
    }

    /// The messages of this mark that are in memory.
    pub fn find(&self, mark: Mark) -> Vec<MessageId> {
        let range = (mark, MessageId(i64::MIN))..=(mark, MessageId(i64::MAX));
        let round = self.round.iter().filter(|_| self.may_be_entered(mark));
        let left = round.flat_map(|round| round.left.range(range.clone()));
        left.chain(self.waiting.range(range.clone())).map(|(_, message)| *message).collect()
    }

    pub fn add(&mut self, mark: Mark, message: MessageId) {
        self.waiting.insert((mark, message));
    }

    /// Enters some of those that wait, if it is time.
    pub fn file_some(&mut self, conn: &Connection, revision: i64) -> rusqlite::Result<()> {
        let passed = revision - self.stepped;
        if passed < STEP {
            return Ok(());
        }
        self.stepped = revision;
        let round = match &mut self.round {
            Some(round) => round,
            None if revision - self.filed < ROUND => return Ok(()),
            None => {
                let left = std::mem::take(&mut self.waiting);
                self.highest = left.last().map_or(self.highest, |(mark, _)| self.highest.max(*mark));
                self.round.insert(Round { up_to: revision, left })
            }
        };
        let some: Vec<_> = (0..passed).map_while(|_| round.left.pop_first()).collect();
        enter(conn, &some)?;
        if some.is_empty() {
            note_filed(conn, round.up_to)?;
            self.filed = round.up_to;
            self.round = None;
        }
        Ok(())
    }
}

/// The marks of messages after one and up to another.
fn marks(conn: &Connection, after: i64, up_to: i64) -> rusqlite::Result<Marks> {
    let mut query = conn.prepare_cached(
        "SELECT sender_id, client_key, id FROM messages WHERE id > ?1 AND id <= ?2 AND client_key IS NOT NULL",
    )?;
    let mark = |row: &Row<'_>| {
        let key = ClientKey::from_stored(row.get(1)?);
        Ok((Mark::of(UserId(row.get(0)?), &key), MessageId(row.get(2)?)))
    };
    query.query_map([after, up_to], mark)?.collect()
}

/// Enters these in the order they are given in, many at once: most of what a statement takes is its beginning and its end.
pub(super) fn enter(conn: &Connection, marks: &[(Mark, MessageId)]) -> rusqlite::Result<()> {
    let (many, rest) = marks.as_chunks::<TOGETHER>();
    enter_each(conn, many.as_flattened(), TOGETHER)?;
    enter_each(conn, rest, 1)
}

/// Enters so many with each statement.
fn enter_each(conn: &Connection, marks: &[(Mark, MessageId)], together: usize) -> rusqlite::Result<()> {
    // IGNORE: it was entered before a stop.
    let mut insert = conn.prepare_cached(&format!(
        "INSERT OR IGNORE INTO client_keys (mark, message_id) VALUES {}",
        vec!["(?, ?)"; together].join(", ")
    ))?;
    for marks in marks.chunks(together) {
        for ((mark, message), first) in marks.iter().zip((1..).step_by(2)) {
            insert.raw_bind_parameter(first, mark.0)?;
            insert.raw_bind_parameter(first + 1, message.0)?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// The messages of this mark that were entered, by the query [`ENTERED`].
pub(super) fn find_entered(query: &mut Statement<'_>, mark: Mark) -> rusqlite::Result<Vec<MessageId>> {
    query.query_map([mark.0], |row| row.get(0).map(MessageId))?.collect()
}

/// Enters many keys of a file that another program filled: an older one of ours, or a test. Says whether there were any.
pub(super) fn catch_up(conn: &mut Connection, revision: i64) -> rusqlite::Result<bool> {
    let mut filed: i64 = conn.query_row("SELECT keys_filed FROM state", [], |row| row.get(0))?;
    let many = revision - filed > 2 * ROUND;
    while many && filed < revision {
        let up_to = revision.min(filed + MOST_AT_ONCE);
        let tx = conn.transaction()?;
        enter(&tx, &marks(&tx, filed, up_to)?.into_iter().collect::<Vec<_>>())?;
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
    use rusqlite::params;

    use super::super::upgrade;
    use super::*;

    /// Of three senders, every other one saying its time.
    fn name(number: i64) -> (UserId, ClientKey) {
        let key = if number % 2 == 0 { format!("{number:05}") } else { version_7(100 * number as u64, number as u64) };
        (UserId(number % 3), ClientKey::from_stored(key))
    }

    fn version_7(millis: u64, random: u64) -> String {
        let mut bytes = [0; 10];
        bytes[2..].copy_from_slice(&random.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().to_string()
    }

    fn mark(number: i64) -> Mark {
        let (sender, key) = name(number);
        Mark::of(sender, &key)
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

    /// Those that wait and those that were entered; after a stop one may be both.
    fn find(keys: &Keys, conn: &Connection, mark: Mark) -> Vec<i64> {
        let mut found = keys.find(mark);
        let entered = find_entered(&mut conn.prepare(ENTERED).unwrap(), mark).unwrap();
        assert!(entered.is_empty() || keys.may_be_entered(mark));
        found.extend(entered);
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|id| id.0).collect()
    }

    fn waiting(keys: &Keys) -> usize {
        keys.waiting.len() + keys.round.as_ref().map_or(0, |round| round.left.len())
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
            assert!(find(&keys, &conn, mark(number)).is_empty());
            keys.add(mark(number), MessageId(number));
            let before = waiting(&keys);
            keys.file_some(&conn, number).unwrap();
            steps.push(before - waiting(&keys));
            assert!(waiting(&keys) as i64 <= 2 * ROUND + STEP);
            if number % 997 == 0 || number == ROUND + 3 * STEP {
                for earlier in (1..=number).step_by(499) {
                    assert_eq!(find(&keys, &conn, mark(earlier)), [earlier], "of {number}");
                }
            }
        }
        assert!(steps.iter().all(|step| *step as i64 <= STEP), "few at a time");
        let (count, filed) = entered(&conn);
        assert!(filed >= ROUND && count >= filed, "{count} entered, all up to {filed}");
    }

    #[test]
    fn names_that_say_their_time_have_marks_in_its_order() {
        let of = |key: String| Mark::of(UserId(1), &ClientKey::from_stored(key));
        let now = 1_793_000_000_000;
        let times = [0, 1, 64, 1_000, now, now + 64, now + 1_000, 1 << 41, (1 << 42) - 1];
        let marks = times.map(|time| of(version_7(time, u64::MAX)));
        assert!(marks.is_sorted() && marks[2..].iter().all(|mark| *mark > of(version_7(0, u64::MAX))));
        assert!(of(version_7(now, 0)) < of(version_7(now, 5)) && of(version_7(now, 5)) < of(version_7(now + 64, 0)));
        assert!(of(version_7(u64::MAX >> 16, u64::MAX)) >= Mark(0), "the sign is never of the time");
        for other in ["k", "0b6c6f1e-5f0e-4f0a-9a33-2f1d4f3f0c11", "00000000-0000-0000-0000-000000000000"] {
            assert!(of(other.into()) < Mark(0), "{other}");
        }
    }

    #[test]
    fn the_table_need_not_be_asked_for_names_later_than_all_in_it() {
        let conn = empty();
        let mut keys = Keys::read(&conn).unwrap();
        let last = 2 * ROUND + 1;
        for number in 1..=last {
            send(&conn, number);
            keys.add(mark(number), MessageId(number));
            keys.file_some(&conn, number).unwrap();
        }
        for keys in [&keys, &Keys::read(&conn).unwrap()] {
            assert!(entered(&conn).0 > 0 && keys.may_be_entered(mark(1)));
            assert!(!keys.may_be_entered(mark(last)));
        }
    }

    #[test]
    fn messages_of_one_mark_are_all_found() {
        let conn = empty();
        let mut keys = Keys::read(&conn).unwrap();
        let mut revision = ROUND;
        // Two wait, two are entered while two more wait, all are entered.
        for first in [1, 3] {
            keys.add(mark(1), MessageId(first));
            keys.add(mark(1), MessageId(first + 1));
            assert_eq!(find(&keys, &conn, mark(1)), Vec::from_iter(1..=first + 1));
            let before = entered(&conn);
            while entered(&conn) == before {
                revision += STEP;
                keys.file_some(&conn, revision).unwrap();
                assert_eq!(find(&keys, &conn, mark(1)), Vec::from_iter(1..=first + 1));
            }
            revision += ROUND;
            keys.file_some(&conn, revision).unwrap();
        }
        assert_eq!((entered(&conn).0, waiting(&keys)), (4, 0));
    }

    #[test]
    fn a_round_that_a_stop_cut_off_is_entered_again() {
        let conn = empty();
        let mut keys = Keys::read(&conn).unwrap();
        for number in 1..=ROUND + 2 * STEP {
            send(&conn, number);
            keys.add(mark(number), MessageId(number));
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
            assert_eq!(find(&keys, &conn, mark(number)), [number]);
        }
        assert_eq!(waiting(&keys), 0);
    }

    #[test]
    fn a_file_that_was_filled_elsewhere_is_caught_up_with() {
        let mut conn = empty();
        (1..=2 * ROUND + 1).for_each(|number| send(&conn, number));
        assert!(!catch_up(&mut conn, 2 * ROUND).unwrap());
        assert!(catch_up(&mut conn, 2 * ROUND + 1).unwrap());
        assert_eq!(entered(&conn), (2 * ROUND + 1, 2 * ROUND + 1));
        let keys = Keys::read(&conn).unwrap();
        assert_eq!(find(&keys, &conn, mark(5)), [5]);
    }
}
