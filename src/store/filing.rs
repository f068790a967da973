//! Lists of messages are written late: to enter each message as it is sent would change a page of its sender's, one of its
//! recipient's and one of its conversation's every time. So the writer files many at once, and until then they are found at the
//! end of `messages`. (Senders' keys, which are in no order, have a way of their own: `keys`.)

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::{keys, runs};
use crate::model::{ConversationId, MessageId, UserId};

/// Revisions after which messages are filed: as many messages at most are looked through by each reader of a list.
const BUNDLE: i64 = 1_000;

/// Messages that are filed in one transaction where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

/// What is filed: everybody's messages, and a conversation's by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Mail,
    Places,
}

/// Up to which message each list goes.
#[derive(Clone, Copy)]
pub(super) struct Filed([(List, i64); 2]);

impl Filed {
    pub fn read(conn: &Connection) -> rusqlite::Result<Self> {
        conn.query_row("SELECT mail_filed, places_filed FROM state", [], |row| {
            Ok(Self([(List::Mail, row.get(0)?), (List::Places, row.get(1)?)]))
        })
    }

    /// Files what is due in one of the lists: one at a time and each at a time of its own, so that nobody waits long. Says
    /// whether any was.
    pub fn advance(&mut self, conn: &Connection, revision: i64) -> rusqlite::Result<bool> {
        let is_due = |(list, filed): &&mut (List, i64)| {
            let bundle = |revision: i64| (revision + *list as i64 * BUNDLE / 2) / BUNDLE;
            bundle(revision) > bundle(*filed)
        };
        let Some((list, filed)) = self.0.iter_mut().find(is_due) else { return Ok(false) };
        let up_to = revision.min(*filed + MOST_AT_ONCE);
        match list {
            List::Mail => file_mail(conn, *filed, up_to)?,
            List::Places => file_places(conn, *filed, up_to)?,
        }
        *filed = up_to;
        Ok(true)
    }
}

