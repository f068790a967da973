//! Conversations as their members see them: the other person, both positions, what is unread.

use super::accounts::profile_from;
use super::direct::{is_direct, other_member};
use super::engine::{self, Db, Question, Row};
use super::{Store, StoreError, message_rows};
use crate::clock::Timestamp;
use crate::model::{
    Conversation, ConversationId, ConversationKind, Message, MessageId, Position, Revision, UserId, Username,
};

/// Conversations one may pin.
pub const MOST_PINNED: usize = 10;

/// The newest message of the conversation `c` that its member `me` may see, and its `seq`: the conversation's own
/// unless that was kept from them.
macro_rules! last_id {
    () => {
        "CASE WHEN me.shadowed_message_id = c.last_message_id THEN me.visible_message_id ELSE c.last_message_id END"
    };
}
macro_rules! last_seq {
    () => {
        "CASE WHEN me.shadowed_message_id = c.last_message_id THEN me.visible_seq ELSE c.last_seq END"
    };
}
pub(super) use {last_id, last_seq};

/// The last change of a conversation that its member sees, but for messages.
macro_rules! revision {
    () => {
        "CASE WHEN c.revision > me.revision THEN c.revision ELSE me.revision END"
    };
}
pub(super) use revision;

/// A conversation `c` of its member `me`; `theirs` is the other one of two, or oneself, and has no member row while all
/// messages were kept from them. Unread are others' visible messages after the own read position: 1,000 at most,
/// counted among the newest 2,000, so that counting is never slow.
macro_rules! select_conversations {
    () => {
        concat!(
            "SELECT ",
            last_id!(),
            ", c.id, ",
            last_seq!(),
            ", (SELECT count(*) FROM (
                  SELECT 1 FROM messages m
                  WHERE m.conversation_id = c.id AND m.seq > me.read_seq AND m.seq > c.last_seq - 2000
                    AND m.sender_id <> me.user_id AND m.deleted_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = me.user_id AND h.message_id = m.id)
                  LIMIT 1000) AS waiting), ",
            revision!(),
            ", me.marked_unread, me.pinned, me.archived, me.muted_until, me.user_id, mine.username, me.delivered_seq,
               me.read_seq, theirs.id, theirs.username, coalesce(other.delivered_seq, 0), coalesce(other.shown_read_seq, 0),
               theirs.display_name, theirs.about, theirs.avatar, theirs.deleted_at IS NOT NULL,
               EXISTS (SELECT 1 FROM blocks b WHERE b.user_id = me.user_id AND b.blocked_id = theirs.id) "
        )
    };
}

/// The rows a conversation is read from, once `me` and `c` are there.
macro_rules! with_people {
    () => {
        concat!(
            "JOIN users mine ON mine.id = me.user_id
             JOIN users theirs ON theirs.id = ",
            other_member!("c", "me.user_id"),
            " LEFT JOIN members other ON other.user_id = theirs.id AND other.conversation_id = c.id "
        )
    };
}

/// The direct conversation of `$1` and `$2`, and how far it goes for `$1`.
pub(super) const OF_TWO: &str = concat!(
    "SELECT c.id, ",
    last_seq!(),
    " FROM conversations c JOIN members me ON me.user_id = $1 AND me.conversation_id = c.id WHERE ",
    is_direct!("$1", "$2")
);
/// How far the conversation `$2` goes for its member `$1`.
pub(super) const END: &str = concat!(
    "SELECT ",
    last_seq!(),
    " FROM members me JOIN conversations c ON c.id = me.conversation_id
      WHERE me.user_id = $1 AND me.conversation_id = $2"
);
pub(super) const ONE: &str = concat!(
    select_conversations!(),
    "FROM members me JOIN conversations c ON c.id = me.conversation_id ",
    with_people!(),
    "WHERE me.user_id = $1 AND me.conversation_id = $2"
);

/// The latest conversations of `$1` after `$2` in the list: found among all of that person's and sorted, and only then
/// read.
pub(super) const LATEST: &str = concat!(
    select_conversations!(),
    "FROM (SELECT me.user_id, me.conversation_id, ",
    last_id!(),
    " AS place FROM members me JOIN conversations c ON c.id = me.conversation_id
           WHERE me.user_id = $1 AND ",
    last_id!(),
    " < $2 ORDER BY place DESC LIMIT $3) list
     JOIN members me ON me.user_id = list.user_id AND me.conversation_id = list.conversation_id
     JOIN conversations c ON c.id = list.conversation_id ",
    with_people!(),
    "ORDER BY list.place DESC"
);
/// The few that `$1` has pinned, of those after `$2` in the list.
pub(super) const PINNED: &str = concat!(
    select_conversations!(),
    "FROM members me JOIN conversations c ON c.id = me.conversation_id ",
    with_people!(),
    "WHERE me.user_id = $1 AND me.pinned = 1 AND ",
    last_id!(),
    " < $2 ORDER BY 1 DESC"
);

