//! Messages: sending one, reading one, and reading them in pages. Every read goes through the reader's own membership,
//! so a message of others looks like one that does not exist.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::writer::Change;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{ConversationId, Event, Message, MessageId, NewMessage, Sent, UserId, Username};

/// The columns of a message with its people's names, for [`message_from`].
macro_rules! message_columns {
    () => {
        "m.id, m.conversation_id, m.seq, m.sender_id, s.username AS sender, m.recipient_id, r.username AS recipient,
         m.body, m.created_at"
    };
}

pub(super) const ONE: &str = concat!(
    "SELECT ",
    message_columns!(),
    "
     FROM messages m
     JOIN members me ON me.conversation_id = m.conversation_id AND me.user_id = :me
     JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.recipient_id
     WHERE m.id = :id"
);
pub(super) const BY_CLIENT_KEY: &str = concat!(
    "SELECT ",
    message_columns!(),
    "
     FROM messages m
     JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.recipient_id
     WHERE m.sender_id = :sender AND m.client_key = :client_key"
);
pub(super) const CONVERSATION: &str =
    "SELECT id, last_seq FROM conversations WHERE low_user_id = min(?1, ?2) AND high_user_id = max(?1, ?2)";
pub(super) const CONVERSATION_DOWN: &str = concat!(
    "SELECT ",
    message_columns!(),
    "
     FROM messages m
     JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.recipient_id
     WHERE m.conversation_id = :conversation AND m.seq BETWEEN :from AND :to ORDER BY m.seq DESC"
);
pub(super) const CONVERSATION_UP: &str = concat!(
    "SELECT ",
    message_columns!(),
    "
     FROM messages m
     JOIN users s ON s.id = m.sender_id JOIN users r ON r.id = m.recipient_id
     WHERE m.conversation_id = :conversation AND m.seq BETWEEN :from AND :to ORDER BY m.seq"
);
pub(super) const ID_AT: &str = "SELECT id FROM messages WHERE conversation_id = ?1 AND seq = ?2";
pub(super) const COUNT_ALL: &str = "SELECT coalesce(sum(c.last_seq), 0)
     FROM members me JOIN conversations c ON c.id = me.conversation_id WHERE me.user_id = ?1";
/// Two index ranges merged as they are read: nothing is sorted, and a note to oneself appears once.
pub(super) const ALL_DOWN: &str = "SELECT id FROM messages WHERE sender_id = :me AND id < :id
     UNION SELECT id FROM messages WHERE recipient_id = :me AND id < :id
     ORDER BY id DESC LIMIT :limit OFFSET :skip";
pub(super) const ALL_UP: &str = "SELECT id FROM messages WHERE sender_id = :me AND id > :id
     UNION SELECT id FROM messages WHERE recipient_id = :me AND id > :id
     ORDER BY id LIMIT :limit";

/// Why a message was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRefusal {
    NoSuchRecipient,
    /// The sender used this client key before, for another message.
    KeyReused,
}

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
    /// Whether the slice goes on after these.
    pub more: bool,
}

impl Store {
    /// Stores a message, once: a send with a client key that the sender used before for the same message answers what
    /// was stored then.
    pub async fn send(&self, new: NewMessage) -> Result<Result<Sent, SendRefusal>, StoreError> {
        self.write(move |change| send(change, &new)).await
    }

    /// The message of this id, if it is one of `me`'s.
    pub async fn message(&self, me: UserId, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.read(move |conn| {
            let mut query = conn.prepare_cached(ONE)?;
            query.query_row(named_params! { ":me": me.0, ":id": id.0 }, message_from).optional()
        })
        .await
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
            Ok(MessagePage { count, messages, more })
        })
        .await
    }
}

fn send(change: &mut Change<'_>, new: &NewMessage) -> rusqlite::Result<Result<Sent, SendRefusal>> {
    let conn = change.conn;
    let sender = &new.sender;
    if let Some(key) = &new.client_key {
        let mut query = conn.prepare_cached(BY_CLIENT_KEY)?;
        let params = named_params! { ":sender": sender.id.0, ":client_key": key.as_str() };
        if let Some(first) = query.query_row(params, message_from).optional()? {
            let same = first.recipient_name == new.recipient && first.body == new.body.as_str();
            return Ok(if same { Ok(Sent::Before(first)) } else { Err(SendRefusal::KeyReused) });
        }
    }
    let mut find = conn.prepare_cached("SELECT id FROM users WHERE username_key = ?1 AND username = ?2")?;
    let params = params![new.recipient.key(), new.recipient.as_str()];
    let Some(recipient) = find.query_row(params, |row| row.get(0)).optional()?.map(UserId) else {
        return Ok(Err(SendRefusal::NoSuchRecipient));
    };

    let revision = change.next_revision();
    let (conversation, last_seq) = match self::conversation(conn, sender.id, recipient)? {
        Some(found) => found,
        None => (create_conversation(change, sender.id, recipient, revision)?, 0),
    };
    let message = Message {
        id: MessageId(revision),
        conversation,
        seq: last_seq + 1,
        sender: sender.id,
        sender_name: sender.username.clone(),
        recipient,
        recipient_name: new.recipient.clone(),
        body: new.body.as_str().to_owned(),
        created_at: change.now,
    };
    store(conn, &message, new.client_key.as_ref().map(|key| key.as_str()))?;
    change.announce(Event::MessageCreated(message.clone()));
    Ok(Ok(Sent::Now(message)))
}

