//! What is known of messages by their people: everybody's own ones in the order of the history (the table `mail`), and
//! the keys of sends (`client_keys`). To put each message there as it is sent would change a page of its recipient's and
//! two of its sender's every time; so the writer files many at once, and until then they are found at the end of
//! `messages`, and their keys in the writer's memory.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, named_params, params};

use crate::model::{ClientKey, MessageId, UserId};

/// Revisions after which messages are filed: as many messages at most are looked through by each reader of all of theirs.
const BUNDLE: i64 = 1_000;

pub(super) const BY_KEY: &str = "SELECT message_id FROM client_keys WHERE sender_id = ?1 AND client_key = ?2";

/// The messages that senders' keys stand for.
pub(super) type Keys = HashMap<(UserId, ClientKey), MessageId>;

/// The messages of `:me` between two ids, those filed and those not yet.
macro_rules! select_mail {
    () => {
        "SELECT message_id AS id FROM mail WHERE user_id = :me AND message_id > :after AND message_id < :before
         UNION ALL
         SELECT id FROM messages
         WHERE id > max(:after, (SELECT filed FROM state WHERE only_row = 1)) AND id < :before
           AND (sender_id = :me OR recipient_id = :me)
         ORDER BY id "
    };
}

pub(super) const DOWN: &str = concat!(select_mail!(), "DESC LIMIT :limit OFFSET :skip");
pub(super) const UP: &str = concat!(select_mail!(), "LIMIT :limit");

/// The ids of `me`'s messages before this one, newest first, the first `skip` left out.
pub(super) fn down(
    conn: &Connection,
    me: UserId,
    before: i64,
    limit: i64,
    skip: i64,
) -> rusqlite::Result<Vec<MessageId>> {
    let params = named_params! { ":me": me.0, ":after": 0, ":before": before, ":limit": limit, ":skip": skip };
    select(conn, DOWN, params)
}

/// The ids of `me`'s messages after this one, oldest first.
pub(super) fn up(conn: &Connection, me: UserId, after: i64, limit: i64) -> rusqlite::Result<Vec<MessageId>> {
    let params = named_params! { ":me": me.0, ":after": after, ":before": i64::MAX, ":limit": limit };
    select(conn, UP, params)
}

fn select(conn: &Connection, sql: &str, params: &[(&str, &dyn rusqlite::ToSql)]) -> rusqlite::Result<Vec<MessageId>> {
    conn.prepare_cached(sql)?.query_map(params, |row| row.get(0).map(MessageId))?.collect()
}

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

/// Files all messages up to this revision. In the order of the tables, so that each of their pages is changed once. (FAIL:
/// a failure undoes the transaction, so nothing is kept to undo this alone.)
pub(super) fn file(conn: &Connection, revision: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT OR FAIL INTO client_keys (sender_id, client_key, message_id)
         SELECT sender_id, client_key, id FROM messages
         WHERE id > (SELECT filed FROM state) AND client_key IS NOT NULL ORDER BY 1, 2",
    )?
    .execute([])?;
    conn.prepare_cached(
        "INSERT OR FAIL INTO mail (user_id, message_id)
         SELECT sender_id, id FROM messages WHERE id > (SELECT filed FROM state)
         UNION SELECT recipient_id, id FROM messages WHERE id > (SELECT filed FROM state)
         ORDER BY 1, 2",
    )?
    .execute([])?;
    conn.prepare_cached("UPDATE state SET filed = ?1")?.execute([revision]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sender and recipient of messages 1, 2, …
    const SENT: [(i64, i64); 6] = [(1, 2), (2, 1), (1, 1), (3, 1), (2, 3), (1, 2)];

    fn send(conn: &Connection, id: i64, (sender, recipient): (i64, i64)) {
        conn.execute(
            "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
             VALUES (?1, 1, ?1, ?2, ?3, 'x', 'key ' || ?1, 0, ?1)",
            [id, sender, recipient],
        )
        .unwrap();
    }

    #[test]
    fn it_makes_no_difference_what_is_filed() {
        for filed in 0..=SENT.len() {
            let conn = Connection::open_in_memory().unwrap();
            conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
            conn.execute_batch(include_str!("../../schema.sql")).unwrap();
            for (id, people) in (1..).zip(SENT) {
                send(&conn, id, people);
                if id == filed as i64 {
                    file(&conn, id).unwrap();
                }
            }
            let ids =
                |found: rusqlite::Result<Vec<MessageId>>| found.unwrap().iter().map(|id| id.0).collect::<Vec<_>>();
            let me = UserId(1);
            assert_eq!(ids(up(&conn, me, 0, 100)), [1, 2, 3, 4, 6], "{filed} filed");
            assert_eq!(ids(up(&conn, me, 2, 2)), [3, 4], "{filed} filed");
            assert_eq!(ids(down(&conn, me, i64::MAX, 2, 1)), [4, 3], "{filed} filed");
            assert_eq!(ids(down(&conn, me, 4, 100, 0)), [3, 2, 1], "{filed} filed");
            let unfiled = unfiled_keys(&conn).unwrap();
            for (id, (sender, _)) in (1..).zip(SENT) {
                let key = ClientKey::from_stored(format!("key {id}"));
                let found = by_key(&conn, UserId(sender), &key).unwrap();
                let waiting = unfiled.get(&(UserId(sender), key)).copied();
                let (kept, other) = if id <= filed as i64 { (found, waiting) } else { (waiting, found) };
                assert_eq!((kept, other), (Some(MessageId(id)), None), "{filed} filed");
            }
        }
    }
}
