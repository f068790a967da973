//! Reading messages: one, a page of a conversation, or a page of all of one's own. Every read goes through the reader's
//! own membership, so a message of others does not exist for them; what one has deleted for oneself is left out.

use std::ops::RangeInclusive;

use super::conversations::{last_id, last_seq, of_two};
use super::engine::{self, Db};
use super::merge::{Direction, Merge};
use super::message_rows::{between, missing_sequence_error, of_member, one};
use super::{Store, StoreError};
use crate::model::{ConversationId, Message, MessageId, UserId};

pub(super) const COUNT_ALL: &str = concat!(
    "SELECT CAST(coalesce(sum(",
    last_seq!(),
    "), 0) AS BIGINT) FROM members me JOIN conversations c ON c.id = me.conversation_id WHERE me.user_id = $1"
);
/// The last message of each of a person's conversations, and its `seq`.
pub(super) const ENDS: &str = concat!(
    "SELECT c.id, ",
    last_id!(),
    ", ",
    last_seq!(),
    " FROM members me JOIN conversations c ON c.id = me.conversation_id WHERE me.user_id = $1"
);
pub(super) const SEQ: &str = "SELECT seq FROM messages WHERE id = $1 AND conversation_id = $2";
pub(super) const AT_SEQ: &str = "SELECT id FROM messages WHERE conversation_id = $1 AND seq = $2";

/// Which of a person's messages.
#[derive(Clone, Copy, Debug)]
pub enum MessageScope {
    All,
    /// The direct conversation with this person (or with oneself).
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

/// Some messages, and where they continue.
#[derive(Debug)]
pub struct MessagePage {
    /// Messages in the whole scope.
    pub count: i64,
    pub messages: Vec<Message>,
    /// The last message that was read, if the slice continues after it.
    pub next: Option<MessageId>,
}

impl Store {
    /// The message of this id, if it is one of `me`'s.
    pub async fn message(&self, me: UserId, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.read(move |db| one(db, me, id)).await
    }

    /// How many messages there are in the scope.
    pub async fn count_messages(&self, me: UserId, scope: MessageScope) -> Result<i64, StoreError> {
        self.read(move |db| count(db, me, scope)).await
    }

    /// At most `limit` messages of a slice.
    pub async fn messages(
        &self,
        me: UserId,
        scope: MessageScope,
        slice: MessageSlice,
        limit: usize,
    ) -> Result<MessagePage, StoreError> {
        self.read(move |db| {
            let (count, (messages, next)) = match scope {
                MessageScope::All => (count(db, me, scope)?, all(db, me, slice, limit)?),
                MessageScope::With(other) => match of_two(db, me, other)? {
                    Some((id, last_seq)) => (last_seq, within(db, me, (id, last_seq), slice, limit as i64)?),
                    None => (0, (Vec::new(), None)),
                },
            };
            Ok(MessagePage { count, messages, next })
        })
        .await
    }
}

type Slice = (Vec<Message>, Option<MessageId>);

fn count(db: &mut dyn Db, me: UserId, scope: MessageScope) -> engine::Result<i64> {
    match scope {
        MessageScope::All => db.value(COUNT_ALL, &[me.0.into()]),
        MessageScope::With(other) => Ok(of_two(db, me, other)?.map_or(0, |(_, last_seq)| last_seq)),
    }
}

/// A slice of one conversation. The `seq` is dense, so every slice is a range of it.
fn within(
    db: &mut dyn Db,
    me: UserId,
    (id, last_seq): (ConversationId, i64),
    slice: MessageSlice,
    limit: i64,
) -> engine::Result<Slice> {
    let up_to = |to: i64| to.saturating_sub(limit - 1).max(1)..=to;
    let upwards = matches!(slice, MessageSlice::After(_));
    let seqs: RangeInclusive<i64> = match slice {
        MessageSlice::Newest { skip } => up_to(last_seq.saturating_sub(skip)),
        MessageSlice::Before(message) => up_to(first_from(db, id, last_seq, message)? - 1),
        MessageSlice::After(message) => {
            let first = first_from(db, id, last_seq, MessageId(message.0.saturating_add(1)))?;
            first..=first.saturating_add(limit - 1).min(last_seq)
        }
    };
    if seqs.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut messages = between(db, me, id, &seqs)?;
    if !upwards {
        messages.reverse();
    }
    let (end, more) = match upwards {
        true => (*seqs.end(), *seqs.end() < last_seq),
        false => (*seqs.start(), *seqs.start() > 1),
    };
    let next = match messages.last() {
        _ if !more => None,
        Some(last) if last.seq == end => Some(last.id),
        // It is hidden.
        _ => Some(at_seq(db, id, end)?),
    };
    Ok((messages, next))
}

/// A slice of all of a person's messages.
fn all(db: &mut dyn Db, me: UserId, slice: MessageSlice, limit: usize) -> engine::Result<Slice> {
    let (direction, from, skip) = match slice {
        MessageSlice::Newest { skip } => (Direction::Down, i64::MAX, usize::try_from(skip).unwrap_or(0)),
        MessageSlice::Before(id) => (Direction::Down, id.0, 0),
        MessageSlice::After(id) => (Direction::Up, id.0, 0),
    };
    // One more than asked for shows whether there is more.
    let mut ids = Merge::begin(db, me, direction, from)?.take(db, skip, limit + 1)?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().copied().filter(|_| more);
    Ok((of_member(db, me, &ids)?, next))
}

/// The `seq` of the first message of a conversation that is this one or newer; one more than the last if there is none.
pub(super) fn first_from(
    db: &mut dyn Db,
    conversation: ConversationId,
    last_seq: i64,
    id: MessageId,
) -> engine::Result<i64> {
    // Usually the message is in this conversation.
    if let Some(seq) = db.first(SEQ, &[id.0.into(), conversation.0.into()], |row| row.get::<i64>(0))? {
        return Ok(seq.min(last_seq + 1));
    }
    // Ids rise with `seq`, so it is found by bisection.
    let (mut older, mut newer) = (0, last_seq + 1);
    while newer - older > 1 {
        let middle = older + (newer - older) / 2;
        if at_seq(db, conversation, middle)? < id { older = middle } else { newer = middle }
    }
    Ok(newer)
}

pub(super) fn at_seq(db: &mut dyn Db, conversation: ConversationId, seq: i64) -> engine::Result<MessageId> {
    let found = db.first(AT_SEQ, &[conversation.0.into(), seq.into()], |row| row.get(0).map(MessageId))?;
    found.ok_or_else(|| missing_sequence_error(conversation))
}