fn create_conversation(
    change: &Change<'_>,
    one: UserId,
    other: UserId,
    revision: i64,
) -> rusqlite::Result<ConversationId> {
    let mut insert = change.conn.prepare_cached(
        "INSERT INTO conversations (low_user_id, high_user_id, created_at, revision)
         VALUES (min(?1, ?2), max(?1, ?2), ?3, ?4)",
    )?;
    insert.execute(params![one.0, other.0, change.now.as_micros(), revision])?;
    Ok(ConversationId(change.conn.last_insert_rowid()))
}

/// Writes the message and what repeats it: the conversation's last place and its members' last message.
fn store(conn: &Connection, message: &Message, client_key: Option<&str>) -> rusqlite::Result<()> {
    let Message { id, conversation, seq, sender, recipient, .. } = message;
    let mut insert = conn.prepare_cached(
        "INSERT INTO messages
           (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?1)",
    )?;
    let created_at = message.created_at.as_micros();
    insert.execute(params![id.0, conversation.0, seq, sender.0, recipient.0, message.body, client_key, created_at])?;
    conn.prepare_cached("UPDATE conversations SET last_seq = ?2, revision = ?3 WHERE id = ?1")?.execute(params![
        conversation.0,
        seq,
        id.0
    ])?;
    let mut touch = conn.prepare_cached(
        "INSERT INTO members (conversation_id, user_id, last_message_id, revision) VALUES (?1, ?2, ?3, ?3)
         ON CONFLICT DO UPDATE SET last_message_id = excluded.last_message_id",
    )?;
    touch.execute([conversation.0, sender.0, id.0])?;
    if recipient != sender {
        touch.execute([conversation.0, recipient.0, id.0])?;
    }
    Ok(())
}

fn count(conn: &Connection, me: UserId, scope: MessageScope) -> rusqlite::Result<i64> {
    match scope {
        MessageScope::All => conn.prepare_cached(COUNT_ALL)?.query_row([me.0], |row| row.get(0)),
        MessageScope::With(other) => Ok(conversation(conn, me, other)?.map_or(0, |(_, last_seq)| last_seq)),
    }
}

/// The conversation of two people and the place of its newest message.
fn conversation(conn: &Connection, one: UserId, other: UserId) -> rusqlite::Result<Option<(ConversationId, i64)>> {
    let mut query = conn.prepare_cached(CONVERSATION)?;
    query.query_row([one.0, other.0], |row| Ok((ConversationId(row.get(0)?), row.get(1)?))).optional()
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
    let up_to = |to: i64| (CONVERSATION_DOWN, to.saturating_sub(limit - 1).max(1), to);
    let (sql, from, to) = match slice {
        MessageSlice::Newest { skip } => up_to(last_seq.saturating_sub(skip)),
        MessageSlice::Before(id) => up_to(first_seq_from(conn, conversation, last_seq, id)? - 1),
        MessageSlice::After(id) => {
            let from = first_seq_from(conn, conversation, last_seq, MessageId(id.0.saturating_add(1)))?;
            (CONVERSATION_UP, from, from.saturating_add(limit - 1).min(last_seq))
        }
    };
    let params = named_params! { ":conversation": conversation.0, ":from": from, ":to": to };
    let messages = read_all(conn, sql, params)?;
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
        MessageSlice::Newest { skip } => down(conn, me, i64::MAX, limit, skip)?,
        MessageSlice::Before(id) => down(conn, me, id.0, limit, 0)?,
        MessageSlice::After(id) => {
            let params = named_params! { ":me": me.0, ":id": id.0, ":limit": limit };
            collect_ids(conn, ALL_UP, params)?
        }
    };
    let mut query = conn.prepare_cached(ONE)?;
    ids.into_iter().map(|id| query.query_row(named_params! { ":me": me.0, ":id": id }, message_from)).collect()
}

fn down(conn: &Connection, me: UserId, id: i64, limit: i64, skip: i64) -> rusqlite::Result<Vec<i64>> {
    let params = named_params! { ":me": me.0, ":id": id, ":limit": limit, ":skip": skip };
    collect_ids(conn, ALL_DOWN, params)
}

fn collect_ids(conn: &Connection, sql: &str, params: &[(&str, &dyn rusqlite::ToSql)]) -> rusqlite::Result<Vec<i64>> {
    conn.prepare_cached(sql)?.query_map(params, |row| row.get(0))?.collect()
}

fn read_all(conn: &Connection, sql: &str, params: &[(&str, &dyn rusqlite::ToSql)]) -> rusqlite::Result<Vec<Message>> {
    conn.prepare_cached(sql)?.query_map(params, message_from)?.collect()
}

fn message_from(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: MessageId(row.get("id")?),
        conversation: ConversationId(row.get("conversation_id")?),
        seq: row.get("seq")?,
        sender: UserId(row.get("sender_id")?),
        sender_name: Username::from_stored(row.get("sender")?),
        recipient: UserId(row.get("recipient_id")?),
        recipient_name: Username::from_stored(row.get("recipient")?),
        body: row.get("body")?,
        created_at: Timestamp::from_micros(row.get("created_at")?),
    })
}
