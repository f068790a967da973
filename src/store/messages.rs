//! Reading messages: one, or a page of them. Every read goes through the reader's own membership, so a message of
//! others looks like one that does not exist; and what one has deleted for oneself is left out.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension, named_params};

use super::conversations::conversation;
use super::message_rows::{any, message_from, one, seen_by, select_messages};
use super::{Store, StoreError, filing};
use crate::model::{ConversationId, Message, MessageId, UserId};

pub(super) const DOWN: &str = concat!(
    select_messages!(),
    "WHERE m.conversation_id = :conversation AND m.seq BETWEEN :from AND :to ORDER BY m.seq DESC"
);
pub(super) const UP: &str = concat!(
    select_messages!(),
    "WHERE m.conversation_id = :conversation AND m.seq BETWEEN :from AND :to ORDER BY m.seq"
);
pub(super) const ID_AT: &str = "SELECT id FROM messages WHERE conversation_id = ?1 AND seq = ?2";
pub(super) const COUNT_ALL: &str = "SELECT coalesce(sum(last_seq), 0) FROM members WHERE user_id = ?1";

/// Which of a person's messages.
#[derive(Clone, Copy, Debug)]
pub enum MessageScope {
    All,
    /// The conversation with this person (or with oneself).
    With(UserId),
}

/// Which part of them.
#[derive(Clone, Copy, Debug)]
pub enum MessageSlice {
    /// Newest first, the first `skip` left out.
    Newest { skip: i64 },
    /// Those older than this one, newest first.
    Before(MessageId),
    /// Those newer than this one, oldest first: the direction of catching up.
    After(MessageId),
}

/// Some messages, and what there is beside them.
#[derive(Debug)]
pub struct MessagePage {
    /// Messages in the whole scope.
    pub count: i64,
    pub messages: Vec<Message>,
    /// The last message that was looked at, where the slice goes on after it.
    pub next: Option<MessageId>,
}

impl Store {
    /// The message of this id, if it is one of `me`'s.
    pub async fn message(&self, me: UserId, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.read(move |conn| one(conn, me, id)).await
    }

    /// How many messages there are in the scope.
    pub async fn count_messages(&self, me: UserId, scope: MessageScope) -> Result<i64, StoreError> {
        self.read(move |conn| count(conn, me, scope)).await
    }

    /// At most `limit` messages of a slice.
    pub async fn messages(
        &self,
        me: UserId,
        scope: MessageScope,
        slice: MessageSlice,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.read(move |conn| {
            let count = count(conn, me, scope)?;
            // One more than asked for tells whether there is more.
            let ask = i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1;
            let mut messages = match scope {
                MessageScope::All => all(conn, me, slice, ask)?,
                MessageScope::With(other) => match conversation(conn, me, other)? {
                    Some((id, last_seq)) => within(conn, id, last_seq, slice, ask)?,
                    None => Vec::new(),
                },
            };
            let more = messages.len() > limit;
            messages.truncate(limit);
            let next = messages.last().filter(|_| more).map(|message| message.id);
            Ok(MessagePage { count, messages: without_hidden(conn, me, messages)?, next })
        })
        .await
    }
}

fn count(conn: &Connection, me: UserId, scope: MessageScope) -> rusqlite::Result<i64> {
    match scope {
        MessageScope::All => conn.prepare_cached(COUNT_ALL)?.query_row([me.0], |row| row.get(0)),
        MessageScope::With(other) => Ok(conversation(conn, me, other)?.map_or(0, |(_, last_seq)| last_seq)),
    }
}

/// A slice of one conversation. Places are dense, so every slice is a range of them, and a hole means that the file
/// does not hold what was stored.
fn within(
    conn: &Connection,
    conversation: ConversationId,
    last_seq: i64,
    slice: MessageSlice,
    limit: i64,
) -> rusqlite::Result<Vec<Message>> {
    let up_to = |to: i64| (DOWN, to.saturating_sub(limit - 1).max(1), to);
    let (sql, from, to) = match slice {
        MessageSlice::Newest { skip } => up_to(last_seq.saturating_sub(skip)),
        MessageSlice::Before(id) => up_to(first_seq_from(conn, conversation, last_seq, id)? - 1),
        MessageSlice::After(id) => {
            let from = first_seq_from(conn, conversation, last_seq, MessageId(id.0.saturating_add(1)))?;
            (UP, from, from.saturating_add(limit - 1).min(last_seq))
        }
    };
    dense(conn, sql, conversation, &(from..=to))
}

/// The messages at these places, in order, whoever may see them.
pub(super) fn between(
    conn: &Connection,
    conversation: ConversationId,
    places: &RangeInclusive<i64>,
) -> rusqlite::Result<Vec<Message>> {
    dense(conn, UP, conversation, places)
}

fn dense(
    conn: &Connection,
    sql: &str,
    conversation: ConversationId,
    places: &RangeInclusive<i64>,
) -> rusqlite::Result<Vec<Message>> {
    let (from, to) = (*places.start(), *places.end());
    let params = named_params! { ":conversation": conversation.0, ":from": from, ":to": to };
    let messages: Vec<_> =
        conn.prepare_cached(sql)?.query_map(params, message_from)?.collect::<rusqlite::Result<_>>()?;
    if messages.len() as i64 != to.saturating_sub(from - 1).max(0) {
        return Err(hole(conversation));
    }
    Ok(messages)
}

/// The fault of a conversation that lacks messages it had: as grave as a damaged page.
fn hole(conversation: ConversationId) -> rusqlite::Error {
    let missing = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    let detail = format!("conversation {} lacks messages it had", conversation.0);
    rusqlite::Error::SqliteFailure(missing, Some(detail))
}

/// The place of the conversation's first message whose id is at least `id`; one past the last when there is none.
/// Ids rise with places, so halving finds it in a few lookups without an index of its own.
fn first_seq_from(
    conn: &Connection,
    conversation: ConversationId,
    last_seq: i64,
    id: MessageId,
) -> rusqlite::Result<i64> {
    let mut query = conn.prepare_cached(ID_AT)?;
    let (mut low, mut high) = (1, last_seq + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<i64> = query.query_row([conversation.0, middle], |row| row.get(0)).optional()?;
        let found = found.ok_or_else(|| hole(conversation))?;
        if found < id.0 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// A slice of all of a person's messages.
fn all(conn: &Connection, me: UserId, slice: MessageSlice, limit: i64) -> rusqlite::Result<Vec<Message>> {
    let ids = match slice {
        MessageSlice::Newest { skip } => filing::down(conn, me, i64::MAX, limit, skip)?,
        MessageSlice::Before(id) => filing::down(conn, me, id.0, limit, 0)?,
        MessageSlice::After(id) => filing::up(conn, me, id.0, limit)?,
    };
    ids.into_iter().map(|id| any(conn, id)).collect()
}

/// Leaves out what `me` has deleted for themselves and what was kept from them.
pub(super) fn without_hidden(conn: &Connection, me: UserId, messages: Vec<Message>) -> rusqlite::Result<Vec<Message>> {
    messages.into_iter().filter_map(|message| seen_by(conn, me, message).transpose()).collect()
}
