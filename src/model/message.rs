//! Messages, before and after they exist.

use super::{ClientKey, ConversationId, MessageBody, MessageId, User, UserId, Username};
use crate::clock::Timestamp;

/// A message that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// Place in its conversation: 1, 2, 3, …
    pub seq: i64,
    pub sender: UserId,
    pub sender_name: Username,
    pub recipient: UserId,
    pub recipient_name: Username,
    pub body: String,
    pub created_at: Timestamp,
}

/// A message about to be sent.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub sender: User,
    pub recipient: Username,
    pub body: MessageBody,
    pub client_key: Option<ClientKey>,
}

/// What became of a send that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The message was stored now.
    Now(Message),
    /// The same send came before; this is what was stored then.
    Before(Message),
}
