//! Blocking people. What a blocked person sends is kept from the blocker for ever, also after the block is taken back;
//! nobody is notified that it was kept.

use super::conversations::{of_two, one};
use super::engine::{self, Db};
use super::writer::Change;
use super::{Store, StoreError, accounts};
use crate::model::{Account, Event, UserId};

/// People one may block.
pub const MOST_BLOCKED: usize = 1_000;

pub(super) const BLOCKS: &str = "SELECT count(*) FROM blocks WHERE user_id = $1 AND blocked_id = $2";
pub(super) const COUNT_BLOCKED: &str = "SELECT count(*) FROM blocks WHERE user_id = $1";
pub(super) const BLOCK: &str = "INSERT INTO blocks (user_id, blocked_id, created_at) VALUES ($1, $2, $3)";
pub(super) const UNBLOCK: &str = "DELETE FROM blocks WHERE user_id = $1 AND blocked_id = $2";
pub(super) const STAMP: &str = "UPDATE members SET revision = $1 WHERE user_id = $2 AND conversation_id = $3";

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
) -> engine::Result<Result<Account, BlockRefusal>> {
    if blocks(change.db, me, other)? == blocked {
        let account = accounts::account(change.db, me)?;
        return Ok(Ok(account.ok_or_else(|| engine::Error::Other("the account is gone".into()))?));
    }
    if blocked {
        let count: i64 = change.db.value(COUNT_BLOCKED, &[me.0.into()])?;
        if me == other {
            return Ok(Err(BlockRefusal::Oneself));
        }
        if count >= MOST_BLOCKED as i64 {
            return Ok(Err(BlockRefusal::TooMany));
        }
        change.db.execute(BLOCK, &[me.0.into(), other.0.into(), change.now.as_micros().into()])?;
    } else {
        change.db.execute(UNBLOCK, &[me.0.into(), other.0.into()])?;
    }
    notify_of_conversation(change, me, other)?;
    accounts::touch(change, me).map(Ok)
}

/// Notifies `me` of the state of the conversation with `other`, which contains the block and both positions.
fn notify_of_conversation(change: &mut Change<'_>, me: UserId, other: UserId) -> engine::Result<()> {
    let Some((id, _)) = of_two(change.db, me, other)? else { return Ok(()) };
    let revision = change.next_revision();
    change.db.execute(STAMP, &[revision.into(), me.0.into(), id.0.into()])?;
    if let Some(conversation) = one(change.db, me, id)? {
        change.announce(Event::ConversationChanged { user: me, conversation });
    }
    Ok(())
}

/// Whether `who` blocks `other`.
fn blocks(db: &mut dyn Db, who: UserId, other: UserId) -> engine::Result<bool> {
    db.value(BLOCKS, &[who.0.into(), other.0.into()])
}
