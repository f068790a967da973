//! A message as a row: the columns every query of messages reads, what they become, and who may see it.

use super::direct::other_member;
use super::engine::{self, Db, Question, Row};
use super::writer::Change;
use crate::clock::Timestamp;
use crate::model::{ClientKey, ConversationId, Event, Message, MessageId, Quote, Reaction, Revision, UserId, Username};

/// `SELECT` and `FROM` of a query whose rows [`message_from`] reads, as the person `$1` may see them. `m` is the
/// message, `s` its sender, `r` the other one of a direct conversation, `q` and `qs` the message it answers and who
/// sent that. Reactions are one text, `EMOJI NAME EMOJI NAME`. The last column says whether the message is hidden from `$1`.
macro_rules! select_messages {
    () => {
        concat!(
            "SELECT m.id, m.conversation_id, m.seq, m.sender_id, s.username, r.username, m.body, m.client_key,
                m.created_at, m.revision, m.edited_at, m.deleted_at IS NOT NULL, m.forwarded, q.id, qs.username,
                substr(q.body, 1, 200),
                (SELECT string_agg(one, ' ')
                 FROM (SELECT x.emoji || ' ' || u.username AS one FROM reactions x JOIN users u ON u.id = x.user_id
                       WHERE x.message_id = m.id ORDER BY x.user_id) given),
                EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = $1 AND h.message_id = m.id)
             FROM messages m
             JOIN users s ON s.id = m.sender_id
             JOIN conversations mc ON mc.id = m.conversation_id
             LEFT JOIN users r ON r.id = ",
            other_member!("mc", "m.sender_id"),
            " LEFT JOIN messages q ON q.id = m.reply_to AND NOT EXISTS
                (SELECT 1 FROM hidden_messages k WHERE k.user_id = $1 AND k.message_id = m.reply_to AND k.revision = 0)
             LEFT JOIN users qs ON qs.id = q.sender_id "
        )
    };
}
pub(super) use select_messages;

/// The message `$2` as its member `$1` may see it.
pub(super) const OF_MEMBER: &str = concat!(
    select_messages!(),
    "JOIN members me ON me.conversation_id = m.conversation_id AND me.user_id = $1 WHERE m.id = $2"
);
/// The message `$2`, without regard to membership.
pub(super) const BY_ID: &str = concat!(select_messages!(), "WHERE m.id = $2");
/// The messages of the conversation `$2` in a range of `seq`, also those that `$1` does not see.
pub(super) const BETWEEN: &str =
    concat!(select_messages!(), "WHERE m.conversation_id = $2 AND m.seq >= $3 AND m.seq <= $4 ORDER BY m.seq");
/// The members of the conversation `$3`, and whether each does not see the message `$1`, and never saw the quoted `$2`.
// PostgreSQL would find out for everyone at once whether something EXISTS.
pub(super) const AUDIENCE: &str = "SELECT me.user_id,
            (SELECT count(*) FROM hidden_messages h WHERE h.user_id = me.user_id AND h.message_id = $1),
            (SELECT count(*) FROM hidden_messages k
             WHERE k.user_id = me.user_id AND k.message_id = $2 AND k.revision = 0)
     FROM members me WHERE me.conversation_id = $3";

/// A person no row belongs to: sees every message and every quote.
pub(super) const NOBODY: UserId = UserId(0);

/// The messages of these ids, as far as they are `me`'s and `me` sees them, in this order.
pub(super) fn of_member(db: &mut dyn Db, me: UserId, ids: &[MessageId]) -> engine::Result<Vec<Message>> {
    let question = Question { sql: OF_MEMBER, each: ids.iter().map(|id| vec![me.0.into(), id.0.into()]).collect() };
    let mut messages = Vec::with_capacity(ids.len());
    db.ask(&question, &mut |_, row| {
        messages.extend(visible_from(row)?);
        Ok(())
    })?;
    Ok(messages)
}

/// The message of this id, if it is one of `me`'s.
pub(super) fn one(db: &mut dyn Db, me: UserId, id: MessageId) -> engine::Result<Option<Message>> {
    Ok(of_member(db, me, &[id])?.pop())
}

/// The message of this id, without regard to who may see it.
pub(super) fn any(db: &mut dyn Db, id: MessageId) -> engine::Result<Message> {
    let found = db.first(BY_ID, &[NOBODY.0.into(), id.0.into()], message_from)?;
    found.ok_or_else(|| engine::Error::Other(format!("there is no message {}", id.0)))
}

