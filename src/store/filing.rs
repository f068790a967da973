//! Lists of messages are written late: to enter each message as it is sent would change a page of its sender's, one of its
//! recipient's, one of its conversation's and one of its keys' every time. So the writer files many at once, and until then
//! they are found at the end of `messages`, and their keys in the writer's memory.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::runs;
use crate::model::{ClientKey, ConversationId, MessageId, UserId};

/// Revisions after which messages are filed: as many messages at most are looked through by each reader of a list.
const BUNDLE: i64 = 1_000;

pub(super) const BY_KEY: &str = "SELECT message_id FROM client_keys WHERE sender_id = ?1 AND client_key = ?2";

/// The messages that senders' keys stand for.
pub(super) type Keys = HashMap<(UserId, ClientKey), MessageId>;

/// The filed message that has this key of its sender's.
pub(super) fn by_key(conn: &Connection, sender: UserId, key: &ClientKey) -> rusqlite::Result<Option<MessageId>> {
    let mut query = conn.prepare_cached(BY_KEY)?;
    query.query_row(params![sender.0, key.as_str()], |row| row.get(0).map(MessageId)).optional()
}

/// The keys of all messages that are not filed.
pub(super) fn unfiled_keys(conn: &Connection) -> rusqlite::Result<Keys> {
    let mut query = conn.prepare_cached(
        "SELECT sender_id, client_key, id FROM messages
         WHERE id > (SELECT filed FROM state) AND client_key IS NOT NULL",
    )?;
    let keys = query
        .query_map([], |row| Ok(((UserId(row.get(0)?), ClientKey::from_stored(row.get(1)?)), MessageId(row.get(2)?))));
    keys?.collect()
}

/// Whether there are enough messages after those that are filed.
pub(super) fn is_due(filed: i64, revision: i64) -> bool {
    revision - filed >= BUNDLE
}

/// Messages that are filed in one transaction where there are many more than usual.
const MOST_AT_ONCE: i64 = 100_000;

/// Files what is left of a file that another program filled: an older one of ours, or a test.
pub(super) fn catch_up(conn: &mut Connection) -> rusqlite::Result<()> {
    loop {
        let tx = conn.transaction()?;
        let (filed, revision): (i64, i64) =
            tx.query_row("SELECT filed, revision FROM state", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if !is_due(filed, revision) {
            return Ok(());
        }
        file(&tx, revision.min(filed + MOST_AT_ONCE))?;
        tx.commit()?;
    }
}

/// What is filed at once, in the order of the tables, so that each of their pages is changed once.
#[derive(Default)]
struct Bundle {
    mail: BTreeMap<UserId, Vec<MessageId>>,
    /// With the place before the first.
    places: BTreeMap<ConversationId, (i64, Vec<MessageId>)>,
}

/// Files all messages up to this revision.
pub(super) fn file(conn: &Connection, revision: i64) -> rusqlite::Result<()> {
    // FAIL: a failure undoes the transaction, so nothing is kept to undo this alone.
    conn.prepare_cached(
        "INSERT OR FAIL INTO client_keys (sender_id, client_key, message_id)
         SELECT sender_id, client_key, id FROM messages
         WHERE id > (SELECT filed FROM state) AND id <= ?1 AND client_key IS NOT NULL ORDER BY 1, 2",
    )?
    .execute([revision])?;
    let bundle = unfiled(conn, revision)?;
    let mut insert = conn.prepare_cached("INSERT OR FAIL INTO mail (user_id, last_id, ids) VALUES (?1, ?2, ?3)")?;
    for (user, ids) in &bundle.mail {
        for run in ids.chunks(runs::LONGEST) {
            insert.execute(params![user.0, run.last().map(|id| id.0), runs::pack(run)])?;
        }
    }
    let mut insert =
        conn.prepare_cached("INSERT OR FAIL INTO places (conversation_id, last_seq, ids) VALUES (?1, ?2, ?3)")?;
    for (conversation, (before, ids)) in &bundle.places {
        let mut last = *before;
        for run in ids.chunks(runs::LONGEST) {
            last += run.len() as i64;
            insert.execute(params![conversation.0, last, runs::pack(run)])?;
        }
    }
    conn.prepare_cached("UPDATE state SET filed = ?1")?.execute([revision]).map(drop)
}

fn unfiled(conn: &Connection, up_to: i64) -> rusqlite::Result<Bundle> {
    let mut bundle = Bundle::default();
    let mut query = conn.prepare_cached(
        "SELECT id, conversation_id, seq, sender_id, recipient_id FROM messages
         WHERE id > (SELECT filed FROM state) AND id <= ?1 ORDER BY id",
    )?;
    let mut rows = query.query([up_to])?;
    while let Some(row) = rows.next()? {
        let (id, seq) = (MessageId(row.get(0)?), row.get::<_, i64>(2)?);
        let places = bundle.places.entry(ConversationId(row.get(1)?)).or_insert((seq - 1, Vec::new()));
        places.1.push(id);
        let (sender, recipient) = (UserId(row.get(3)?), UserId(row.get(4)?));
        bundle.mail.entry(sender).or_default().push(id);
        if recipient != sender {
            bundle.mail.entry(recipient).or_default().push(id);
        }
    }
    Ok(bundle)
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
                    file(&conn, 10 * number).unwrap();
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
            let unfiled = unfiled_keys(&conn).unwrap();
            for (number, (sender, _)) in (1..).zip(SENT) {
                let key = ClientKey::from_stored(format!("key {number}"));
                let found = by_key(&conn, UserId(sender), &key).unwrap();
                let waiting = unfiled.get(&(UserId(sender), key)).copied();
                let (kept, other) = if number <= filed as i64 { (found, waiting) } else { (waiting, found) };
                assert_eq!((kept, other), (Some(MessageId(10 * number)), None), "{filed} filed");
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
                file(&conn, 10 * number).unwrap();
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
}
