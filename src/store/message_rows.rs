//! A message as a row: the columns every query of messages reads, and what they become.

use std::ops::Deref;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use super::columns::Columns;
use super::writer::Change;
use crate::clock::Timestamp;
use crate::model::{ClientKey, ConversationId, Event, Message, MessageId, Quote, Reaction, Revision, UserId, Username};

/// `SELECT` and `FROM` of a query whose rows [`message_from`] reads. `m` is the message, `s` and `r` its people, `q` and
/// `qs` the message it answers and who sent that.
macro_rules! select_messages {
    () => {
        "SELECT m.id, m.conversation_id, m.seq, m.sender_id, s.username, r.username, m.body, m.client_key,
                m.created_at, m.revision, m.edited_at, m.deleted_at IS NOT NULL, m.forwarded,
                (SELECT json_group_array(json_array(ru.username, x.emoji))
                   FROM reactions x JOIN users ru ON ru.id = x.user_id WHERE x.message_id = m.id),
                q.id, qs.username, substr(q.body, 1, 200), m.recipient_id
         FROM messages m
         JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.recipient_id
         LEFT JOIN messages q ON q.id = m.reply_to LEFT JOIN users qs ON qs.id = q.sender_id "
    };
}

/// A message with what its row says besides.
pub(super) struct Stored {
    pub message: Message,
    pub recipient: UserId,
}

impl Stored {
    /// Its people, each once: a note to oneself has one.
    pub fn people(&self) -> Vec<UserId> {
        let mut people = vec![self.message.sender, self.recipient];
        people.dedup();
        people
    }
}

impl Deref for Stored {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

/// The message `:id` as its member `:me` may see it.
pub(super) const ONE: &str = concat!(
    select_messages!(),
    "JOIN members me ON me.conversation_id = m.conversation_id AND me.user_id = :me
     WHERE m.id = :id AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = :me AND h.message_id = m.id)"
);

/// The message `?1`, without regard to who may see it.
pub(super) const BY_ID: &str = concat!(select_messages!(), "WHERE m.id = ?1");

pub(super) const HIDDEN: &str = "SELECT EXISTS (SELECT 1 FROM hidden_messages WHERE user_id = ?1 AND message_id = ?2)";
pub(super) const KEPT: &str =
    "SELECT EXISTS (SELECT 1 FROM hidden_messages WHERE user_id = ?1 AND message_id = ?2 AND revision = 0)";

/// Whether `who` has deleted this message for themselves, or it was kept from them.
pub(super) fn is_hidden(conn: &Connection, who: UserId, id: MessageId) -> rusqlite::Result<bool> {
    conn.prepare_cached(HIDDEN)?.query_row([who.0, id.0], |row| row.get(0))
}

/// Whether this message was kept from `who`, because they blocked its sender then.
pub(super) fn is_kept_from(conn: &Connection, who: UserId, id: MessageId) -> rusqlite::Result<bool> {
    conn.prepare_cached(KEPT)?.query_row([who.0, id.0], |row| row.get(0))
}

/// The message as `who` may see it, if at all: what was kept from them is not quoted to them either.
pub(super) fn seen_by(
    conn: &Connection,
    who: UserId,
    Stored { message, .. }: Stored,
) -> rusqlite::Result<Option<Message>> {
    if is_hidden(conn, who, message.id)? { Ok(None) } else { without_kept_quote(conn, who, message).map(Some) }
}

pub(super) fn without_kept_quote(conn: &Connection, who: UserId, message: Message) -> rusqlite::Result<Message> {
    Ok(if quotes_kept(conn, who, &message)? { Message { quote: None, ..message } } else { message })
}

/// Whether it answers what was kept from `who`.
fn quotes_kept(conn: &Connection, who: UserId, message: &Message) -> rusqlite::Result<bool> {
    message.quote.as_ref().map_or(Ok(false), |quote| is_kept_from(conn, who, quote.id))
}

/// The message of this id, if it is one of `me`'s.
pub(super) fn one(conn: &Connection, me: UserId, id: MessageId) -> rusqlite::Result<Option<Stored>> {
    let mut query = conn.prepare_cached(ONE)?;
    let found = query.query_row(named_params! { ":me": me.0, ":id": id.0 }, message_from).optional()?;
    found.map(|found| Ok(Stored { message: without_kept_quote(conn, me, found.message)?, ..found })).transpose()
}

/// Tells the message's people of it, each as they may see it.
pub(super) fn announce(
    change: &mut Change<'_>,
    stored: &Stored,
    event: fn(Message, Vec<UserId>) -> Event,
) -> rusqlite::Result<()> {
    let message = &stored.message;
    let mut audience = Vec::with_capacity(2);
    for person in stored.people() {
        if !is_hidden(change.conn, person, message.id)? {
            audience.push(person);
        }
    }
    announce_to(change, message, audience, event)
}

/// Tells these people, who may see the message; one whom its quote was kept from does not see that.
pub(super) fn announce_to(
    change: &mut Change<'_>,
    message: &Message,
    mut audience: Vec<UserId>,
    event: fn(Message, Vec<UserId>) -> Event,
) -> rusqlite::Result<()> {
    if message.quote.is_some() {
        let mut alike = Vec::with_capacity(audience.len());
        for person in audience {
            if quotes_kept(change.conn, person, message)? {
                change.announce(event(Message { quote: None, ..message.clone() }, vec![person]));
            } else {
                alike.push(person);
            }
        }
        audience = alike;
    }
    if !audience.is_empty() {
        change.announce(event(message.clone(), audience));
    }
    Ok(())
}

/// The message of this id, whoever asks; for those who tell its people.
pub(super) fn any(conn: &Connection, id: MessageId) -> rusqlite::Result<Stored> {
    conn.prepare_cached(BY_ID)?.query_row([id.0], message_from)
}

pub(super) fn message_from(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let mut columns = Columns::from(row, 0);
    let recipient = UserId(row.get("recipient_id")?);
    let message = Message {
        id: MessageId(columns.read()?),
        conversation: ConversationId(columns.read()?),
        seq: columns.read()?,
        sender: UserId(columns.read()?),
        sender_name: Username::from_stored(columns.read()?),
        recipient: Some(Username::from_stored(columns.read()?)),
        body: columns.read()?,
        client_key: columns.read::<Option<String>>()?.map(ClientKey::from_stored),
        created_at: Timestamp::from_micros(columns.read()?),
        revision: Revision(columns.read()?),
        edited_at: columns.read::<Option<i64>>()?.map(Timestamp::from_micros),
        deleted: columns.read()?,
        forwarded: columns.read()?,
        reactions: reactions_from(columns.read_ref()?.as_str()?),
        quote: quote_from(&mut columns)?,
    };
    Ok(Stored { message, recipient })
}

fn quote_from(columns: &mut Columns<'_>) -> rusqlite::Result<Option<Quote>> {
    let Some(id) = columns.read()? else { return Ok(None) };
    let sender_name = Username::from_stored(columns.read()?);
    Ok(Some(Quote { id: MessageId(id), sender_name, body: columns.read()? }))
}

/// Reads the array of pairs that the query makes; it cannot be anything else.
fn reactions_from(json: &str) -> Vec<Reaction> {
    let pairs: Vec<(String, String)> = serde_json::from_str(json).unwrap_or_default();
    pairs.into_iter().map(|(user, emoji)| Reaction { user: Username::from_stored(user), emoji }).collect()
}