/// The messages of a conversation in a range of `seq`, as `me` sees them.
///
/// # Errors
/// A `seq` without a message means that the conversation is damaged.
pub(super) fn between(
    db: &mut dyn Db,
    me: UserId,
    conversation: ConversationId,
    seqs: &std::ops::RangeInclusive<i64>,
) -> engine::Result<Vec<Message>> {
    let (mut messages, mut next) = (Vec::new(), *seqs.start());
    let params = [me.0.into(), conversation.0.into(), (*seqs.start()).into(), (*seqs.end()).into()];
    db.rows(BETWEEN, &params, &mut |row| {
        next += i64::from(row.get::<i64>(2)? == next);
        messages.extend(visible_from(row)?);
        Ok(())
    })?;
    if next <= *seqs.end() {
        return Err(missing_sequence_error(conversation));
    }
    Ok(messages)
}

pub(super) fn missing_sequence_error(conversation: ConversationId) -> engine::Error {
    engine::Error::DamagedConversation(format!("conversation {} lacks messages it had", conversation.0))
}

/// Sends the message to its members, each as they may see it.
pub(super) fn announce(
    change: &mut Change<'_>,
    message: &Message,
    event: fn(Message, Vec<UserId>) -> Event,
) -> engine::Result<()> {
    let quoted = message.quote.as_ref().map_or(0, |quote| quote.id.0);
    let params = [message.id.0.into(), quoted.into(), message.conversation.0.into()];
    let (mut audience, mut without_quote) = (Vec::new(), Vec::new());
    change.db.rows(AUDIENCE, &params, &mut |row| {
        match (row.get(1)?, row.get(2)?) {
            (true, _) => {}
            (false, false) => audience.push(UserId(row.get(0)?)),
            (false, true) => without_quote.push(UserId(row.get(0)?)),
        }
        Ok(())
    })?;
    announce_to(change, message, (audience, without_quote), event);
    Ok(())
}

/// Sends the message to these people; to the second ones without the quote.
pub(super) fn announce_to(
    change: &mut Change<'_>,
    message: &Message,
    (audience, without_quote): (Vec<UserId>, Vec<UserId>),
    event: fn(Message, Vec<UserId>) -> Event,
) {
    if !without_quote.is_empty() {
        change.announce(event(Message { quote: None, ..message.clone() }, without_quote));
    }
    if !audience.is_empty() {
        change.announce(event(message.clone(), audience));
    }
}

/// The message, unless the one who asks does not see it.
fn visible_from(row: &dyn Row) -> engine::Result<Option<Message>> {
    if row.get(17)? { Ok(None) } else { message_from(row).map(Some) }
}

/// Reads a row of [`select_messages`].
pub(super) fn message_from(row: &dyn Row) -> engine::Result<Message> {
    let mut columns = row.columns(0);
    let reactions = reactions_from(row.get(16)?);
    Ok(Message {
        id: MessageId(columns.read()?),
        conversation: ConversationId(columns.read()?),
        seq: columns.read()?,
        sender: UserId(columns.read()?),
        sender_name: Username::from_stored(columns.read()?),
        recipient: columns.read::<Option<String>>()?.map(Username::from_stored),
        body: columns.read()?,
        client_key: columns.read::<Option<String>>()?.map(ClientKey::from_stored),
        created_at: Timestamp::from_micros(columns.read()?),
        revision: Revision(columns.read()?),
        edited_at: columns.read::<Option<i64>>()?.map(Timestamp::from_micros),
        deleted: columns.read()?,
        forwarded: columns.read()?,
        quote: match columns.read()? {
            None => None,
            Some(id) => {
                let sender_name = Username::from_stored(columns.read()?);
                Some(Quote { id: MessageId(id), sender_name, body: columns.read()? })
            }
        },
        reactions,
    })
}

/// Neither an emoji nor a user name contains a space.
fn reactions_from(text: Option<String>) -> Vec<Reaction> {
    let words: Vec<_> = text.as_deref().unwrap_or_default().split(' ').collect();
    let pairs = words.chunks_exact(2);
    pairs.map(|pair| Reaction { emoji: pair[0].to_owned(), user: Username::from_stored(pair[1].to_owned()) }).collect()
}