/// Files what is left of a file that another program filled: an older one of ours, or a test.
pub(super) fn catch_up(conn: &mut Connection) -> rusqlite::Result<()> {
    let revision: i64 = conn.query_row("SELECT revision FROM state", [], |row| row.get(0))?;
    let mut filed = Filed::read(conn)?;
    let mut changed = keys::catch_up(conn, revision)?;
    loop {
        let tx = conn.transaction()?;
        if !filed.advance(&tx, revision)? {
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

fn file_mail(conn: &Connection, after: i64, up_to: i64) -> rusqlite::Result<()> {
    let mut mail = BTreeMap::<UserId, Vec<MessageId>>::new();
    let mut query =
        conn.prepare_cached("SELECT id, sender_id, recipient_id FROM messages WHERE id > ?1 AND id <= ?2 ORDER BY id")?;
    let mut rows = query.query([after, up_to])?;
    while let Some(row) = rows.next()? {
        let (id, sender, recipient) = (MessageId(row.get(0)?), UserId(row.get(1)?), UserId(row.get(2)?));
        mail.entry(sender).or_default().push(id);
        if recipient != sender {
            mail.entry(recipient).or_default().push(id);
        }
    }
    let mut insert = conn.prepare_cached("INSERT OR FAIL INTO mail (user_id, last_id, ids) VALUES (?1, ?2, ?3)")?;
    for (user, ids) in &mail {
        for run in ids.chunks(runs::LONGEST) {
            insert.execute(params![user.0, run.last().map(|id| id.0), runs::pack(run)])?;
        }
    }
    conn.prepare_cached("UPDATE OR FAIL state SET mail_filed = ?1")?.execute([up_to]).map(drop)
}

fn file_places(conn: &Connection, after: i64, up_to: i64) -> rusqlite::Result<()> {
    // With the place before the first.
    let mut places = BTreeMap::<ConversationId, (i64, Vec<MessageId>)>::new();
    let mut query =
        conn.prepare_cached("SELECT id, conversation_id, seq FROM messages WHERE id > ?1 AND id <= ?2 ORDER BY id")?;
    let mut rows = query.query([after, up_to])?;
    while let Some(row) = rows.next()? {
        let (id, seq) = (MessageId(row.get(0)?), row.get::<_, i64>(2)?);
        places.entry(ConversationId(row.get(1)?)).or_insert((seq - 1, Vec::new())).1.push(id);
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
    conn.prepare_cached("UPDATE OR FAIL state SET places_filed = ?1")?.execute([up_to]).map(drop)
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

    fn file(conn: &Connection, up_to: i64) {
        let filed = Filed::read(conn).unwrap();
        for (list, after) in filed.0 {
            let file = match list {
                List::Mail => file_mail,
                List::Places => file_places,
            };
            file(conn, after, up_to).unwrap();
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
                    file(&conn, 10 * number);
                }
            }
            let me = UserId(1);
            assert_eq!(numbers(mail::up(&conn, me, 0, 100)), [1, 2, 3, 4, 6], "{filed} filed");
            assert_eq!(numbers(mail::up(&conn, me, 20, 2)), [3, 4], "{filed} filed");
            assert_eq!(numbers(mail::down(&conn, me, i64::MAX, 2, 1)), [4, 3], "{filed} filed");
            assert_eq!(numbers(mail::down(&conn, me, 40, 100, 0)), [3, 2, 1], "{filed} filed");
            assert_eq!(numbers(mail::down(&conn, me, 35, 1, 0)), [3], "{filed} filed");
            let two = ConversationId(3);
            assert_eq!(numbers(places::between(&conn, two, &(1..=3))), [1, 2, 6], "{filed} filed");
            assert_eq!(numbers(places::between(&conn, two, &(2..=3))), [2, 6], "{filed} filed");
            assert_eq!(numbers(places::between(&conn, two, &(1..=1))), [1], "{filed} filed");
            assert!(places::between(&conn, two, &(2..=4)).is_err(), "{filed} filed");
            for (id, place) in [(0, 1), (10, 1), (11, 2), (20, 2), (21, 3), (60, 3), (61, 4)] {
                let found = places::first_from(&conn, two, 3, MessageId(id)).unwrap();
                assert_eq!(found, place, "{id}, {filed} filed");
            }
        }
    }

    #[test]
    fn lists_of_many_runs_are_read_from_anywhere() {
        let conn = empty();
        let last = 3 * runs::LONGEST as i64 + 10;
        for number in 1..=last {
            send(&conn, number, (1, 2));
            if number == 50 || number == last - 5 {
                file(&conn, 10 * number);
            }
        }
        let (me, two) = (UserId(2), ConversationId(3));
        for from in 1..=last {
            let upward: Vec<_> = (from..=last).take(7).collect();
            let downward: Vec<_> = (1..from).rev().take(7).collect();
            assert_eq!(numbers(mail::up(&conn, me, 10 * from - 1, 7)), upward);
            assert_eq!(numbers(mail::down(&conn, me, 10 * from, 7, 0)), downward);
            assert_eq!(numbers(mail::down(&conn, me, i64::MAX, 7, (last - from + 1) as usize)), downward);
            assert_eq!(numbers(places::between(&conn, two, &(from..=last.min(from + 6)))), upward);
            assert_eq!(places::first_from(&conn, two, last, MessageId(10 * from - 5)).unwrap(), from);
        }
        assert!(places::between(&conn, two, &(last..=last + 1)).is_err());
        conn.execute("DELETE FROM places WHERE last_seq = 50", []).unwrap();
        assert!(places::between(&conn, two, &(40..=60)).is_err());
    }

    #[test]
    fn lists_are_filed_one_at_a_time_and_each_after_a_thousand_revisions() {
        let conn = empty();
        conn.execute("UPDATE state SET revision = 5000", []).unwrap();
        let mut filed = Filed::read(&conn).unwrap();
        let [mut mail, mut places] = [Vec::new(), Vec::new()];
        for revision in (10..=5_000).step_by(10) {
            let before = filed.0.map(|(_, filed)| filed);
            if filed.advance(&conn, revision).unwrap() {
                let now = filed.0.map(|(_, filed)| filed);
                assert!(now[0] == before[0] || now[1] == before[1], "both at {revision}");
                if now[0] > before[0] { mail.push(now[0]) } else { places.push(now[1]) }
            }
            assert!(filed.0.iter().all(|(_, filed)| revision - filed <= BUNDLE));
        }
        assert_eq!(mail, [1_000, 2_000, 3_000, 4_000, 5_000]);
        assert_eq!(places, [500, 1_500, 2_500, 3_500, 4_500]);
    }
}
