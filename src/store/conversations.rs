//! Conversations as their members see them: with whom, how far each has come, what is unread.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::accounts::profile_from;
use super::message_rows;
use super::{Store, StoreError, unread};
use crate::clock::Timestamp;
use crate::model::{Conversation, ConversationId, Message, MessageId, Position, Revision, UserId, Username};

/// Conversations one may pin.
pub const MOST_PINNED: usize = 10;

/// The conversation `?1` has with `?2`, and the place of the newest message in it that `?1` may see.
pub(super) const OF_TWO: &str = "SELECT c.id, me.last_seq
     FROM conversations c JOIN members me ON me.conversation_id = c.id AND me.user_id = ?1
     WHERE c.low_user_id = min(?1, ?2) AND c.high_user_id = max(?1, ?2)";

/// A conversation from the member row `me`; `theirs` is the other one, or oneself. The other one has no row while all
/// there is comes from someone they block.
macro_rules! select_conversations {
    () => {
        "SELECT c.id, me.last_seq, me.revision, me.marked_unread, me.pinned, me.archived, me.muted_until,
                me.user_id, me.last_message_id, me.delivered_seq AS my_delivered, me.read_seq AS my_read,
                mine.username AS my_name, theirs.id AS other_id, theirs.username AS other_name,
                coalesce(other.delivered_seq, 0) AS other_delivered, coalesce(other.shown_read_seq, 0) AS other_read,
                theirs.display_name, theirs.about, theirs.avatar, theirs.deleted_at IS NOT NULL AS deleted,
                EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = me.user_id AND b.blocked_id = theirs.id) AS blocked,
                min(me.unread, :most_unread) AS unread
         FROM members me
         JOIN conversations c ON c.id = me.conversation_id
         JOIN users mine ON mine.id = me.user_id
         JOIN users theirs ON theirs.id = c.low_user_id + c.high_user_id - me.user_id
         LEFT JOIN members other ON other.conversation_id = me.conversation_id AND other.user_id = theirs.id "
    };
}

pub(super) const ONE: &str =
    concat!(select_conversations!(), "WHERE me.user_id = :me AND me.conversation_id = :conversation");
pub(super) const LATEST: &str = concat!(
    select_conversations!(),
    "WHERE me.user_id = :me AND me.last_message_id < :before ORDER BY me.last_message_id DESC LIMIT :limit"
);
pub(super) const PINNED: &str = concat!(
    select_conversations!(),
    "WHERE me.user_id = :me AND me.pinned = 1 AND me.last_message_id < :before
     ORDER BY me.last_message_id DESC LIMIT :limit"
);
pub(super) const CHANGED: &str = concat!(
    select_conversations!(),
    "WHERE me.user_id = :me AND me.revision > :since ORDER BY me.revision LIMIT :limit"
);

/// A conversation in the list of its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    pub conversation: Conversation,
    /// The place in the list: newer ones have higher ones.
    pub place: MessageId,
    /// The newest message, unless that is hidden.
    pub message: Option<Message>,
}

/// Some conversations, newest first, and whether there are older ones.
#[derive(Debug)]
pub struct ConversationPage {
    pub conversations: Vec<Latest>,
    pub more: bool,
}

impl Store {
    /// The conversation of `me` with `other`.
    pub async fn conversation(&self, me: UserId, other: UserId) -> Result<Option<Latest>, StoreError> {
        self.read(move |conn| {
            let Some((id, _)) = conversation(conn, me, other)? else { return Ok(None) };
            let found = select(conn, ONE, named_params! { ":conversation": id.0, ":me": me.0 }, with_place)?;
            Ok(with_messages(conn, me, found)?.pop())
        })
        .await
    }

    /// The conversations of `me` after this place of the list, newest first.
    pub async fn conversations(
        &self,
        me: UserId,
        after: Option<MessageId>,
        limit: usize,
    ) -> Result<ConversationPage, StoreError> {
        self.read(move |conn| page(conn, me, after.map_or(i64::MAX, |id| id.0), limit)).await
    }
}

