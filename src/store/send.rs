//! Sending a message: the one change that makes something new.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::blocks::{blocks, keep_from};
use super::message_rows::{announce, message_from, select_messages};
use super::writer::Change;
use super::{Store, StoreError};
use crate::model::{ConversationId, Event, Message, MessageId, NewMessage, Quote, Revision, Sent, UserId, Username};

pub(super) const BY_CLIENT_KEY: &str =
    concat!(select_messages!(), "WHERE m.sender_id = :sender AND m.client_key = :client_key");
pub(super) const QUOTE: &str = "SELECT u.username, substr(q.body, 1, 200)
     FROM messages q JOIN users u ON u.id = q.sender_id WHERE q.id = ?1 AND q.conversation_id = ?2
       AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = ?3 AND h.message_id = q.id)";
pub(super) const PAIR: &str =
    "SELECT id, last_seq FROM conversations WHERE low_user_id = min(?1, ?2) AND high_user_id = max(?1, ?2)";

/// Why a message was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRefusal {
    NoSuchRecipient,
    /// The sender used this client key before, for another message.
    KeyReused,
    /// What it answers is not in this conversation, or hidden from the sender.
    NothingToAnswer,
    /// The sender blocks the recipient.
    Blocked,
}

impl Store {
    /// Stores a message, once: a send with a client key that the sender used before for the same message answers what
    /// was stored then. What a recipient who blocks the sender is sent is stored like any other and kept from them.
    pub async fn send(&self, new: NewMessage) -> Result<Result<Sent, SendRefusal>, StoreError> {
        self.write(move |change| send(change, &new)).await
    }
}

fn send(change: &mut Change<'_>, new: &NewMessage) -> rusqlite::Result<Result<Sent, SendRefusal>> {
    let conn = change.conn;
    let sender = &new.sender;
    if let Some(key) = &new.client_key {
        let mut query = conn.prepare_cached(BY_CLIENT_KEY)?;
        let params = named_params! { ":sender": sender.id.0, ":client_key": key.as_str() };
        if let Some(first) = query.query_row(params, message_from).optional()? {
            let unchanged = first.edited_at.is_none() && !first.deleted;
            let same = first.recipient_name == new.recipient && (!unchanged || first.body == new.body.as_str());
            return Ok(if same { Ok(Sent::Before(first)) } else { Err(SendRefusal::KeyReused) });
        }
    }
    let mut find =
        conn.prepare_cached("SELECT id FROM users WHERE username_key = ?1 AND username = ?2 AND deleted_at IS NULL")?;
    let params = params![new.recipient.key(), new.recipient.as_str()];
    let Some(recipient) = find.query_row(params, |row| row.get(0)).optional()?.map(UserId) else {
        return Ok(Err(SendRefusal::NoSuchRecipient));
    };
    if blocks(conn, sender.id, recipient)? {
        return Ok(Err(SendRefusal::Blocked));
    }
    let found = pair(conn, sender.id, recipient)?;
    let quote = match new.reply_to {
        None => None,
        Some(id) => match quote(conn, id, found.map(|(conversation, _)| conversation), sender.id)? {
            None => return Ok(Err(SendRefusal::NothingToAnswer)),
            quote => quote,
        },
    };

    let id = MessageId(change.next_revision());
    let (conversation, last_seq) = match found {
        Some(found) => found,
        None => (create_conversation(change, sender.id, recipient, id)?, 0),
    };
    let message = Message {
        id,
        conversation,
        seq: last_seq + 1,
        sender: sender.id,
        sender_name: sender.username.clone(),
        recipient,
        recipient_name: new.recipient.clone(),
        body: new.body.as_str().to_owned(),
        client_key: new.client_key.as_ref().map(|key| key.as_str().to_owned()),
        created_at: change.now,
        revision: Revision(id.0),
        edited_at: None,
        deleted: false,
        forwarded: new.forwarded,
        quote,
        reactions: Vec::new(),
    };
    let kept = blocks(conn, recipient, sender.id)?;
    store(conn, &message, kept)?;
    announce(change, &message, |message, audience| Event::MessageCreated { message, audience })?;
    Ok(Ok(Sent::Now(message)))
}

fn create_conversation(
    change: &Change<'_>,
    one: UserId,
    other: UserId,
    first: MessageId,
) -> rusqlite::Result<ConversationId> {
    let mut insert = change.conn.prepare_cached(
        "INSERT INTO conversations (low_user_id, high_user_id, created_at, revision)
         VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4)",
    )?;
    insert.execute(params![one.0, other.0, change.now.as_micros(), first.0])?;
    Ok(ConversationId(change.conn.last_insert_rowid()))
}

/// The conversation of two and its last place, whoever of them may see what is there.
fn pair(conn: &Connection, one: UserId, other: UserId) -> rusqlite::Result<Option<(ConversationId, i64)>> {
    let mut query = conn.prepare_cached(PAIR)?;
    query.query_row([one.0, other.0], |row| Ok((ConversationId(row.get(0)?), row.get(1)?))).optional()
}

/// The message that is answered, if it is in this conversation and the sender sees it.
fn quote(
    conn: &Connection,
    id: MessageId,
    conversation: Option<ConversationId>,
    sender: UserId,
) -> rusqlite::Result<Option<Quote>> {
    let mut query = conn.prepare_cached(QUOTE)?;
    let params = params![id.0, conversation.map(|conversation| conversation.0), sender.0];
    let quote = |row: &Row<'_>| Ok(Quote { id, sender_name: Username::from_stored(row.get(0)?), body: row.get(1)? });
    query.query_row(params, quote).optional()
}

/// Writes the message and what repeats it: the conversation's last place and its members' last message. One that is kept
/// from its recipient leaves their list as it is.
fn store(conn: &Connection, message: &Message, kept: bool) -> rusqlite::Result<()> {
    let Message { id, conversation, seq, sender, recipient, .. } = message;
    let mut insert = conn.prepare_cached(
        "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at,
                               revision, reply_to, forwarded)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1, ?9, ?10)",
    )?;
    insert.execute(params![
        id.0,
        conversation.0,
        seq,
        sender.0,
        recipient.0,
        message.body,
        message.client_key,
        message.created_at.as_micros(),
        message.quote.as_ref().map(|quote| quote.id.0),
        message.forwarded,
    ])?;
    conn.prepare_cached("UPDATE conversations SET last_seq = ?2 WHERE id = ?1")?
        .execute(params![conversation.0, seq])?;
    let mut touch = conn.prepare_cached(
        "INSERT INTO members (conversation_id, user_id, last_message_id, last_seq, revision) VALUES (?1, ?2, ?3, ?4, ?3)
         ON CONFLICT DO UPDATE SET last_message_id = excluded.last_message_id, last_seq = excluded.last_seq",
    )?;
    touch.execute([conversation.0, sender.0, id.0, *seq])?;
    if kept {
        keep_from(conn, *recipient, *id)?;
    } else if recipient != sender {
        touch.execute([conversation.0, recipient.0, id.0, *seq])?;
    }
    Ok(())
}
