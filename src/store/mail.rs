//! Everybody's own messages in the order of the history: the table `mail`. To put each message there as it is sent would
//! change a page of its sender's and one of its recipient's every time; so the writer files many at once, and until then
//! they are found at the end of `messages`.

use rusqlite::{Connection, named_params};

use crate::model::{MessageId, UserId};

/// Revisions after which messages are filed: as many messages at most are looked through by each reader of all of theirs.
const BUNDLE: i64 = 1_000;

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

/// Files the messages up to this revision, once they are enough.
pub(super) fn file_bundle(conn: &Connection, filed: i64, revision: i64) -> rusqlite::Result<i64> {
    if revision - filed < BUNDLE {
        return Ok(filed);
    }
    file(conn, revision)?;
    Ok(revision)
}

/// Files all messages up to this revision. In the order of the table, so that each of its pages is changed once. (FAIL:
/// a failure undoes the transaction, so nothing is kept to undo this alone.)
fn file(conn: &Connection, revision: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT OR FAIL INTO mail (user_id, message_id)
         SELECT sender_id, id FROM messages WHERE id > (SELECT filed FROM state)
         UNION SELECT recipient_id, id FROM messages WHERE id > (SELECT filed FROM state)
         ORDER BY 1, 2",
    )?
    .execute([])?;
    conn.prepare_cached("UPDATE state SET filed = ?1")?.execute([revision]).map(drop)
}
