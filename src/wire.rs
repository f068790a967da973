//! Messages and conversations as clients get them: the JSON of the live protocol, and the frames of both protocols. The
//! one place that knows their form; `docs/PROTOCOL.md` shows an example of each.

use std::sync::OnceLock;

use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use utoipa::ToSchema;

use crate::model::{
    Account, ClientKey, Conversation, ConversationKind, Event, Message, MessageId, Position, Profile, Revision,
    Username,
};
use crate::store::{Item, Latest};

/// The WebSocket subprotocol with typed events.
pub const LIVE: &str = "chinwag.v1";

/// A message in its current state.
#[derive(Serialize, ToSchema)]
pub struct MessageState<'m> {
    /// Rises from message to message, over all conversations.
    id: i64,
    /// The sender's user name.
    user: &'m str,
    /// The other one's user name; one's own in notes to oneself.
    #[schema(required)]
    recipient: Option<&'m str>,
    /// When it was sent: RFC 3339 in UTC.
    timestamp: String,
    /// Empty once it is deleted for everyone.
    body: &'m str,
    /// The conversation's number.
    conversation: i64,
    /// Its number in its conversation: 1, 2, 3, … without holes.
    seq: i64,
    /// The last change of it.
    revision: i64,
    /// The key its sender gave it.
    #[schema(required)]
    client_id: Option<&'m str>,
    #[schema(required)]
    edited_at: Option<String>,
    deleted: bool,
    forwarded: bool,
    #[schema(required)]
    reply_to: Option<QuoteState<'m>>,
    reactions: Vec<ReactionState<'m>>,
}

/// The message another one answers.
#[derive(Serialize, ToSchema)]
pub struct QuoteState<'m> {
    id: i64,
    user: &'m str,
    /// The beginning of its text; empty once it is deleted for everyone.
    body: &'m str,
}

#[derive(Serialize, ToSchema)]
pub struct ReactionState<'m> {
    user: &'m str,
    emoji: &'m str,
}

impl<'m> From<&'m Message> for MessageState<'m> {
    fn from(message: &'m Message) -> Self {
        let quote = message.quote.as_ref();
        let reactions = message.reactions.iter();
        Self {
            id: message.id.0,
            user: message.sender_name.as_str(),
            recipient: message.recipient.as_ref().map(Username::as_str),
            timestamp: message.created_at.to_string(),
            body: &message.body,
            conversation: message.conversation.0,
            seq: message.seq,
            revision: message.revision.0,
            client_id: message.client_key.as_ref().map(ClientKey::as_str),
            edited_at: message.edited_at.map(|time| time.to_string()),
            deleted: message.deleted,
            forwarded: message.forwarded,
            reply_to: quote.map(|quote| QuoteState {
                id: quote.id.0,
                user: quote.sender_name.as_str(),
                body: &quote.body,
            }),
            reactions: reactions
                .map(|reaction| ReactionState { user: reaction.user.as_str(), emoji: &reaction.emoji })
                .collect(),
        }
    }
}

/// How far a member has come; both are the `seq` of a message.
#[derive(Serialize, ToSchema)]
pub struct PositionState {
    user: String,
    delivered: i64,
    read: i64,
}

impl From<&Position> for PositionState {
    fn from(position: &Position) -> Self {
        Self { user: position.name.to_string(), delivered: position.delivered, read: position.read }
    }
}

/// A conversation as its member sees it, without its messages.
#[derive(Serialize, ToSchema)]
pub struct ConversationState {
    id: i64,
    kind: KindState,
    /// The other one's user name; one's own in notes to oneself.
    #[schema(required)]
    with: Option<String>,
    /// The other one's display name.
    #[schema(required)]
    name: Option<String>,
    about: String,
    /// The tag of the other one's picture, if there is one.
    #[schema(required)]
    avatar: Option<String>,
    /// Whether the other one's account is gone.
    deleted: bool,
    /// The `seq` of the newest message in it that one may see.
    last_seq: i64,
    positions: Vec<PositionState>,
    /// Incoming messages after the own read position; 1,000 stands for more.
    unread: i64,
    marked_unread: bool,
    pinned: bool,
    archived: bool,
    /// Until when one does not want to be notified of it: RFC 3339 in UTC.
    #[schema(required)]
    muted_until: Option<String>,
    /// Whether one blocks the other.
    blocked: bool,
    revision: i64,
}

