//! Sending a message.

use super::FieldErrors;
use crate::app::App;
use crate::model::{ClientKey, MessageBody, NewMessage, Sent, User, Username};
use crate::store::{SendRefusal, StoreError};

/// A message as someone typed it.
#[derive(Debug, Default)]
pub struct Draft {
    pub recipient: String,
    pub body: String,
    /// The client's own key for this send, if it has one.
    pub client_key: Option<String>,
}

/// Why a message was not sent.
#[derive(Debug)]
pub enum SendError {
    Fields(FieldErrors),
    NoSuchRecipient,
    /// The key was used before, for another message.
    KeyReused,
    Store(StoreError),
}

/// Sends a message. When this returns, the message is on disk and those concerned have been told.
pub async fn send(app: &App, me: &User, draft: Draft) -> Result<Sent, SendError> {
    let new = check(me, &draft)?;
    match app.store.send(new).await {
        Ok(Ok(sent)) => Ok(sent),
        Ok(Err(SendRefusal::NoSuchRecipient)) => Err(SendError::NoSuchRecipient),
        Ok(Err(SendRefusal::KeyReused)) => Err(SendError::KeyReused),
        Err(error) => Err(SendError::Store(error)),
    }
}

fn check(me: &User, draft: &Draft) -> Result<NewMessage, SendError> {
    let mut errors = FieldErrors::new();
    if draft.recipient.trim().is_empty() {
        errors.push(("recipient", "Say who the message is for: a user name.".into()));
    }
    let body = MessageBody::parse(&draft.body).map_err(|error| errors.push(("body", error.to_string()))).ok();
    let key = draft.client_key.as_deref().map(ClientKey::parse).transpose();
    let client_key = key.map_err(|error| errors.push(("client_id", error.to_string()))).ok().flatten();
    match body {
        Some(body) if errors.is_empty() => {
            // A name that cannot be one is nobody's.
            let recipient = Username::parse(&draft.recipient).map_err(|_| SendError::NoSuchRecipient)?;
            Ok(NewMessage { sender: me.clone(), recipient, body, client_key })
        }
        _ => Err(SendError::Fields(errors)),
    }
}