/// A conversation in the list of its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    pub conversation: Conversation,
    /// Its place in the list, the newest message's id: higher for newer ones.
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
    /// The conversation of this id, if `me` is a member.
    pub async fn conversation(&self, me: UserId, id: ConversationId) -> Result<Option<Latest>, StoreError> {
        self.read(move |db| latest(db, me, id)).await
    }

    /// The direct conversation of `me` with `other`; the notes to oneself where that is `me`.
    pub async fn direct_conversation(&self, me: UserId, other: UserId) -> Result<Option<Latest>, StoreError> {
        self.read(move |db| match of_two(db, me, other)? {
            Some((id, _)) => latest(db, me, id),
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
        self.read(move |db| page(db, me, after.map_or(i64::MAX, |id| id.0), limit)).await
    }
}

/// The conversations of `me` whose newest message is older than `before`.
pub(super) fn page(db: &mut dyn Db, me: UserId, before: i64, limit: usize) -> engine::Result<ConversationPage> {
    // One more than asked for shows whether there is more.
    let ask = limit as i64 + 1;
    let mut found = db.all(LATEST, &[me.0.into(), before.into(), ask.into()], placed)?;
    let more = found.len() > limit;
    found.truncate(limit);
    Ok(ConversationPage { conversations: with_messages(db, me, found)?, more })
}

/// The pinned conversations of `me` whose newest message is older than `before`.
pub(super) fn pinned(db: &mut dyn Db, me: UserId, before: i64) -> engine::Result<Vec<Latest>> {
    let found = db.all(PINNED, &[me.0.into(), before.into()], placed)?;
    with_messages(db, me, found)
}

/// The direct conversation of these two, if `me` sees it, and the `seq` of the newest message that `me` may see.
pub(super) fn of_two(db: &mut dyn Db, me: UserId, other: UserId) -> engine::Result<Option<(ConversationId, i64)>> {
    db.first(OF_TWO, &[me.0.into(), other.0.into()], |row| Ok((ConversationId(row.get(0)?), row.get(1)?)))
}

/// The `seq` of the newest message that `me` may see; nothing where `me` is no member.
pub(super) fn end(db: &mut dyn Db, me: UserId, id: ConversationId) -> engine::Result<Option<i64>> {
    db.first(END, &[me.0.into(), id.0.into()], |row| row.get(0))
}

pub(super) fn one(db: &mut dyn Db, me: UserId, id: ConversationId) -> engine::Result<Option<Conversation>> {
    Ok(find(db, me, id)?.map(|(_, conversation)| conversation))
}

/// Those conversations of these ids of which `me` is a member.
pub(super) fn of_member(db: &mut dyn Db, me: UserId, ids: &[ConversationId]) -> engine::Result<Vec<Conversation>> {
    let question = Question { sql: ONE, each: ids.iter().map(|id| vec![me.0.into(), id.0.into()]).collect() };
    let mut found = Vec::with_capacity(ids.len());
    db.ask(&question, &mut |_, row| {
        found.push(placed(row)?.1);
        Ok(())
    })?;
    Ok(found)
}

fn latest(db: &mut dyn Db, me: UserId, id: ConversationId) -> engine::Result<Option<Latest>> {
    let found = find(db, me, id)?;
    Ok(with_messages(db, me, found.into_iter().collect())?.pop())
}

/// A conversation of `me`, after its place in the list.
fn find(db: &mut dyn Db, me: UserId, id: ConversationId) -> engine::Result<Option<(MessageId, Conversation)>> {
    db.first(ONE, &[me.0.into(), id.0.into()], placed)
}

fn with_messages(db: &mut dyn Db, me: UserId, found: Vec<(MessageId, Conversation)>) -> engine::Result<Vec<Latest>> {
    let places: Vec<_> = found.iter().map(|(place, _)| *place).collect();
    let mut messages = message_rows::of_member(db, me, &places)?.into_iter().peekable();
    let latest = found.into_iter().map(|(place, conversation)| {
        let message = messages.next_if(|message| message.id == place);
        Latest { conversation, place, message }
    });
    Ok(latest.collect())
}

/// Reads the place in the list, and the conversation.
fn placed(row: &dyn Row) -> engine::Result<(MessageId, Conversation)> {
    let mut columns = row.columns(0);
    let place = MessageId(columns.read()?);
    let id = ConversationId(columns.read()?);
    let (last_seq, unread) = (columns.read()?, columns.read()?);
    let revision = Revision(columns.read()?);
    let (marked_unread, pinned, archived) = (columns.read()?, columns.read()?, columns.read()?);
    let muted_until = columns.read::<Option<i64>>()?.map(Timestamp::from_micros);
    let mut position = || -> engine::Result<Position> {
        let (user, name) = (UserId(columns.read()?), Username::from_stored(columns.read()?));
        Ok(Position { user, name, delivered: columns.read()?, read: columns.read()? })
    };
    let (mine, theirs) = (position()?, position()?);
    let conversation = Conversation {
        id,
        kind: ConversationKind::Direct,
        revision,
        with: theirs.name.clone(),
        profile: profile_from(&mut columns)?,
        last_seq,
        positions: if theirs.user == mine.user { vec![mine] } else { vec![mine, theirs] },
        unread,
        marked_unread,
        pinned,
        archived,
        muted_until,
        blocked: columns.read()?,
    };
    Ok((place, conversation))
}