impl From<&Conversation> for ConversationState {
    fn from(conversation: &Conversation) -> Self {
        Self {
            id: conversation.id.0,
            kind: conversation.kind.into(),
            with: Some(conversation.with.to_string()),
            name: conversation.profile.display_name.clone(),
            about: conversation.profile.about.clone(),
            avatar: conversation.profile.avatar.clone(),
            deleted: conversation.profile.deleted,
            last_seq: conversation.last_seq,
            positions: conversation.positions.iter().map(PositionState::from).collect(),
            unread: conversation.unread,
            marked_unread: conversation.marked_unread,
            pinned: conversation.pinned,
            archived: conversation.archived,
            muted_until: conversation.muted_until.map(|until| until.to_string()),
            blocked: conversation.blocked,
            revision: conversation.revision.0,
        }
    }
}

/// What sort of conversation it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KindState {
    /// Two people, or one with oneself.
    Direct,
}

impl From<ConversationKind> for KindState {
    fn from(kind: ConversationKind) -> Self {
        match kind {
            ConversationKind::Direct => Self::Direct,
        }
    }
}

/// A conversation in the list, with its newest message.
#[derive(Serialize, ToSchema)]
pub struct LatestState<'m> {
    #[serde(flatten)]
    conversation: ConversationState,
    /// The place in the list, the newest message's id: newer conversations have higher ones.
    place: i64,
    /// Nothing when one has deleted it for oneself.
    #[schema(required)]
    last_message: Option<MessageState<'m>>,
}

impl<'m> From<&'m Latest> for LatestState<'m> {
    fn from(latest: &'m Latest) -> Self {
        Self {
            conversation: (&latest.conversation).into(),
            place: latest.place.0,
            last_message: latest.message.as_ref().map(MessageState::from),
        }
    }
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub struct MeState {
    /// One's own user name.
    user: String,
    #[schema(required)]
    display_name: Option<String>,
    about: String,
    /// The tag of one's picture, if there is one.
    #[schema(required)]
    avatar: Option<String>,
    email: String,
    is_admin: bool,
    /// Whether being online, and when one last was, is hidden; it works both ways, as the two that follow.
    hides_presence: bool,
    hides_typing: bool,
    hides_receipts: bool,
    /// The user names of those one blocks.
    blocked: Vec<String>,
    /// The last change of any of it.
    revision: i64,
}

impl From<&Account> for MeState {
    fn from(account: &Account) -> Self {
        let profile = &account.profile;
        Self {
            user: account.user.username.to_string(),
            display_name: profile.display_name.clone(),
            about: profile.about.clone(),
            avatar: profile.avatar.clone(),
            email: account.email.clone(),
            is_admin: account.user.is_admin,
            hides_presence: account.hides.presence,
            hides_typing: account.hides.typing,
            hides_receipts: account.hides.receipts,
            blocked: account.blocked.clone(),
            revision: account.revision.0,
        }
    }
}

/// What others see of someone.
#[derive(Serialize, ToSchema)]
pub struct ProfileState {
    user: String,
    #[schema(required)]
    display_name: Option<String>,
    about: String,
    /// The tag of the picture, if there is one.
    #[schema(required)]
    avatar: Option<String>,
    /// Whether the account is gone.
    deleted: bool,
}

impl ProfileState {
    fn new(username: &Username, profile: &Profile) -> Self {
        Self {
            user: username.to_string(),
            display_name: profile.display_name.clone(),
            about: profile.about.clone(),
            avatar: profile.avatar.clone(),
            deleted: profile.deleted,
        }
    }
}

