//! What has happened, as told to the people concerned.

use super::{Message, SessionKey, UserId};

/// A committed change. It exists only after its transaction is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    MessageCreated(Message),
    SessionEnded { user: UserId, session: SessionKey },
}

impl Event {
    /// The people to be told, each once: a note to oneself has one reader.
    pub fn audience(&self) -> impl Iterator<Item = UserId> {
        let (first, second) = match self {
            Self::MessageCreated(message) if message.sender == message.recipient => (message.sender, None),
            Self::MessageCreated(message) => (message.sender, Some(message.recipient)),
            Self::SessionEnded { user, .. } => (*user, None),
        };
        std::iter::once(first).chain(second)
    }
}
