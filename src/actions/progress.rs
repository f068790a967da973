//! How far someone has come in a conversation.

use super::history;
use crate::app::App;
use crate::model::{Conversation, User};
use crate::store::{Progress, StoreError};

/// What someone says of a conversation; what is left out stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Update {
    pub delivered: Option<i64>,
    pub read: Option<i64>,
    pub marked: Option<bool>,
}

/// Moves positions forward and sets the mark. Nothing when there is no conversation with someone of this name.
pub async fn update(app: &App, me: &User, name: &str, update: Update) -> Result<Option<Conversation>, StoreError> {
    let Some(other) = history::find(app, name).await? else { return Ok(None) };
    let to = Progress { delivered: update.delivered.unwrap_or(0), read: update.read.unwrap_or(0) };
    let moved = app.store.advance(me.clone(), other.id, to).await?;
    match update.marked {
        Some(marked) => app.store.mark_unread(me.id, other.id, marked).await,
        None => Ok(moved),
    }
}
