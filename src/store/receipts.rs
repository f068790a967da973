//! When a message arrived and was read, for its sender: as far as the other one shows it.

use rusqlite::{Connection, OptionalExtension, params};

use super::message_rows::{Stored, is_kept_from, one};
use super::{ChangeRefusal, Store, StoreError};
use crate::clock::Timestamp;
use crate::model::{MessageId, UserId};

/// The first time a position reached a place.
pub(super) const REACHED: &str = "SELECT at FROM receipts
     WHERE conversation_id = ?1 AND user_id = ?2 AND kind = ?3 AND seq >= ?4 ORDER BY seq LIMIT 1";

/// When a message arrived and was read; nothing for what has not happened or is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub delivered_at: Option<Timestamp>,
    pub read_at: Option<Timestamp>,
}

impl Store {
    /// When the other one received and read a message of `me`'s.
    pub async fn receipt(&self, me: UserId, id: MessageId) -> Result<Result<Receipt, ChangeRefusal>, StoreError> {
        self.read(move |conn| receipt(conn, me, id)).await
    }
}

fn receipt(conn: &Connection, me: UserId, id: MessageId) -> rusqlite::Result<Result<Receipt, ChangeRefusal>> {
    let message = match one(conn, me, id)? {
        None => return Ok(Err(ChangeRefusal::NoSuchMessage)),
        Some(message) if message.sender != me => return Ok(Err(ChangeRefusal::NotYours)),
        Some(message) => message,
    };
    // Positions pass over what was kept from a reader, who never had it.
    if is_kept_from(conn, message.recipient, id)? {
        return Ok(Ok(Receipt::default()));
    }
    let [delivered_at, read_at] = ["delivered", "read"].map(|kind| reached(conn, &message, kind));
    Ok(Ok(Receipt { delivered_at: delivered_at?, read_at: read_at? }))
}

fn reached(conn: &Connection, message: &Stored, kind: &str) -> rusqlite::Result<Option<Timestamp>> {
    let params = params![message.conversation.0, message.recipient.0, kind, message.seq];
    conn.prepare_cached(REACHED)?.query_row(params, |row| row.get(0).map(Timestamp::from_micros)).optional()
}
