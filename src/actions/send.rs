//! Sending a message.

use super::{FieldCode, FieldError, FieldErrors};
use crate::app::App;
use crate::model::{
    ClientKey, ConversationId, Destination, MessageBody, MessageId, NewMessage, SendOutcome, User, Username,
};
use crate::store::{SendRefusal, StoreError};

/// A message as someone typed it.
#[derive(Debug, Default)]
pub struct Draft {
    /// The id of the conversation it goes to; either this or `recipient`.
    pub conversation: Option<String>,
    /// The user name of the person it goes to.
    pub recipient: Option<String>,
    pub body: String,
    /// The client's own key for this send, if it has one.
    pub client_key: Option<String>,
    /// The id of the message that it answers.
    pub reply_to: Option<String>,
    /// The id of the message whose text is passed on; `body` is ignored then.
    pub forward: Option<String>,
}

/// Why a message was not sent.
#[derive(Debug)]
pub enum SendError {
    Fields(FieldErrors),
    NoSuchRecipient,
    NoSuchConversation,
    /// The key was used before, for another message.
    KeyReused,
    /// The sender blocks the recipient.
    Blocked,
    Store(StoreError),
}

/// Sends a message. When this returns, the message is on disk and its events have been published.
pub async fn send(app: &App, me: &User, draft: Draft) -> Result<SendOutcome, SendError> {
    let mut draft = draft;
    let forwarded = draft.forward.is_some();
    if let Some(id) = draft.forward.take() {
        draft.body = text_to_forward(app, me, &id).await?;
    }
    let new = check(me, &draft, forwarded)?;
    match app.store.send(new).await {
        Ok(Ok(sent)) => Ok(sent),
        Ok(Err(SendRefusal::NoSuchRecipient)) => Err(SendError::NoSuchRecipient),
        Ok(Err(SendRefusal::NoSuchConversation)) => Err(SendError::NoSuchConversation),
        Ok(Err(SendRefusal::KeyReused)) => Err(SendError::KeyReused),
        Ok(Err(SendRefusal::Blocked)) => Err(SendError::Blocked),
        Ok(Err(SendRefusal::NothingToAnswer)) => Err(no_such("reply_to")),
        Err(error) => Err(SendError::Store(error)),
    }
}

/// The text of a message one may see; a deleted one has none.
async fn text_to_forward(app: &App, me: &User, id: &str) -> Result<String, SendError> {
    let id = id.parse().map_err(|_| no_such("forward"))?;
    let found = app.store.message(me.id, MessageId(id)).await.map_err(SendError::Store)?;
    found.filter(|message| !message.deleted).map(|message| message.body).ok_or_else(|| no_such("forward"))
}

fn no_such(field: &'static str) -> SendError {
    SendError::Fields(vec![FieldError::new(field, FieldCode::NoSuchMessage, "There is no such message here.")])
}

fn check(me: &User, draft: &Draft, forwarded: bool) -> Result<NewMessage, SendError> {
    let mut errors = FieldErrors::new();
    let to = destination(draft).map_err(|error| errors.push(error)).ok();
    let body = MessageBody::parse(&draft.body).map_err(|error| errors.push(FieldError::of("body", error))).ok();
    let key = draft.client_key.as_deref().map(ClientKey::parse).transpose();
    let client_key = key.map_err(|error| errors.push(FieldError::of("client_id", error))).ok().flatten();
    let reply_to = draft.reply_to.as_deref().map(|id| id.parse().map(MessageId)).transpose();
    let reply_to = reply_to.map_err(|_| no_such("reply_to"))?;
    match (to, body) {
        (Some(to), Some(body)) if errors.is_empty() => {
            // Nobody has an invalid name.
            let to = to.ok_or(SendError::NoSuchRecipient)?;
            Ok(NewMessage { sender: me.clone(), to, body, client_key, reply_to, forwarded })
        }
        _ => Err(SendError::Fields(errors)),
    }
}

/// Where it goes; nothing for an invalid name.
fn destination(draft: &Draft) -> Result<Option<Destination>, FieldError> {
    let recipient = draft.recipient.as_deref().map(str::trim).filter(|name| !name.is_empty());
    match (&draft.conversation, recipient) {
        (None, None) => {
            Err(FieldError::new("recipient", FieldCode::Required, "Say who the message is for: a user name."))
        }
        (None, Some(name)) => Ok(Username::of_account(name).ok().map(Destination::Person)),
        (Some(id), None) => match id.parse() {
            Ok(id) => Ok(Some(Destination::Conversation(ConversationId(id)))),
            Err(_) => Err(FieldError::new("conversation", FieldCode::NotANumber, "This must be a number.")),
        },
        (Some(_), Some(_)) => {
            Err(FieldError::new("conversation", FieldCode::NotBoth, "Name either a conversation or a recipient."))
        }
    }
}
