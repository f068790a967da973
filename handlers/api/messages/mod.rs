//! `/api/v1/message/`: messages.

pub mod create;
pub mod list;
pub mod show;

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Message;

/// A message.
#[derive(Serialize, ToSchema)]
pub struct MessageJson {
    /// Rises from message to message, over all conversations.
    id: i64,
    /// The sender's user name.
    user: String,
    /// The recipient's user name.
    recipient: String,
    /// When it was sent: RFC 3339 in UTC, six decimals or none.
    timestamp: String,
    body: String,
}

impl From<Message> for MessageJson {
    fn from(message: Message) -> Self {
        Self {
            id: message.id.0,
            user: message.sender_name.to_string(),
            recipient: message.recipient_name.to_string(),
            timestamp: message.created_at.to_string(),
            body: message.body,
        }
    }
}
