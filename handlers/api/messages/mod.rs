//! `/api/v1/message/`: messages.

pub mod create;
pub mod delete;
pub mod edit;
pub mod list;
pub mod react;
pub mod receipt;
pub mod show;
pub mod unreact;

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{Message, MessageId, Username};
use crate::web::Problem;

/// A message.
#[derive(Serialize, ToSchema)]
pub struct MessageJson<'m> {
    /// Rises from message to message, over all conversations.
    id: i64,
    /// The sender's user name.
    user: &'m str,
    /// The other one's user name; the sender's in notes to oneself.
    #[schema(required)]
    recipient: Option<&'m str>,
    /// When it was sent: RFC 3339 in UTC, six decimals or none.
    timestamp: String,
    body: &'m str,
}

impl<'m> From<&'m Message> for MessageJson<'m> {
    fn from(message: &'m Message) -> Self {
        Self {
            id: message.id.0,
            user: message.sender_name.as_str(),
            recipient: message.recipient.as_ref().map(Username::as_str),
            timestamp: message.created_at.to_string(),
            body: &message.body,
        }
    }
}

/// The id in a path; what is no number names no message.
fn id(text: &str) -> Result<MessageId, Problem> {
    text.parse().map(MessageId).map_err(|_| Problem::not_found())
}
