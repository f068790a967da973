//! The data model: people, messages, events, and the rules that every value meets from its creation. Plain data: no
//! I/O, no async, no SQL, no HTTP.

mod account;
mod body;
mod characters;
mod client_key;
mod email;
mod event;
mod ids;
mod message;
mod picture;
mod position;
mod profile;
mod reaction;
mod user;
mod username;

pub use account::{Account, PrivacySettings, Profile};
pub use body::{BodyError, MessageBody};
pub use client_key::{ClientKey, ClientKeyError};
pub use email::{Email, EmailError};
pub use event::Event;
pub use ids::{ConversationId, MessageId, Revision, SessionKey, UserId};
pub use message::{Destination, Message, NewMessage, Quote, Reaction, SendOutcome};
pub use picture::Picture;
pub use position::{Conversation, ConversationKind, Position};
pub use profile::{About, DisplayName, ProfileError};
pub use reaction::{Emoji, EmojiError};
pub use user::{NewUser, User};
pub use username::{Username, UsernameError, fold_name};
