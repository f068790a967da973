//! Messages, before and after they exist.

use super::{ClientKey, ConversationId, MessageBody, MessageId, Revision, User, UserId, Username};
use crate::clock::Timestamp;

/// A message that is on disk, in its current state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    /// Its number in its conversation: 1, 2, 3, …
    pub seq: i64,
    pub sender: UserId,
    pub sender_name: Username,
    /// The other one in a direct conversation; the sender in notes to oneself.
    pub recipient: Option<Username>,
    /// Empty once it is deleted for everyone.
    pub body: String,
    pub client_key: Option<ClientKey>,
    pub created_at: Timestamp,
    /// The last change of it.
    pub revision: Revision,
    pub edited_at: Option<Timestamp>,
    pub deleted: bool,
    pub forwarded: bool,
    /// What it answers.
    pub quote: Option<Quote>,
    pub reactions: Vec<Reaction>,
}

/// The message another one answers, as shown there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub id: MessageId,
    pub sender_name: Username,
    /// The beginning of its text; empty once it is deleted for everyone.
    pub body: String,
}

/// Someone's reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub user: Username,
    pub emoji: String,
}

/// A message about to be sent.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub sender: User,
    pub to: Destination,
    pub body: MessageBody,
    pub client_key: Option<ClientKey>,
    /// The message of the same conversation that it answers.
    pub reply_to: Option<MessageId>,
    /// Whether the text is another message's.
    pub forwarded: bool,
}

/// Where a message goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The direct conversation with this person, which the first message creates.
    Person(Username),
    Conversation(ConversationId),
}

/// What became of a send that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The message was stored by this send.
    Created(Message),
    /// The same send came before; this is what it stored.
    Duplicate(Message),
}

impl SendOutcome {
    /// The message, from this send or an earlier one.
    pub fn message(&self) -> &Message {
        match self {
            Self::Created(message) | Self::Duplicate(message) => message,
        }
    }
}
