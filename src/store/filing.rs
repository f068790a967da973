//! Lists of messages are written late: to enter each message as it is sent would change a page of its sender's, one of its
//! recipient's and one of its conversation's every time. So the writer files thousands in a round, a few rows at a time in the
//! order of their table, so that a row takes many messages and nobody waits for it; till then they are found in memory
//! (`recent`). (Senders' keys, which are in no order, have a way of their own: `keys`.)

use std::collections::{BTreeMap, btree_map};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

use super::recent::{Entry, Recent, View};
use super::{keys, mail, members, places, runs};
use crate::model::{ConversationId, MessageId, UserId};

/// Messages in a round, which is filed while the next ones come.
const ROUND: i64 = 2_000;

/// Where many are sent, a round of the same list begins so long after the one before, and takes more of them: the fewer rounds,
/// the fewer pages change. Where so many wait, it begins at once.
const PAUSE: Duration = Duration::from_millis(500);
const LONGEST: i64 = 8_000;

/// Revisions after which some of a round is filed.
const STEP: i64 = 128;

/// Messages in a round where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

/// What is filed: everybody's messages, a conversation's by their places, and what members' rows repeat of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Mail,
    Places,
    Members,
}

/// Up to which message each list goes. Single rows may go further.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filed([i64; 3]);

/// What is being filed, and what is to be.
pub(super) struct Filing {
    filed: Filed,
    rounds: [Option<Round>; 3],
    /// When the last round of each list began.
    began: [Option<Instant>; 3],
    /// The revision at which some was filed last.
    stepped: i64,
}

/// Messages that are being filed in a list, by its rows: the person's or the conversation's, or both.
struct Round {
    up_to: i64,
    rows: btree_map::IntoIter<(i64, i64), Vec<Entry>>,
}

impl Filed {
    /// How far the lists of the file go, and its last revision.
    pub fn read(conn: &Connection) -> rusqlite::Result<(Self, i64)> {
        let mut query = conn.prepare_cached("SELECT mail_filed, places_filed, members_filed, revision FROM state")?;
        query.query_row([], |row| Ok((Self([row.get(0)?, row.get(1)?, row.get(2)?]), row.get(3)?)))
    }

    /// Up to which message this list goes.
    pub fn of(&self, list: List) -> i64 {
        self.0[list as usize]
    }

    /// Up to which message all lists go.
    pub fn all(&self) -> i64 {
        self.0.into_iter().min().unwrap_or(0)
    }
}

impl Filing {
    /// Begins anew. What was filed of a round that was left unfinished is passed over.
    pub fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let (filed, stepped) = Filed::read(conn)?;
        Ok(Self { filed, rounds: [None, None, None], began: [None; 3], stepped })
    }

    pub fn filed(&self) -> &Filed {
        &self.filed
    }

    /// Files some messages, if it is time.
    pub fn file_some(&mut self, view: &View<'_>, revision: i64, now: Instant) -> rusqlite::Result<()> {
        let passed = revision - self.stepped;
        if passed < STEP {
            return Ok(());
        }
        self.stepped = revision;
        for list in [List::Mail, List::Places, List::Members] {
            if self.rounds[list as usize].is_some() {
                // Most messages are in two rows of a list; and what a stop left behind is made up for.
                self.enter(view, list, 3 * passed)?;
            } else if self.is_due(list, revision, now) {
                self.began[list as usize] = Some(now);
                self.begin(view, list, revision.min(self.filed.of(list) + LONGEST))?;
                // One in a step: putting a round in order takes a while as well.
                break;
            }
        }
        Ok(())
    }

    /// Whether it is time for a round of this list.
    fn is_due(&self, list: List, revision: i64, now: Instant) -> bool {
        let lately = self.began[list as usize].is_some_and(|began| now.duration_since(began) < PAUSE);
        revision - self.filed.of(list) >= if lately { LONGEST } else { ROUND }
    }

    /// Begins a round of the messages up to this revision.
    fn begin(&mut self, view: &View<'_>, list: List, up_to: i64) -> rusqlite::Result<()> {
        let mut rows = BTreeMap::<_, Vec<_>>::new();
        for entry in view.between(self.filed.of(list), up_to)? {
            for key in list.rows(&entry).into_iter().flatten() {
                rows.entry(key).or_default().push(entry);
            }
        }
        self.rounds[list as usize] = Some(Round { up_to, rows: rows.into_iter() });
        Ok(())
    }

    /// Goes on with a round for so many messages or a few more, in the order of the table, and ends it after the last.
    fn enter(&mut self, conn: &Connection, list: List, many: i64) -> rusqlite::Result<()> {
        let Some(round) = &mut self.rounds[list as usize] else { return Ok(()) };
        let mut left = many;
        while left > 0 {
            let Some((key, entries)) = round.rows.next() else {
                list.note_filed(conn, round.up_to)?;
                self.filed.0[list as usize] = round.up_to;
                self.rounds[list as usize] = None;
                break;
            };
            list.enter(conn, key, &entries)?;
            left -= entries.len() as i64;
        }
        Ok(())
    }
}

