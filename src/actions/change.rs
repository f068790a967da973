//! Changing a message that exists: editing, deleting, reacting.

use super::FieldError;
use crate::app::App;
use crate::model::{Emoji, Message, MessageBody, MessageId, User};
use crate::store::{ChangeRefusal, StoreError};

/// Why a message was not changed.
#[derive(Debug)]
pub enum ChangeError {
    Field(FieldError),
    Refused(ChangeRefusal),
    Store(StoreError),
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<ChangeRefusal> for ChangeError {
    fn from(refusal: ChangeRefusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Whose copy of a message is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Mine,
    Everyones,
}

/// Gives one's own message another text, within the edit window.
pub async fn edit(app: &App, me: &User, id: MessageId, body: &str) -> Result<Message, ChangeError> {
    let body = MessageBody::parse(body).map_err(|error| ChangeError::Field(FieldError::of("body", error)))?;
    Ok(app.store.edit(me.id, id, body, app.config.edit_window).await??)
}

/// Deletes a message, for oneself or (if it is one's own) for everyone.
pub async fn delete(app: &App, me: &User, id: MessageId, whose: Whose) -> Result<Message, ChangeError> {
    Ok(match whose {
        Whose::Mine => app.store.delete_for_me(me.id, id).await??,
        Whose::Everyones => app.store.delete_for_everyone(me.id, id).await??,
    })
}

/// Sets one's reaction to a message, or takes it back.
pub async fn react(app: &App, me: &User, id: MessageId, emoji: Option<&str>) -> Result<Message, ChangeError> {
    let emoji = emoji.map(Emoji::parse).transpose();
    let emoji = emoji.map_err(|error| ChangeError::Field(FieldError::of("emoji", error)))?;
    Ok(app.store.react(me.id, id, emoji).await??)
}
