//! Reading messages: one, or a page of them. Every read goes through the reader's own membership, so a message of
//! others looks like one that does not exist; and what one has deleted for oneself is left out.

use std::ops::RangeInclusive;

use rusqlite::{Connection, OptionalExtension};

use super::conversations::conversation;
use super::members::Late;
use super::message_rows::{Stored, any, one, seen_by};
use super::recent::View;
use super::{Store, StoreError, mail, places};
use crate::model::{ConversationId, Message, MessageId, UserId};

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
        self.read(move |conn| Ok(one(conn, me, id)?.map(|found| found.message))).await
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
            let ask = limit + 1;
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

fn count(conn: &View<'_>, me: UserId, scope: MessageScope) -> rusqlite::Result<i64> {
    match scope {
        MessageScope::All => {
            let written: i64 = conn.prepare_cached(COUNT_ALL)?.query_row([me.0], |row| row.get(0))?;
            Ok(written + Late::of(conn, me)?.places_more(conn)?)
        }
        MessageScope::With(other) => Ok(conversation(conn, me, other)?.map_or(0, |(_, last_seq)| last_seq)),
    }
}

/// A slice of one conversation. Places are dense, so every slice is a range of them.
fn within(
    conn: &View<'_>,
    conversation: ConversationId,
    last_seq: i64,
    slice: MessageSlice,
    limit: usize,
) -> rusqlite::Result<Vec<Stored>> {
    let limit = limit as i64;
    let up_to = |to: i64| to.saturating_sub(limit - 1).max(1)..=to;
    let places = match slice {
        MessageSlice::Newest { skip } => up_to(last_seq.saturating_sub(skip)),
        MessageSlice::Before(id) => up_to(places::first_from(conn, conversation, last_seq, id)? - 1),
        MessageSlice::After(id) => {
            let from = places::first_from(conn, conversation, last_seq, MessageId(id.0.saturating_add(1)))?;
            from..=from.saturating_add(limit - 1).min(last_seq)
        }
    };
    let mut messages = between(conn, conversation, &places)?;
    if !matches!(slice, MessageSlice::After(_)) {
        messages.reverse();
    }
    Ok(messages)
}

/// The messages at these places, in order, whoever may see them.
pub(super) fn between(
    conn: &View<'_>,
    conversation: ConversationId,
    places: &RangeInclusive<i64>,
) -> rusqlite::Result<Vec<Stored>> {
    let ids = places::between(conn, conversation, places)?;
    let message = |id| any(conn, id).optional()?.ok_or_else(|| places::hole(conversation));
    ids.into_iter().map(message).collect()
}

/// A slice of all of a person's messages.
fn all(conn: &View<'_>, me: UserId, slice: MessageSlice, limit: usize) -> rusqlite::Result<Vec<Stored>> {
    let ids = match slice {
        MessageSlice::Newest { skip } => mail::down(conn, me, i64::MAX, limit, usize::try_from(skip).unwrap_or(0))?,
        MessageSlice::Before(id) => mail::down(conn, me, id.0, limit, 0)?,
        MessageSlice::After(id) => mail::up(conn, me, id.0, limit)?,
    };
    ids.into_iter().map(|id| any(conn, id)).collect()
}

/// Leaves out what `me` has deleted for themselves and what was kept from them.
pub(super) fn without_hidden(conn: &Connection, me: UserId, messages: Vec<Stored>) -> rusqlite::Result<Vec<Message>> {
    messages.into_iter().filter_map(|message| seen_by(conn, me, message).transpose()).collect()
}
