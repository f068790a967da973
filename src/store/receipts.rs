//! When a message arrived and was read, for its sender: as far as the other one shows it.

use super::direct::other_member;
use super::engine::{self, Db};
use super::message_rows::one;
use super::{ChangeRefusal, Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{MessageId, UserId};

/// The other one of the conversation `$2`, unless the message `$3` was kept from them: positions also move past such
/// messages.
pub(super) const READER: &str = concat!(
    "SELECT ",
    other_member!("c", "$1"),
    " FROM conversations c
      WHERE c.id = $2 AND NOT EXISTS (SELECT 1 FROM hidden_messages h WHERE h.user_id = ",
    other_member!("c", "$1"),
    " AND h.message_id = $3 AND h.revision = 0)"
);
/// The first time each position reached the `seq` `$3`. Unknown if the move before is no longer stored, which may have
/// reached it as well.
pub(super) const DELIVERED: &str = "SELECT CASE WHEN r.move = 1 OR EXISTS (SELECT 1 FROM receipts before
         WHERE before.conversation_id = r.conversation_id AND before.user_id = r.user_id AND before.move = r.move - 1)
       THEN r.at END
     FROM receipts r WHERE r.conversation_id = $1 AND r.user_id = $2 AND r.delivered_seq >= $3 ORDER BY r.move LIMIT 1";
pub(super) const READ: &str = "SELECT CASE WHEN r.move = 1 OR EXISTS (SELECT 1 FROM receipts before
         WHERE before.conversation_id = r.conversation_id AND before.user_id = r.user_id AND before.move = r.move - 1)
       THEN r.at END
     FROM receipts r WHERE r.conversation_id = $1 AND r.user_id = $2 AND r.read_seq >= $3 ORDER BY r.move LIMIT 1";

/// When a message arrived and was read; nothing for what has not happened, is not shown, or is long past.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub delivered_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
}

impl Store {
    /// When the other one received and read a message of `me`'s.
    pub async fn receipt(&self, me: UserId, id: MessageId) -> Result<Result<Receipt, ChangeRefusal>, StoreError> {
        self.read(move |db| receipt(db, me, id)).await
    }
}

fn receipt(db: &mut dyn Db, me: UserId, id: MessageId) -> engine::Result<Result<Receipt, ChangeRefusal>> {
    let message = match one(db, me, id)? {
        None => return Ok(Err(ChangeRefusal::NoSuchMessage)),
        Some(message) if message.sender != me => return Ok(Err(ChangeRefusal::NotYours)),
        Some(message) => message,
    };
    let conversation = message.conversation.0;
    let reader = db.first(READER, &[me.0.into(), conversation.into(), id.0.into()], |row| row.get::<i64>(0))?;
    let Some(reader) = reader else { return Ok(Ok(Receipt::default())) };
    let params = [conversation.into(), reader.into(), message.seq.into()];
    let mut reached = |sql| {
        let at = db.first(sql, &params, |row| row.get::<Option<i64>>(0))?;
        Ok::<_, engine::Error>(at.flatten().map(Timestamp::from_micros))
    };
    Ok(Ok(Receipt { delivered_at: reached(DELIVERED)?, read_at: reached(READ)? }))
}
