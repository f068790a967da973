//! Conversations as their members see them: with whom, how far each has come, what is unread.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::writer::Change;
use super::{Store, StoreError};
use crate::model::{Conversation, ConversationId, Event, Position, Revision, User, UserId, Username};

/// Unread messages are counted up to here.
const MOST_UNREAD: i64 = 1_000;

pub(super) const OF_TWO: &str =
    "SELECT id, last_seq FROM conversations WHERE low_user_id = min(?1, ?2) AND high_user_id = max(?1, ?2)";

/// A conversation from the member row `me`; `with` is the other one, or oneself.
macro_rules! select_conversations {
    () => {
        "SELECT c.id, c.last_seq, me.revision, me.marked_unread, me.user_id, me.last_message_id,
                me.delivered_seq AS my_delivered, me.read_seq AS my_read, mine.username AS my_name,
                other.user_id AS other_id, other.delivered_seq AS other_delivered, other.read_seq AS other_read,
                theirs.username AS other_name,
                (SELECT count(*) FROM (
                   SELECT 1 FROM messages m
                   WHERE m.conversation_id = c.id AND m.seq > me.read_seq AND m.sender_id <> me.user_id
                     AND m.deleted_at IS NULL
                     AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = me.user_id AND h.message_id = m.id)
                   LIMIT :most_unread)) AS unread
         FROM members me
         JOIN conversations c ON c.id = me.conversation_id
         JOIN users mine ON mine.id = me.user_id
         LEFT JOIN members other ON other.conversation_id = me.conversation_id AND other.user_id <> me.user_id
         LEFT JOIN users theirs ON theirs.id = other.user_id "
    };
}

pub(super) const ONE: &str =
    concat!(select_conversations!(), "WHERE me.user_id = :me AND me.conversation_id = :conversation");
pub(super) const LATEST: &str = concat!(
    select_conversations!(),
    "WHERE me.user_id = :me AND me.last_message_id < :before ORDER BY me.last_message_id DESC LIMIT :limit"
);

/// How far someone says to have come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    pub delivered: i64,
    pub read: i64,
}

impl Store {
    /// Moves `me`'s positions in the conversation with `other` forward; what lies behind them or beyond the newest
    /// message changes nothing. Reading is also receiving. Nothing when there is no such conversation.
    pub async fn advance(&self, me: User, other: UserId, to: Progress) -> Result<Option<Conversation>, StoreError> {
        self.write(move |change| advance(change, &me, other, to)).await
    }

    /// Puts the conversation with `other` aside to read later, or takes it up again.
    pub async fn mark_unread(
        &self,
        me: UserId,
        other: UserId,
        marked: bool,
    ) -> Result<Option<Conversation>, StoreError> {
        self.write(move |change| mark_unread(change, me, other, marked)).await
    }
}

