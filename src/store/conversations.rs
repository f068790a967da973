//! Conversations as their members see them: with whom, how far each has come, what is unread.

use std::cmp::Reverse;

use rusqlite::{OptionalExtension, Row, named_params};

use super::accounts::profile_from;
use super::columns::Columns;
use super::members::Late;
use super::recent::View;
use super::{Store, StoreError, message_rows, unread};
use crate::clock::Timestamp;
use crate::model::{
    Conversation, ConversationId, ConversationKind, Message, MessageId, Position, Revision, UserId, Username,
};

/// Conversations one may pin.
pub const MOST_PINNED: usize = 10;

/// The conversation `?1` has with `?2`, and what the row of `?1` says of its newest message.
pub(super) const OF_TWO: &str = "SELECT c.id, me.last_seq, me.last_message_id
     FROM conversations c JOIN members me ON me.conversation_id = c.id AND me.user_id = ?1
     WHERE c.low_user_id = min(?1, ?2) AND c.high_user_id = max(?1, ?2)";

/// A conversation from the member row `me`; `theirs` is the other one, or oneself. The other one has no row while all
/// there is comes from someone they block.
macro_rules! select_conversations {
    () => {
        "SELECT me.last_message_id, c.id, me.last_seq, me.unread, me.revision, me.marked_unread, me.pinned, me.archived,
                me.muted_until, me.user_id, mine.username, me.delivered_seq, me.read_seq,
                theirs.id, theirs.username, coalesce(other.delivered_seq, 0), coalesce(other.shown_read_seq, 0),
                theirs.display_name, theirs.about, theirs.avatar, theirs.deleted_at IS NOT NULL,
                EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = me.user_id AND b.blocked_id = theirs.id)
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
    "WHERE me.user_id = :me AND me.last_message_id < :before ORDER BY me.last_message_id DESC"
);
pub(super) const PINNED: &str =
    concat!(select_conversations!(), "WHERE me.user_id = :me AND me.pinned = 1 ORDER BY me.last_message_id DESC");
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
    /// The conversation of this id, if it is one of `me`'s.
    pub async fn conversation(&self, me: UserId, id: ConversationId) -> Result<Option<Latest>, StoreError> {
        self.read(move |conn| latest(conn, me, id)).await
    }

    /// The direct conversation of `me` with `other`, or the notes to oneself.
    pub async fn direct_conversation(&self, me: UserId, other: UserId) -> Result<Option<Latest>, StoreError> {
        self.read(move |conn| match conversation(conn, me, other)? {
            Some((id, _)) => latest(conn, me, id),
            None => Ok(None),
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

fn latest(view: &View<'_>, me: UserId, id: ConversationId) -> rusqlite::Result<Option<Latest>> {
    let found = find(view, me, id, &Late::within(view, me, id)?)?;
    Ok(with_messages(view, me, found.into_iter().collect())?.pop())
}

/// The conversations of `me` whose newest message is older than `before`.
pub(super) fn page(view: &View<'_>, me: UserId, before: i64, limit: usize) -> rusqlite::Result<ConversationPage> {
    let late = Late::of(view, me)?;
    let mut query = view.prepare_cached(LATEST)?;
    let rows = query.query_map(named_params! { ":me": me.0, ":before": before }, |row| {
        let conversation = placed(row, &late)?.1;
        Ok((conversation.id, MessageId(row.get(0)?), conversation))
    })?;
    let find = |id, _| Ok(find(view, me, id, &late)?.map(|(_, conversation)| conversation));
    // One more than asked for tells whether there is more.
    let mut found = late.in_order(before, limit + 1, rows, find)?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(ConversationPage { conversations: with_messages(view, me, found)?, more })
}

/// The pinned conversations of `me` whose newest message is older than `before`.
pub(super) fn pinned(view: &View<'_>, me: UserId, before: i64) -> rusqlite::Result<Vec<Latest>> {
    let late = Late::of(view, me)?;
    let mut query = view.prepare_cached(PINNED)?;
    let found = query.query_map(named_params! { ":me": me.0 }, |row| placed(row, &late))?;
    let mut found: Vec<_> = found.collect::<rusqlite::Result<_>>()?;
    found.retain(|(place, _)| place.0 < before);
    found.sort_by_key(|(place, _)| Reverse(*place));
    with_messages(view, me, found)
}

/// The conversation of `me` with someone, and the place of its newest message that `me` may see.
pub(super) fn conversation(
    view: &View<'_>,
    me: UserId,
    other: UserId,
) -> rusqlite::Result<Option<(ConversationId, i64)>> {
    let mut query = view.prepare_cached(OF_TWO)?;
    let read = |row: &Row<'_>| Ok((ConversationId(row.get(0)?), row.get(1)?, MessageId(row.get(2)?)));
    let Some((id, last_seq, last)) = query.query_row([me.0, other.0], read).optional()? else { return Ok(None) };
    let newer = Late::within(view, me, id)?.newer(id, last);
    Ok(Some((id, newer.map_or(last_seq, |newer| newer.last_seq))))
}

pub(super) fn one(view: &View<'_>, me: UserId, id: ConversationId) -> rusqlite::Result<Option<Conversation>> {
    let found = find(view, me, id, &Late::within(view, me, id)?)?;
    Ok(found.map(|(_, conversation)| conversation))
}

/// The conversations of `me` with a change of their own after `since`, in the order of changes.
pub(super) fn changed(view: &View<'_>, me: UserId, since: Revision, limit: i64) -> rusqlite::Result<Vec<Conversation>> {
    let late = Late::of(view, me)?;
    let mut query = view.prepare_cached(CHANGED)?;
    let params = named_params! { ":me": me.0, ":since": since.0, ":limit": limit };
    query.query_map(params, |row| placed(row, &late).map(|(_, conversation)| conversation))?.collect()
}

/// A conversation of `me`, behind its place in the list.
fn find(
    view: &View<'_>,
    me: UserId,
    id: ConversationId,
    late: &Late,
) -> rusqlite::Result<Option<(MessageId, Conversation)>> {
    let mut query = view.prepare_cached(ONE)?;
    query.query_row(named_params! { ":me": me.0, ":conversation": id.0 }, |row| placed(row, late)).optional()
}

fn with_messages(view: &View<'_>, me: UserId, found: Vec<(MessageId, Conversation)>) -> rusqlite::Result<Vec<Latest>> {
    let read = |(place, conversation)| {
        let message = message_rows::one(view, me, place)?.map(|found| found.message);
        Ok(Latest { conversation, place, message })
    };
    found.into_iter().map(read).collect()
}

/// A conversation, with what its row lacks, behind its place in the list.
fn placed(row: &Row<'_>, late: &Late) -> rusqlite::Result<(MessageId, Conversation)> {
    let mut columns = Columns::from(row, 0);
    let mut place = MessageId(columns.read()?);
    let id = ConversationId(columns.read()?);
    let (mut last_seq, mut unread): (i64, i64) = (columns.read()?, columns.read()?);
    if let Some(newer) = late.newer(id, place) {
        (place, last_seq, unread) = (newer.last, newer.last_seq, unread + newer.incoming);
    }
    let revision = Revision(columns.read()?);
    let (marked_unread, pinned, archived) = (columns.read()?, columns.read()?, columns.read()?);
    let muted_until = columns.read::<Option<i64>>()?.map(Timestamp::from_micros);
    let (mine, theirs) = (position_from(&mut columns)?, position_from(&mut columns)?);
    let conversation = Conversation {
        id,
        kind: ConversationKind::Direct,
        revision,
        with: theirs.name.clone(),
        profile: profile_from(&mut columns)?,
        last_seq,
        positions: if theirs.user == mine.user { vec![mine] } else { vec![mine, theirs] },
        unread: unread.min(unread::MOST),
        marked_unread,
        pinned,
        archived,
        muted_until,
        blocked: columns.read()?,
    };
    Ok((place, conversation))
}

fn position_from(columns: &mut Columns<'_>) -> rusqlite::Result<Position> {
    let (user, name) = (UserId(columns.read()?), Username::from_stored(columns.read()?));
    Ok(Position { user, name, delivered: columns.read()?, read: columns.read()? })
}
