//! Read and delivered positions, and conversations.

use super::{ConversationId, Profile, Revision, UserId, Username};
use crate::clock::Timestamp;

/// A member's two positions; both are the `seq` of a message and only move forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    pub user: UserId,
    pub name: Username,
    /// Everything up to here has reached one of this member's clients.
    pub delivered: i64,
    /// Everything up to here has been read.
    pub read: i64,
}

/// What sort of conversation it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversationKind {
    /// Two people, or one with oneself.
    Direct,
}

/// A conversation as one of its members sees it, without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// The last change of anything here; messages have their own.
    pub revision: Revision,
    /// The other one; oneself in notes to oneself.
    pub with: Username,
    pub profile: Profile,
    /// The `seq` of the newest message this member may see.
    pub last_seq: i64,
    pub positions: Vec<Position>,
    /// Incoming messages after the own read position that are not deleted, counted up to a bound.
    pub unread: i64,
    /// Whether its member marked it as unread.
    pub marked_unread: bool,
    pub pinned: bool,
    pub archived: bool,
    /// Until when its member does not want to be notified of it.
    pub muted_until: Option<Timestamp>,
    /// Whether its member does not want to hear from the other one.
    pub blocked: bool,
}