/// The conversations of `me` whose newest message is older than `before`.
pub(super) fn page(conn: &Connection, me: UserId, before: i64, limit: usize) -> rusqlite::Result<ConversationPage> {
    // One more than asked for tells whether there is more.
    let params = named_params! { ":me": me.0, ":before": before, ":limit": limit as i64 + 1 };
    let mut found = select(conn, LATEST, params, with_place)?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(ConversationPage { conversations: with_messages(conn, me, found)?, more })
}

/// The pinned conversations of `me` whose newest message is older than `before`.
pub(super) fn pinned(conn: &Connection, me: UserId, before: i64) -> rusqlite::Result<Vec<Latest>> {
    let params = named_params! { ":me": me.0, ":before": before, ":limit": MOST_PINNED as i64 };
    let found = select(conn, PINNED, params, with_place)?;
    with_messages(conn, me, found)
}

/// The conversation of `me` with someone, and the place of its newest message that `me` may see.
pub(super) fn conversation(
    conn: &Connection,
    me: UserId,
    other: UserId,
) -> rusqlite::Result<Option<(ConversationId, i64)>> {
    let mut query = conn.prepare_cached(OF_TWO)?;
    query.query_row([me.0, other.0], |row| Ok((ConversationId(row.get(0)?), row.get(1)?))).optional()
}

pub(super) fn one(conn: &Connection, me: UserId, id: ConversationId) -> rusqlite::Result<Option<Conversation>> {
    let found = select(conn, ONE, named_params! { ":me": me.0, ":conversation": id.0 }, conversation_from)?;
    Ok(found.into_iter().next())
}

/// The conversations of `me` with a change of their own after `since`, in the order of changes.
pub(super) fn changed(
    conn: &Connection,
    me: UserId,
    since: Revision,
    limit: i64,
) -> rusqlite::Result<Vec<Conversation>> {
    let params = named_params! { ":me": me.0, ":since": since.0, ":limit": limit };
    select(conn, CHANGED, params, conversation_from)
}

fn select<T>(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut query = conn.prepare_cached(sql)?;
    let bounds = named_params! { ":most_unread": unread::MOST };
    let params = [params, bounds].concat();
    query.query_map(params.as_slice(), |row| read(row))?.collect()
}

fn with_place(row: &Row<'_>) -> rusqlite::Result<(Conversation, MessageId)> {
    Ok((conversation_from(row)?, MessageId(row.get("last_message_id")?)))
}

fn with_messages(
    conn: &Connection,
    me: UserId,
    found: Vec<(Conversation, MessageId)>,
) -> rusqlite::Result<Vec<Latest>> {
    let read = |(conversation, place)| {
        let message = message_rows::one(conn, me, place)?;
        Ok(Latest { conversation, place, message })
    };
    found.into_iter().map(read).collect()
}

fn conversation_from(row: &Row<'_>) -> rusqlite::Result<Conversation> {
    let position = |user: UserId, name, delivered, read| {
        let name = Username::from_stored(row.get(name)?);
        Ok::<_, rusqlite::Error>(Position { user, name, delivered: row.get(delivered)?, read: row.get(read)? })
    };
    let (me, other) = (UserId(row.get("user_id")?), UserId(row.get("other_id")?));
    let mut positions = vec![position(me, "my_name", "my_delivered", "my_read")?];
    if other != me {
        positions.push(position(other, "other_name", "other_delivered", "other_read")?);
    }
    Ok(Conversation {
        id: ConversationId(row.get("id")?),
        revision: Revision(row.get("revision")?),
        with: Username::from_stored(row.get("other_name")?),
        profile: profile_from(row)?,
        last_seq: row.get("last_seq")?,
        positions,
        unread: row.get("unread")?,
        marked_unread: row.get("marked_unread")?,
        pinned: row.get("pinned")?,
        archived: row.get("archived")?,
        muted_until: row.get::<_, Option<i64>>("muted_until")?.map(Timestamp::from_micros),
        blocked: row.get("blocked")?,
    })
}
