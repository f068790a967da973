//! Who does not want to hear from whom. What someone blocked sends is kept from the blocker for ever, also once the block
//! is taken back; that it was kept is told to nobody.

use rusqlite::{Connection, params};

use super::conversations::{conversation, one};
use super::writer::Change;
use super::{Store, StoreError, accounts};
use crate::model::{Account, Event, MessageId, UserId};

/// People one may block.
pub const MOST_BLOCKED: usize = 1_000;

pub(super) const BLOCKS: &str = "SELECT EXISTS (SELECT 1 FROM blocks WHERE user_id = ?1 AND blocked_id = ?2)";
pub(super) const COUNT_BLOCKED: &str = "SELECT count(*) FROM blocks WHERE user_id = ?1";

/// Why someone is not blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockRefusal {
    Oneself,
    /// One blocks [`MOST_BLOCKED`] people already.
    TooMany,
}

impl Store {
    /// Blocks `other` or takes that back; doing it again changes nothing.
    pub async fn block(
        &self,
        me: UserId,
        other: UserId,
        blocked: bool,
    ) -> Result<Result<Account, BlockRefusal>, StoreError> {
        self.write(move |change| block(change, me, other, blocked)).await
    }
}

fn block(
    change: &mut Change<'_>,
    me: UserId,
    other: UserId,
    blocked: bool,
) -> rusqlite::Result<Result<Account, BlockRefusal>> {
    let conn = change.conn;
    if blocks(conn, me, other)? == blocked {
        return Ok(Ok(accounts::account(conn, me)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?));
    }
    if blocked {
        let count: i64 = conn.prepare_cached(COUNT_BLOCKED)?.query_row([me.0], |row| row.get(0))?;
        if me == other {
            return Ok(Err(BlockRefusal::Oneself));
        }
        if count >= MOST_BLOCKED as i64 {
            return Ok(Err(BlockRefusal::TooMany));
        }
        conn.prepare_cached("INSERT INTO blocks (user_id, blocked_id, created_at) VALUES (?1, ?2, ?3)")?
            .execute(params![me.0, other.0, change.now.as_micros()])?;
    } else {
        conn.prepare_cached("DELETE FROM blocks WHERE user_id = ?1 AND blocked_id = ?2")?.execute([me.0, other.0])?;
    }
    change.known.forget_people();
    tell_of_conversation(change, me, other)?;
    accounts::touch(change, me).map(Ok)
}

/// Tells `me` the state of the conversation with `other`: it says whether one blocks the other, and how far both are.
pub(super) fn tell_of_conversation(change: &mut Change<'_>, me: UserId, other: UserId) -> rusqlite::Result<()> {
    let Some((id, _)) = conversation(change.conn, me, other)? else { return Ok(()) };
    let revision = change.next_revision();
    let conn = change.conn;
    conn.prepare_cached("UPDATE members SET revision = ?3 WHERE conversation_id = ?1 AND user_id = ?2")?
        .execute([id.0, me.0, revision])?;
    if let Some(conversation) = one(conn, me, id)? {
        change.announce(Event::ConversationChanged { user: me, conversation });
    }
    Ok(())
}

/// Whether `who` blocks `other`.
pub(super) fn blocks(conn: &Connection, who: UserId, other: UserId) -> rusqlite::Result<bool> {
    conn.prepare_cached(BLOCKS)?.query_row([who.0, other.0], |row| row.get(0))
}

/// Keeps a new message from `who`, who blocks its sender.
pub(super) fn keep_from(conn: &Connection, who: UserId, id: MessageId) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT INTO hidden_messages (user_id, message_id, revision) VALUES (?1, ?2, 0)")?
        .execute([who.0, id.0])
        .map(drop)
}
