//! Lists of messages are written late: to enter each message as it is sent would change a page of its sender's, one of its
//! recipient's and one of its conversation's every time. So the writer files many at once, and until then they are found at the
//! end of `messages`. (Senders' keys, which are in no order, have a way of their own: `keys`.)

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::recent::{Entry, Recent, View};
use super::{keys, members, runs};
use crate::model::{ConversationId, MessageId, UserId};

/// Revisions after which messages are filed: as many at most are looked through by each reader of a list.
const BUNDLE: i64 = 1_000;

/// Messages that are filed in one transaction where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

/// What is filed: everybody's messages, a conversation's by their places, and what members' rows repeat of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Mail,
    Places,
    Members,
}

/// Up to which message each list goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filed([(List, i64); 3]);

impl Filed {
    /// How far the lists of the file go, and its last revision.
    pub fn read(conn: &Connection) -> rusqlite::Result<(Self, i64)> {
        let mut query = conn.prepare_cached("SELECT mail_filed, places_filed, members_filed, revision FROM state")?;
        query.query_row([], |row| {
            let lists = [(List::Mail, row.get(0)?), (List::Places, row.get(1)?), (List::Members, row.get(2)?)];
            Ok((Self(lists), row.get(3)?))
        })
    }

    /// Up to which message this list goes.
    pub fn of(&self, list: List) -> i64 {
        self.0[list as usize].1
    }

    /// Up to which message all lists go.
    pub fn all(&self) -> i64 {
        self.0.iter().map(|(_, filed)| *filed).min().unwrap_or(0)
    }

    /// Files what is due in one of the lists: one at a time and each at a time of its own, so that nobody waits long. Says
    /// whether any was.
    pub fn advance(&mut self, view: &View<'_>, revision: i64) -> rusqlite::Result<bool> {
        let is_due = |(list, filed): &&mut (List, i64)| {
            let bundle = |revision: i64| (revision + *list as i64 * BUNDLE / 3) / BUNDLE;
            bundle(revision) > bundle(*filed)
        };
        let Some((list, filed)) = self.0.iter_mut().find(is_due) else { return Ok(false) };
        let up_to = revision.min(*filed + MOST_AT_ONCE);
        file(view, *list, &view.between(*filed, up_to)?, up_to)?;
        *filed = up_to;
        Ok(true)
    }
}

/// Files these messages in one of the lists, which then goes up to this revision.
fn file(conn: &Connection, list: List, entries: &[Entry], up_to: i64) -> rusqlite::Result<()> {
    let filed = match list {
        List::Mail => {
            file_mail(conn, entries)?;
            "UPDATE OR FAIL state SET mail_filed = ?1"
        }
        List::Places => {
            file_places(conn, entries)?;
            "UPDATE OR FAIL state SET places_filed = ?1"
        }
        List::Members => {
            members::write(conn, entries)?;
            "UPDATE OR FAIL state SET members_filed = ?1"
        }
    };
    conn.prepare_cached(filed)?.execute([up_to]).map(drop)
}

/// Files what is left of a file that another program filled: an older one of ours, or a test.
pub(super) fn catch_up(conn: &mut Connection) -> rusqlite::Result<()> {
    let (mut filed, revision) = Filed::read(conn)?;
    let recent = Recent::unknown();
    let mut changed = keys::catch_up(conn, revision)?;
    loop {
        let tx = conn.transaction()?;
        if !filed.advance(&View::of_writer(&tx, &recent), revision)? {
            break;
        }
        tx.commit()?;
        changed = true;
    }
    // Much was written, and after a kill the next start would read all of the log.
    if changed { conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") } else { Ok(()) }
}

// Each in the order of its table, so that each of its pages is changed once. (FAIL: a failure undoes the transaction, so
// nothing is kept to undo a statement alone.)

fn file_mail(conn: &Connection, entries: &[Entry]) -> rusqlite::Result<()> {
    let mut mail = BTreeMap::<UserId, Vec<MessageId>>::new();
    for Entry { id, sender, recipient, .. } in entries {
        mail.entry(*sender).or_default().push(*id);
        if recipient != sender {
            mail.entry(*recipient).or_default().push(*id);
        }
    }
    let mut insert = conn.prepare_cached("INSERT OR FAIL INTO mail (user_id, last_id, ids) VALUES (?1, ?2, ?3)")?;
    for (user, ids) in &mail {
        for run in ids.chunks(runs::LONGEST) {
            insert.execute(params![user.0, run.last().map(|id| id.0), runs::pack(run)])?;
        }
    }
    Ok(())
}

fn file_places(conn: &Connection, entries: &[Entry]) -> rusqlite::Result<()> {
    // With the place before the first.
    let mut places = BTreeMap::<ConversationId, (i64, Vec<MessageId>)>::new();
    for Entry { id, conversation, seq, .. } in entries {
        places.entry(*conversation).or_insert((seq - 1, Vec::new())).1.push(*id);
    }
    let mut insert =
        conn.prepare_cached("INSERT OR FAIL INTO places (conversation_id, last_seq, ids) VALUES (?1, ?2, ?3)")?;
    for (conversation, (before, ids)) in &places {
        let mut last = *before;
        for run in ids.chunks(runs::LONGEST) {
            last += run.len() as i64;
            insert.execute(params![conversation.0, last, runs::pack(run)])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{mail, places};
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
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        conn.execute_batch(include_str!("../../schema.sql")).unwrap();
        conn
    }

    fn file_all(conn: &Connection, up_to: i64) {
        let recent = Recent::unknown();
        let view = View::of_writer(conn, &recent);
        for (list, after) in Filed::read(conn).unwrap().0.0 {
            file(conn, list, &view.between(after, up_to).unwrap(), up_to).unwrap();
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

    #[test]
    fn lists_are_filed_one_at_a_time_and_each_after_a_thousand_revisions() {
        let conn = empty();
        conn.execute("UPDATE state SET revision = 5000", []).unwrap();
        let (mut filed, _) = Filed::read(&conn).unwrap();
        let recent = Recent::unknown();
        let mut times: [Vec<i64>; 3] = Default::default();
        for revision in (10..=5_000).step_by(10) {
            let before = filed.0.map(|(_, filed)| filed);
            if filed.advance(&View::of_writer(&conn, &recent), revision).unwrap() {
                let now = filed.0.map(|(_, filed)| filed);
                let moved: Vec<_> = (0..3).filter(|list| now[*list] > before[*list]).collect();
                assert_eq!(moved.len(), 1, "at {revision}");
                times[moved[0]].push(now[moved[0]]);
            }
            assert!(filed.0.iter().all(|(_, filed)| revision - filed <= BUNDLE));
        }
        assert_eq!(times[List::Mail as usize], [1_000, 2_000, 3_000, 4_000, 5_000]);
        assert_eq!(times[List::Places as usize], [670, 1_670, 2_670, 3_670, 4_670]);
        assert_eq!(times[List::Members as usize], [340, 1_340, 2_340, 3_340, 4_340]);
    }
}