/// What the server sends in the live protocol. Clients pass over types they do not know.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame<'m> {
    /// The first frame: who one is, the last change there is, and the history it belongs to.
    Hello { user: String, revision: i64, epoch: String },
    /// A message was sent, edited, deleted for everyone or reacted to.
    Message { revision: i64, message: MessageState<'m> },
    /// One has deleted a message for oneself.
    Hidden { revision: i64, conversation: i64, message: i64 },
    /// The state of a conversation: when one changed its settings, and when catching up.
    Conversation { revision: i64, conversation: ConversationState },
    /// More of a conversation was missed than is sent one by one: of its messages only those from `first` on follow.
    Limited { revision: i64, conversation: ConversationState, first: i64 },
    /// A member's position in a conversation moved forward.
    Position { revision: i64, conversation: i64, position: PositionState },
    /// One changed one's account: the profile, what it hides or the people it blocks.
    Me { revision: i64, me: MeState },
    /// Someone one shares a conversation with changed what others see of them.
    Profile { revision: i64, profile: ProfileState },
    /// One has caught up to this revision.
    Synced { revision: i64, epoch: String },
    /// The revision one asked from is of another history: start again from a snapshot.
    Resync { revision: i64, epoch: String },
    /// Whether someone one watches is online, and since when not. No part of the history, and neither is the next.
    Presence {
        user: String,
        online: bool,
        #[schema(required)]
        last_seen: Option<String>,
    },
    /// Someone is typing in a conversation at this moment.
    Typing { conversation: i64, user: String },
    /// The answer to a ping.
    Pong {},
}

impl<'m> Frame<'m> {
    /// The frame of an event; nothing for those that are not part of the history.
    fn of(event: &'m Event) -> Option<Self> {
        Some(match event {
            Event::MessageCreated { message, .. } | Event::MessageChanged { message, .. } => {
                Self::Message { revision: message.revision.0, message: message.into() }
            }
            Event::MessageHidden { message, conversation, revision, .. } => {
                Self::Hidden { revision: revision.0, conversation: conversation.0, message: message.0 }
            }
            Event::Moved { conversation, position, revision, .. } => {
                Self::Position { revision: revision.0, conversation: conversation.0, position: position.into() }
            }
            Event::ConversationChanged { conversation, .. } => {
                Self::Conversation { revision: conversation.revision.0, conversation: conversation.into() }
            }
            Event::AccountChanged(account) => Self::Me { revision: account.revision.0, me: account.into() },
            Event::ProfileChanged { username, profile, revision, .. } => {
                Self::Profile { revision: revision.0, profile: ProfileState::new(username, profile) }
            }
            Event::SessionEnded { .. } => return None,
        })
    }

    /// The frame of an item when catching up.
    pub fn of_item(Revision(revision): Revision, item: &'m Item) -> Self {
        match item {
            Item::Message(message) => Self::Message { revision, message: message.into() },
            Item::Hidden { message, conversation } => {
                Self::Hidden { revision, conversation: conversation.0, message: message.0 }
            }
            Item::Limited { conversation, first } => {
                Self::Limited { revision, conversation: conversation.into(), first: *first }
            }
            Item::Account(account) => Self::Me { revision, me: account.into() },
            Item::Conversation(conversation) => Self::Conversation { revision, conversation: conversation.into() },
        }
    }

    pub fn text(&self) -> Utf8Bytes {
        serde_json::to_string(self).expect("frames have string keys only").into()
    }
}

/// `{"message": "40"}`, the original's only frame: the id as a string, for clients that want the message to fetch.
pub fn original(id: MessageId) -> Utf8Bytes {
    format!(r#"{{"message": "{}"}}"#, id.0).into()
}

/// An event with its text for the wire, made at most once for all sockets.
#[derive(Debug)]
pub struct BroadcastEvent {
    pub event: Event,
    live: OnceLock<Option<Utf8Bytes>>,
}

impl BroadcastEvent {
    pub fn new(event: Event) -> Self {
        Self { event, live: OnceLock::new() }
    }

    /// The frame of the live protocol, if the event has one.
    pub fn live(&self) -> Option<&Utf8Bytes> {
        self.live.get_or_init(|| Frame::of(&self.event).map(|frame| frame.text())).as_ref()
    }
}