impl List {
    /// The rows that a message is in.
    fn rows(self, entry: &Entry) -> [Option<(i64, i64)>; 2] {
        let Entry { conversation, sender, recipient, .. } = entry;
        let other = (recipient != sender).then_some(recipient);
        match self {
            Self::Mail => [Some((sender.0, 0)), other.map(|other| (other.0, 0))],
            Self::Places => [Some((conversation.0, 0)), None],
            Self::Members => {
                let other = other.filter(|_| !entry.kept);
                [Some((conversation.0, sender.0)), other.map(|other| (conversation.0, other.0))]
            }
        }
    }

    /// Enters messages of one row, in order; those that are in it already are passed over.
    fn enter(self, conn: &Connection, key: (i64, i64), entries: &[Entry]) -> rusqlite::Result<()> {
        match self {
            Self::Mail => file_mail(conn, UserId(key.0), entries),
            Self::Places => file_places(conn, ConversationId(key.0), entries),
            Self::Members => members::write(conn, ConversationId(key.0), UserId(key.1), entries),
        }
    }

    fn note_filed(self, conn: &Connection, up_to: i64) -> rusqlite::Result<()> {
        // FAIL: a failure undoes the transaction, so nothing is kept to undo a statement alone.
        let note = match self {
            Self::Mail => "UPDATE OR FAIL state SET mail_filed = ?1",
            Self::Places => "UPDATE OR FAIL state SET places_filed = ?1",
            Self::Members => "UPDATE OR FAIL state SET members_filed = ?1",
        };
        conn.prepare_cached(note)?.execute([up_to]).map(drop)
    }
}

fn file_mail(conn: &Connection, who: UserId, entries: &[Entry]) -> rusqlite::Result<()> {
    let reached = mail::reached(conn, who)?;
    let ids: Vec<MessageId> = entries.iter().map(|entry| entry.id).filter(|id| *id > reached).collect();
    let mut insert = conn.prepare_cached("INSERT OR FAIL INTO mail (user_id, last_id, ids) VALUES (?1, ?2, ?3)")?;
    for run in ids.chunks(runs::LONGEST) {
        insert.execute(params![who.0, run.last().map(|id| id.0), runs::pack(run)])?;
    }
    Ok(())
}

fn file_places(conn: &Connection, conversation: ConversationId, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut last = places::reached(conn, conversation)?;
    let ids: Vec<MessageId> = entries.iter().filter(|entry| entry.seq > last).map(|entry| entry.id).collect();
    let mut insert =
        conn.prepare_cached("INSERT OR FAIL INTO places (conversation_id, last_seq, ids) VALUES (?1, ?2, ?3)")?;
    for run in ids.chunks(runs::LONGEST) {
        last += run.len() as i64;
        insert.execute(params![conversation.0, last, runs::pack(run)])?;
    }
    Ok(())
}

