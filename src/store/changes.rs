//! Changing messages that exist: editing, deleting, reacting. The lookup checks the right to do so: messages of other
//! conversations do not exist, and only one's own may be edited or deleted for everyone.

use std::time::Duration;

use super::direct::other_member;
use super::engine::{self, Db};
use super::message_rows::{announce, any, one};
use super::writer::Change;
use super::{Store, StoreError};
use crate::model::{ConversationId, Emoji, Event, Message, MessageBody, MessageId, Revision, UserId};

pub(super) const QUOTING: &str = "SELECT id FROM messages WHERE reply_to = $1 ORDER BY id";
/// Whether the other one of the direct conversation `$2` blocks `$1`.
pub(super) const BLOCKED_BY_OTHER: &str = concat!(
    "SELECT count(*) FROM conversations c JOIN blocks b ON b.user_id = ",
    other_member!("c", "$1"),
    " AND b.blocked_id = $1 WHERE c.id = $2"
);
pub(super) const EDIT: &str = "UPDATE messages SET body = $1, edited_at = $2 WHERE id = $3";
pub(super) const DELETE: &str = "UPDATE messages SET body = '', deleted_at = $1 WHERE id = $2";
pub(super) const DELETE_REACTIONS: &str = "DELETE FROM reactions WHERE message_id = $1";
pub(super) const HIDE: &str = "INSERT INTO hidden_messages (user_id, message_id, revision) VALUES ($1, $2, $3)";
pub(super) const REACT: &str = "INSERT INTO reactions (message_id, user_id, emoji) VALUES ($1, $2, $3)
     ON CONFLICT (message_id, user_id) DO UPDATE SET emoji = excluded.emoji WHERE reactions.emoji <> excluded.emoji";
pub(super) const UNREACT: &str = "DELETE FROM reactions WHERE message_id = $1 AND user_id = $2";
pub(super) const STAMP: &str = "UPDATE messages SET revision = $1 WHERE id = $2";
pub(super) const STAMP_CONVERSATION: &str = "UPDATE conversations SET changed_revision = $1 WHERE id = $2";

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
    /// Gives one's own message another text, within `window` of sending it. The old text is not kept.
    pub async fn edit(
        &self,
        me: UserId,
        id: MessageId,
        body: MessageBody,
        window: Duration,
    ) -> Result<Changed, StoreError> {
        self.write(move |change| edit(change, me, id, &body, window)).await
    }

    /// Deletes one's own message for everyone: a tombstone stays, the text and the reactions are gone, also in quotes.
    /// Doing it again changes nothing.
    pub async fn delete_for_everyone(&self, me: UserId, id: MessageId) -> Result<Changed, StoreError> {
        self.write(move |change| delete_for_everyone(change, me, id)).await
    }

    /// Deletes a message for `me` alone.
    pub async fn delete_for_me(&self, me: UserId, id: MessageId) -> Result<Changed, StoreError> {
        self.write(move |change| delete_for_me(change, me, id)).await
    }

    /// Sets or takes back `me`'s one reaction to a message. If the other member blocks `me`, the answer is the same and
    /// nothing changes.
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
) -> engine::Result<Changed> {
    let message = match own(change, me, id)? {
        Ok(message) if message.deleted => return Ok(Err(ChangeRefusal::Deleted)),
        Ok(message) if change.now.since(message.created_at) > window => return Ok(Err(ChangeRefusal::TooLate)),
        // Nothing new may reach the other one, and the block must not be revealed.
        Ok(message) if blocked_by_other(change.db, me, message.conversation)? => {
            return Ok(Err(ChangeRefusal::TooLate));
        }
        Ok(message) => message,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if message.body == body.as_str() {
        return Ok(Ok(message));
    }
    change.db.execute(EDIT, &[body.as_str().into(), change.now.as_micros().into(), id.0.into()])?;
    touch_with_quotes(change, id).map(Ok)
}

fn delete_for_everyone(change: &mut Change<'_>, me: UserId, id: MessageId) -> engine::Result<Changed> {
    let message = match own(change, me, id)? {
        Ok(message) => message,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if message.deleted {
        return Ok(Ok(message));
    }
    change.db.execute(DELETE, &[change.now.as_micros().into(), id.0.into()])?;
    change.db.execute(DELETE_REACTIONS, &[id.0.into()])?;
    touch_with_quotes(change, id).map(Ok)
}

fn delete_for_me(change: &mut Change<'_>, me: UserId, id: MessageId) -> engine::Result<Changed> {
    let Some(message) = one(change.db, me, id)? else { return Ok(Err(ChangeRefusal::NoSuchMessage)) };
    let revision = Revision(change.next_revision());
    change.db.execute(HIDE, &[me.0.into(), id.0.into(), revision.0.into()])?;
    change.announce(Event::MessageHidden { user: me, message: id, conversation: message.conversation, revision });
    Ok(Ok(message))
}

fn react(change: &mut Change<'_>, me: UserId, id: MessageId, emoji: Option<&Emoji>) -> engine::Result<Changed> {
    let message = match one(change.db, me, id)? {
        None => return Ok(Err(ChangeRefusal::NoSuchMessage)),
        Some(message) if message.deleted => return Ok(Err(ChangeRefusal::Deleted)),
        Some(message) => message,
    };
    if blocked_by_other(change.db, me, message.conversation)? {
        return Ok(Ok(message));
    }
    let changed = match emoji {
        Some(emoji) => change.db.execute(REACT, &[id.0.into(), me.0.into(), emoji.as_str().into()])?,
        None => change.db.execute(UNREACT, &[id.0.into(), me.0.into()])?,
    };
    if changed == 0 {
        return Ok(Ok(message));
    }
    touch(change, id)?;
    // As this person sees it: a quote that was kept from them is not in it.
    let message = one(change.db, me, id)?;
    Ok(message.ok_or(ChangeRefusal::NoSuchMessage))
}

/// One's own message; the other member's is refused, a stranger's does not exist.
fn own(change: &mut Change<'_>, me: UserId, id: MessageId) -> engine::Result<Changed> {
    Ok(match one(change.db, me, id)? {
        None => Err(ChangeRefusal::NoSuchMessage),
        Some(message) if message.sender != me => Err(ChangeRefusal::NotYours),
        Some(message) => Ok(message),
    })
}

fn blocked_by_other(db: &mut dyn Db, me: UserId, conversation: ConversationId) -> engine::Result<bool> {
    db.value(BLOCKED_BY_OTHER, &[me.0.into(), conversation.0.into()])
}

/// Stamps a changed message and notifies its members.
fn touch(change: &mut Change<'_>, id: MessageId) -> engine::Result<Message> {
    let revision = change.next_revision();
    change.db.execute(STAMP, &[revision.into(), id.0.into()])?;
    let message = any(change.db, id)?;
    change.db.execute(STAMP_CONVERSATION, &[revision.into(), message.conversation.0.into()])?;
    announce(change, &message, |message, audience| Event::MessageChanged { message, audience })?;
    Ok(message)
}

/// As [`touch`], and the same for the messages that quote it: what they show has changed as well.
fn touch_with_quotes(change: &mut Change<'_>, id: MessageId) -> engine::Result<Message> {
    let message = touch(change, id)?;
    for id in change.db.all(QUOTING, &[id.0.into()], |row| row.get(0).map(MessageId))? {
        touch(change, id)?;
    }
    Ok(message)
}
