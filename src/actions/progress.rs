//! A member's positions in a conversation, and its settings.

use crate::app::App;
use crate::model::{Conversation, ConversationId, User};
use crate::store::{ConversationUpdate, StoreError, TooManyPinned};

/// Why a conversation was not changed.
#[derive(Debug)]
pub enum UpdateError {
    NoSuchConversation,
    TooManyPinned,
    Store(StoreError),
}

impl From<StoreError> for UpdateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Moves positions forward and changes the settings.
pub async fn update(
    app: &App,
    me: &User,
    id: ConversationId,
    update: ConversationUpdate,
) -> Result<Conversation, UpdateError> {
    let updated = app.store.update_conversation(me.clone(), id, update).await?;
    updated.ok_or(UpdateError::NoSuchConversation)?.map_err(|TooManyPinned| UpdateError::TooManyPinned)
}

/// Moves positions forward, which clients report often: nothing is answered, and a conversation of others is ignored.
pub async fn acknowledge(app: &App, me: &User, id: ConversationId, ack: ConversationUpdate) -> Result<(), StoreError> {
    app.store.acknowledge(me.clone(), id, ack).await
}
