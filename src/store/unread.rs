//! How many messages wait for a member: kept in their row, so that a list need not count. A send adds one, reading on
//! counts anew, and what is deleted unread is taken off.

use rusqlite::params;

use super::recent::View;
use super::writer::Change;
use super::{members, places};
use crate::model::{ConversationId, Message, UserId};

/// More than this many are not told apart.
pub(super) const MOST: i64 = 1_000;

/// They are counted among so many of the newest, so that none takes long to count.
const NEWEST: i64 = 2_000;

pub(super) const IS_COUNTED: &str = "SELECT EXISTS (
       SELECT 1 FROM messages WHERE id = ?2 AND sender_id <> ?1 AND deleted_at IS NULL
         AND NOT EXISTS (SELECT 1 FROM hidden_messages WHERE user_id = ?1 AND message_id = ?2))";

/// The incoming messages that `me` may see after the place `read`, up to `last`.
pub(super) fn count(
    view: &View<'_>,
    me: UserId,
    conversation: ConversationId,
    (read, last): (i64, i64),
) -> rusqlite::Result<i64> {
    let ids = places::between(view, conversation, &(read.max(last - NEWEST) + 1..=last))?;
    let mut query = view.prepare_cached(IS_COUNTED)?;
    let mut unread = 0;
    for id in ids {
        unread += query.query_row([me.0, id.0], |row| row.get::<_, i64>(0))?;
    }
    Ok(unread)
}

/// Takes a message that `who` saw till now off what waits for them, if it did.
pub(super) fn take_off(change: &Change<'_>, who: UserId, message: &Message) -> rusqlite::Result<()> {
    if who == message.sender {
        return Ok(());
    }
    members::settle(change.conn, message.conversation)?;
    let mut update = change.conn.prepare_cached(
        "UPDATE members SET unread = max(unread - 1, 0)
         WHERE conversation_id = ?1 AND user_id = ?2 AND read_seq < ?3",
    )?;
    update.execute(params![message.conversation.0, who.0, message.seq]).map(drop)
}
