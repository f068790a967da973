//! Changing messages that exist: editing, deleting, reacting. The right to do so is in the lookup: a message of others
//! does not exist, and of those one sees only one's own may be edited or taken from everyone.

use std::time::Duration;

use rusqlite::params;

use super::blocks::blocks;
use super::message_rows::{Stored, announce, any, is_hidden, one, without_kept_quote};
use super::writer::Change;
use super::{Store, StoreError, unread};
use crate::model::{Emoji, Event, Message, MessageBody, MessageId, Revision, UserId};

pub(super) const QUOTING: &str = "SELECT id FROM messages WHERE reply_to = ?1 ORDER BY id";

/// Why a message was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeRefusal {
    NoSuchMessage,
    /// It is the other one's message.
    NotYours,
    /// It was sent too long ago.
    TooLate,
    /// It was deleted for everyone.
    Deleted,
}

type Changed = Result<Message, ChangeRefusal>;

impl Store {
    /// Gives one's own message another text, within `window` of sending it. What it said before is not kept.
    pub async fn edit(
        &self,
        me: UserId,
        id: MessageId,
        body: MessageBody,
        window: Duration,
    ) -> Result<Changed, StoreError> {
        self.write(move |change| edit(change, me, id, &body, window)).await
    }

    /// Takes one's own message from everyone: a tombstone stays, the text and the reactions are gone, also where it is
    /// quoted. Doing it again changes nothing.
    pub async fn delete_for_everyone(&self, me: UserId, id: MessageId) -> Result<Changed, StoreError> {
        self.write(move |change| delete_for_everyone(change, me, id)).await
    }

    /// Takes a message from `me` alone.
    pub async fn delete_for_me(&self, me: UserId, id: MessageId) -> Result<Changed, StoreError> {
        self.write(move |change| delete_for_me(change, me, id)).await
    }

    /// Sets or takes back `me`'s one reaction to a message. One whom the other blocks is answered, and nothing changes.
    pub async fn react(&self, me: UserId, id: MessageId, emoji: Option<Emoji>) -> Result<Changed, StoreError> {
        self.write(move |change| react(change, me, id, emoji.as_ref())).await
    }
}

fn edit(
    change: &mut Change<'_>,
    me: UserId,
    id: MessageId,
    body: &MessageBody,
    window: Duration,
) -> rusqlite::Result<Changed> {
    let message = match own(change, me, id)? {
        Ok(message) if message.deleted => return Ok(Err(ChangeRefusal::Deleted)),
        Ok(message) if change.now.since(message.created_at) > window => return Ok(Err(ChangeRefusal::TooLate)),
        // Nothing new is to reach the other one, and the block is not told.
        Ok(message) if blocks(change.conn, message.recipient, me)? => return Ok(Err(ChangeRefusal::TooLate)),
        Ok(message) => message,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if message.body == body.as_str() {
        return Ok(Ok(message.message));
    }
    let mut update = change.conn.prepare_cached("UPDATE messages SET body = ?2, edited_at = ?3 WHERE id = ?1")?;
    update.execute(params![id.0, body.as_str(), change.now.as_micros()])?;
    touch_with_quotes(change, id).map(Ok)
}

fn delete_for_everyone(change: &mut Change<'_>, me: UserId, id: MessageId) -> rusqlite::Result<Changed> {
    let message = match own(change, me, id)? {
        Ok(message) => message,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if message.deleted {
        return Ok(Ok(message.message));
    }
    let conn = change.conn;
    conn.prepare_cached("UPDATE messages SET body = '', deleted_at = ?2 WHERE id = ?1")?
        .execute(params![id.0, change.now.as_micros()])?;
    conn.prepare_cached("DELETE FROM reactions WHERE message_id = ?1")?.execute([id.0])?;
    if !is_hidden(conn, message.recipient, id)? {
        unread::take_off(change, message.recipient, &message)?;
    }
    touch_with_quotes(change, id).map(Ok)
}

fn delete_for_me(change: &mut Change<'_>, me: UserId, id: MessageId) -> rusqlite::Result<Changed> {
    let Some(message) = one(change.conn, me, id)? else { return Ok(Err(ChangeRefusal::NoSuchMessage)) };
    if !message.deleted {
        unread::take_off(change, me, &message)?;
    }
    let revision = Revision(change.next_revision());
    change
        .conn
        .prepare_cached("INSERT INTO hidden_messages (user_id, message_id, revision) VALUES (?1, ?2, ?3)")?
        .execute(params![me.0, id.0, revision.0])?;
    change.announce(Event::MessageHidden { user: me, message: id, conversation: message.conversation, revision });
    Ok(Ok(message.message))
}

fn react(change: &mut Change<'_>, me: UserId, id: MessageId, emoji: Option<&Emoji>) -> rusqlite::Result<Changed> {
    let message = match one(change.conn, me, id)? {
        None => return Ok(Err(ChangeRefusal::NoSuchMessage)),
        Some(message) if message.deleted => return Ok(Err(ChangeRefusal::Deleted)),
        Some(message) => message,
    };
    let conn = change.conn;
    let other = if message.sender == me { message.recipient } else { message.sender };
    if blocks(conn, other, me)? {
        return Ok(Ok(message.message));
    }
    let changed = match emoji {
        Some(emoji) => conn
            .prepare_cached(
                "INSERT INTO reactions (message_id, user_id, emoji) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET emoji = excluded.emoji WHERE emoji <> excluded.emoji",
            )?
            .execute(params![id.0, me.0, emoji.as_str()])?,
        None => conn
            .prepare_cached("DELETE FROM reactions WHERE message_id = ?1 AND user_id = ?2")?
            .execute([id.0, me.0])?,
    };
    if changed == 0 {
        return Ok(Ok(message.message));
    }
    let message = touch(change, id)?;
    without_kept_quote(conn, me, message).map(Ok)
}

/// One's own message; the other member's is refused, a stranger's does not exist.
fn own(change: &Change<'_>, me: UserId, id: MessageId) -> rusqlite::Result<Result<Stored, ChangeRefusal>> {
    Ok(match one(change.conn, me, id)? {
        None => Err(ChangeRefusal::NoSuchMessage),
        Some(message) if message.sender != me => Err(ChangeRefusal::NotYours),
        Some(message) => Ok(message),
    })
}

/// Stamps a changed message and tells its people.
fn touch(change: &mut Change<'_>, id: MessageId) -> rusqlite::Result<Message> {
    let revision = change.next_revision();
    let conn = change.conn;
    conn.prepare_cached("UPDATE messages SET revision = ?2 WHERE id = ?1")?.execute([id.0, revision])?;
    let message = any(conn, id)?;
    announce(change, &message, |message, audience| Event::MessageChanged { message, audience })?;
    Ok(message.message)
}

/// As [`touch`], and the same for the messages that quote it: what they show has changed as well.
fn touch_with_quotes(change: &mut Change<'_>, id: MessageId) -> rusqlite::Result<Message> {
    let message = touch(change, id)?;
    let mut query = change.conn.prepare_cached(QUOTING)?;
    let quoting: Vec<i64> = query.query_map([id.0], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for id in quoting {
        touch(change, MessageId(id))?;
    }
    Ok(message)
}