/// Files what is left of a file that another program filled: an older one of ours, or a test.
pub(super) fn catch_up(conn: &mut Connection) -> rusqlite::Result<()> {
    let (_, revision) = Filed::read(conn)?;
    let recent = Recent::unknown();
    let mut changed = keys::catch_up(conn, revision)?;
    for list in [List::Mail, List::Places, List::Members] {
        let mut filing = Filing::read(conn)?;
        while revision - filing.filed.of(list) > 2 * LONGEST {
            let tx = conn.transaction()?;
            filing.begin(&View::of_writer(&tx, &recent), list, revision.min(filing.filed.of(list) + MOST_AT_ONCE))?;
            filing.enter(&tx, list, i64::MAX)?;
            tx.commit()?;
            changed = true;
        }
    }
    // Much was written, and after a kill the next start would read all of the log.
    if changed { conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::super::upgrade;
    use super::*;

    /// Sender and recipient of messages 10, 20, …; those of people 1 and 2 are conversation 3.
    const SENT: [(i64, i64); 6] = [(1, 2), (2, 1), (1, 1), (3, 1), (2, 3), (1, 2)];

    fn send(conn: &Connection, number: i64, (sender, recipient): (i64, i64)) {
        conn.execute(
            "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
             SELECT 10 * ?1, ?2 + ?3, 1 + count(*), ?2, ?3, 'x', 'key ' || ?1, 0, 10 * ?1
             FROM messages WHERE conversation_id = ?2 + ?3",
            [number, sender, recipient],
        )
        .unwrap();
    }

    fn empty() -> Connection {
        let conn = upgrade::in_memory();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn
    }

    fn file_all(conn: &Connection, up_to: i64) {
        let recent = Recent::unknown();
        let mut filing = Filing::read(conn).unwrap();
        for list in [List::Mail, List::Places, List::Members] {
            filing.begin(&View::of_writer(conn, &recent), list, up_to).unwrap();
            filing.enter(conn, list, i64::MAX).unwrap();
        }
    }

    fn numbers(found: rusqlite::Result<Vec<MessageId>>) -> Vec<i64> {
        found.unwrap().iter().map(|id| id.0 / 10).collect()
    }

    #[test]
    fn it_makes_no_difference_what_is_filed() {
        for filed in 0..=SENT.len() {
            let conn = empty();
            for (number, people) in (1..).zip(SENT) {
                send(&conn, number, people);
                if number == filed as i64 {
                    file_all(&conn, 10 * number);
                }
            }
            for recent in [Recent::read(&conn).unwrap(), Recent::unknown()] {
                look_at_lists(&View::of_writer(&conn, &recent), filed);
            }
        }
    }

    fn look_at_lists(view: &View<'_>, filed: usize) {
        let me = UserId(1);
        assert_eq!(numbers(mail::up(view, me, 0, 100)), [1, 2, 3, 4, 6], "{filed} filed");
        assert_eq!(numbers(mail::up(view, me, 20, 2)), [3, 4], "{filed} filed");
        assert_eq!(numbers(mail::down(view, me, i64::MAX, 2, 1)), [4, 3], "{filed} filed");
        assert_eq!(numbers(mail::down(view, me, 40, 100, 0)), [3, 2, 1], "{filed} filed");
        assert_eq!(numbers(mail::down(view, me, 35, 1, 0)), [3], "{filed} filed");
        let two = ConversationId(3);
        assert_eq!(numbers(places::between(view, two, &(1..=3))), [1, 2, 6], "{filed} filed");
        assert_eq!(numbers(places::between(view, two, &(2..=3))), [2, 6], "{filed} filed");
        assert_eq!(numbers(places::between(view, two, &(1..=1))), [1], "{filed} filed");
        assert!(places::between(view, two, &(2..=4)).is_err(), "{filed} filed");
        for (id, place) in [(0, 1), (10, 1), (11, 2), (20, 2), (21, 3), (60, 3), (61, 4)] {
            let found = places::first_from(view, two, 3, MessageId(id)).unwrap();
            assert_eq!(found, place, "{id}, {filed} filed");
        }
    }

    #[test]
    fn lists_of_many_runs_are_read_from_anywhere() {
        let conn = empty();
        let last = 3 * runs::LONGEST as i64 + 10;
        for number in 1..=last {
            send(&conn, number, (1, 2));
            if number == 50 || number == last - 5 {
                file_all(&conn, 10 * number);
            }
        }
        let (me, two) = (UserId(2), ConversationId(3));
        let recent = Recent::read(&conn).unwrap();
        let view = &View::of_writer(&conn, &recent);
        for from in 1..=last {
            let upward: Vec<_> = (from..=last).take(7).collect();
            let downward: Vec<_> = (1..from).rev().take(7).collect();
            assert_eq!(numbers(mail::up(view, me, 10 * from - 1, 7)), upward);
            assert_eq!(numbers(mail::down(view, me, 10 * from, 7, 0)), downward);
            assert_eq!(numbers(mail::down(view, me, i64::MAX, 7, (last - from + 1) as usize)), downward);
            assert_eq!(numbers(places::between(view, two, &(from..=last.min(from + 6)))), upward);
            assert_eq!(places::first_from(view, two, last, MessageId(10 * from - 5)).unwrap(), from);
        }
        assert!(places::between(view, two, &(last..=last + 1)).is_err());
        conn.execute("DELETE FROM places WHERE last_seq = 50", []).unwrap();
        assert!(places::between(view, two, &(40..=60)).is_err());
    }

    const PAIRS: i64 = 40;

    /// Sends the next messages, so long apart, among people of whom each two have a conversation, and files them as the writer
    /// does. Gives the lengths of rounds.
    fn send_on(conn: &Connection, from: i64, to: i64, apart: Duration) -> Vec<i64> {
        let start = Instant::now();
        let mut lengths = Vec::new();
        let recent = Recent::read(conn).unwrap();
        let view = View::of_writer(conn, &recent);
        let mut filing = Filing::read(conn).unwrap();
        for number in from..=to {
            let pair = number % PAIRS;
            let (id, conversation, seq) = (MessageId(number), ConversationId(pair), (number - 1) / PAIRS + 1);
            let entry =
                Entry { id, conversation, seq, sender: UserId(2 * pair), recipient: UserId(2 * pair + 1), kept: false };
            conn.prepare_cached(
                "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, created_at, revision)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'x', 0, ?1)",
            )
            .unwrap()
            .execute(params![number, pair, seq, entry.sender.0, entry.recipient.0])
            .unwrap();
            conn.prepare_cached("UPDATE state SET revision = ?1").unwrap().execute([number]).unwrap();
            recent.push(entry);
            let before = conn.total_changes();
            let rounds = filing.filed;
            filing.file_some(&view, number, start + apart * (number - from) as u32).unwrap();
            assert!(conn.total_changes() - before <= 20, "few rows at a time");
            recent.forget_filed(filing.filed());
            for (before, filed) in rounds.0.iter().zip(filing.filed.0) {
                lengths.extend((filed > *before).then_some(filed - before));
            }
            if number % 1_009 == 0 {
                look_at_pairs(&View::of_writer(conn, &recent), number);
            }
        }
        lengths
    }

    fn look_at_pairs(view: &View<'_>, last: i64) {
        for pair in [0, 1, PAIRS - 1] {
            let sent: Vec<i64> = (1..=last).filter(|number| number % PAIRS == pair).collect();
            let many = sent.len();
            let ids = |found: Vec<MessageId>| found.into_iter().map(|id| id.0).collect::<Vec<_>>();
            for who in [UserId(2 * pair), UserId(2 * pair + 1)] {
                assert_eq!(ids(mail::up(view, who, 0, many + 1).unwrap()), sent, "{last} sent");
                let down = ids(mail::down(view, who, i64::MAX, many + 1, 0).unwrap());
                assert!(down.iter().rev().eq(&sent), "{last} sent");
            }
            let between = places::between(view, ConversationId(pair), &(1..=many as i64));
            assert_eq!(ids(between.unwrap()), sent, "{last} sent");
        }
    }

    #[test]
    fn rounds_are_filed_a_few_rows_at_a_time_and_stops_make_no_difference() {
        let mut conn = empty();
        let mut lengths = Vec::new();
        // Some of the stops come in the middle of a round.
        let mut from = 1;
        for to in [ROUND + 5 * STEP, ROUND + 20 * STEP, 3 * ROUND, 5 * ROUND] {
            catch_up(&mut conn).unwrap();
            lengths.extend(send_on(&conn, from, to, PAUSE / ROUND as u32));
            from = to + 1;
        }
        assert!(lengths.len() >= 2 * 3 && lengths.iter().all(|length| *length < 2 * ROUND), "{lengths:?}");
    }

    #[test]
    fn where_many_are_sent_rounds_are_longer_but_for_the_first() {
        let conn = empty();
        let lengths = send_on(&conn, 1, 4 * LONGEST, PAUSE / LONGEST as u32 / 2);
        let (first, others) = lengths.split_at(3);
        assert!(first.iter().all(|length| *length < 2 * ROUND), "{lengths:?}");
        assert!(others.len() >= 2 * 3 && others.iter().all(|length| *length == LONGEST), "{lengths:?}");
    }
}
