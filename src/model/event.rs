//! Events: what has happened, as the people concerned receive it.

use super::{
    Account, Conversation, ConversationId, Message, MessageId, Position, Profile, Revision, SessionKey, UserId,
    Username,
};

/// A committed change. It exists only after its transaction is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Sent to those members who may see it.
    MessageCreated {
        message: Message,
        audience: Vec<UserId>,
    },
    /// A message was edited, deleted for everyone or reacted to, or what it quotes was. Sent to those members who have
    /// not deleted it for themselves.
    MessageChanged {
        message: Message,
        audience: Vec<UserId>,
    },
    /// Someone deleted a message for themselves.
    MessageHidden {
        user: UserId,
        message: MessageId,
        conversation: ConversationId,
        revision: Revision,
    },
    /// A member's position in a conversation moved forward.
    Moved {
        conversation: ConversationId,
        position: Position,
        revision: Revision,
        /// Who sees the position like this; one's own may be ahead of what others see.
        readers: Vec<UserId>,
    },
    /// Someone changed a conversation's settings: pinned, archived, muted it or marked it as unread.
    ConversationChanged {
        user: UserId,
        conversation: Conversation,
    },
    /// Someone changed their profile, their privacy settings or the people they block.
    AccountChanged(Account),
    /// What others see of someone changed, or the account is gone. Sent to everyone who shares a conversation.
    ProfileChanged {
        username: Username,
        profile: Profile,
        revision: Revision,
        audience: Vec<UserId>,
    },
    SessionEnded {
        user: UserId,
        session: SessionKey,
    },
}

impl Event {
    /// The people who receive it, each once: a note to oneself has one reader.
    pub fn audience(&self) -> Vec<UserId> {
        match self {
            Self::MessageCreated { audience, .. }
            | Self::MessageChanged { audience, .. }
            | Self::Moved { readers: audience, .. }
            | Self::ProfileChanged { audience, .. } => audience.clone(),
            Self::MessageHidden { user, .. }
            | Self::ConversationChanged { user, .. }
            | Self::SessionEnded { user, .. } => vec![*user],
            Self::AccountChanged(account) => vec![account.user.id],
        }
    }

    /// Whether what its audience may see of others, or others of them, may be something else now.
    pub fn changes_visibility(&self) -> bool {
        match self {
            Self::AccountChanged(_) => true,
            // From their first message on its people may see each other.
            Self::MessageCreated { message, .. } => message.seq == 1,
            _ => false,
        }
    }

    /// The login that has ended.
    pub fn ended_session(&self) -> Option<SessionKey> {
        match self {
            Self::SessionEnded { session, .. } => Some(*session),
            _ => None,
        }
    }

    /// The change's revision; nothing for what is not part of the history.
    pub fn revision(&self) -> Option<Revision> {
        match self {
            Self::MessageCreated { message, .. } | Self::MessageChanged { message, .. } => Some(message.revision),
            Self::MessageHidden { revision, .. }
            | Self::Moved { revision, .. }
            | Self::ProfileChanged { revision, .. } => Some(*revision),
            Self::ConversationChanged { conversation, .. } => Some(conversation.revision),
            Self::AccountChanged(account) => Some(account.revision),
            Self::SessionEnded { .. } => None,
        }
    }
}