fn advance(change: &mut Change<'_>, me: &User, other: UserId, to: Progress) -> rusqlite::Result<Option<Conversation>> {
    let conn = change.conn;
    let Some((conversation, last_seq)) = conversation(conn, me.id, other)? else { return Ok(None) };
    let mut query =
        conn.prepare_cached("SELECT delivered_seq, read_seq FROM members WHERE conversation_id = ?1 AND user_id = ?2")?;
    let (delivered, read): (i64, i64) =
        query.query_row([conversation.0, me.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let new_read = read.max(to.read.min(last_seq));
    let new_delivered = delivered.max(new_read).max(to.delivered.min(last_seq));
    if (new_delivered, new_read) != (delivered, read) {
        let revision = Revision(change.next_revision());
        conn.prepare_cached(
            "UPDATE members SET delivered_seq = ?3, read_seq = ?4,
                    marked_unread = iif(?4 > read_seq, 0, marked_unread)
             WHERE conversation_id = ?1 AND user_id = ?2",
        )?
        .execute(params![conversation.0, me.id.0, new_delivered, new_read])?;
        conn.prepare_cached("UPDATE members SET revision = ?2 WHERE conversation_id = ?1")?
            .execute([conversation.0, revision.0])?;
        let name = me.username.clone();
        let position = Position { user: me.id, name, delivered: new_delivered, read: new_read };
        let mut members = vec![me.id, other];
        members.dedup();
        change.announce(Event::Moved { conversation, position, revision, members });
    }
    one(conn, me.id, conversation)
}

fn mark_unread(
    change: &mut Change<'_>,
    me: UserId,
    other: UserId,
    marked: bool,
) -> rusqlite::Result<Option<Conversation>> {
    let conn = change.conn;
    let Some((conversation, _)) = conversation(conn, me, other)? else { return Ok(None) };
    let before: bool = conn
        .prepare_cached("SELECT marked_unread FROM members WHERE conversation_id = ?1 AND user_id = ?2")?
        .query_row([conversation.0, me.0], |row| row.get(0))?;
    if before != marked {
        let revision = Revision(change.next_revision());
        conn.prepare_cached(
            "UPDATE members SET marked_unread = ?3, revision = ?4 WHERE conversation_id = ?1 AND user_id = ?2",
        )?
        .execute(params![conversation.0, me.0, marked, revision.0])?;
        change.announce(Event::MarkedUnread { user: me, conversation, marked, revision });
    }
    one(conn, me, conversation)
}

/// The conversation of two people and the place of its newest message.
pub(super) fn conversation(
    conn: &Connection,
    one: UserId,
    other: UserId,
) -> rusqlite::Result<Option<(ConversationId, i64)>> {
    let mut query = conn.prepare_cached(OF_TWO)?;
    query.query_row([one.0, other.0], |row| Ok((ConversationId(row.get(0)?), row.get(1)?))).optional()
}

fn one(conn: &Connection, me: UserId, id: ConversationId) -> rusqlite::Result<Option<Conversation>> {
    let mut query = conn.prepare_cached(ONE)?;
    let params = named_params! { ":me": me.0, ":conversation": id.0, ":most_unread": MOST_UNREAD };
    query.query_row(params, conversation_from).optional()
}

/// The conversations of `me` whose newest message is older than `before`, newest first, each with the id of that message.
pub(super) fn latest(
    conn: &Connection,
    me: UserId,
    before: i64,
    limit: i64,
) -> rusqlite::Result<Vec<(Conversation, i64)>> {
    let mut query = conn.prepare_cached(LATEST)?;
    let params = named_params! { ":me": me.0, ":before": before, ":limit": limit, ":most_unread": MOST_UNREAD };
    query.query_map(params, |row| Ok((conversation_from(row)?, row.get("last_message_id")?)))?.collect()
}

/// The conversations of `me` with a change of their own after `since`, in the order of changes.
pub(super) fn changed(
    conn: &Connection,
    me: UserId,
    since: Revision,
    limit: i64,
) -> rusqlite::Result<Vec<Conversation>> {
    let mut query = conn.prepare_cached(CHANGED)?;
    let params = named_params! { ":me": me.0, ":since": since.0, ":limit": limit, ":most_unread": MOST_UNREAD };
    query.query_map(params, conversation_from)?.collect()
}

pub(super) const CHANGED: &str = concat!(
    select_conversations!(),
    "WHERE me.user_id = :me AND me.revision > :since ORDER BY me.revision LIMIT :limit"
);

fn conversation_from(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let name = |column| Ok::<_, rusqlite::Error>(Username::from_stored(row.get(column)?));
    let mut positions = vec![Position {
        user: UserId(row.get("user_id")?),
        name: name("my_name")?,
        delivered: row.get("my_delivered")?,
        read: row.get("my_read")?,
    }];
    if let Some(other) = row.get("other_id")? {
        positions.push(Position {
            user: UserId(other),
            name: name("other_name")?,
            delivered: row.get("other_delivered")?,
            read: row.get("other_read")?,
        });
    }
    Ok(Conversation {
        id: ConversationId(row.get("id")?),
        revision: Revision(row.get("revision")?),
        with: positions.last().map(|position| position.name.clone()).expect("one's own is there"),
        last_seq: row.get("last_seq")?,
        positions,
        unread: row.get("unread")?,
        marked_unread: row.get("marked_unread")?,
    })
}
