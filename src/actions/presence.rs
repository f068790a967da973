//! Presence: telling others that one is typing, and storing when people were last seen.

use crate::app::App;
use crate::model::{ConversationId, User};
use crate::presence::PresenceSession;
use crate::store::StoreError;

/// Tells the other members of a conversation that `me` is typing in it, those who may know it and not too soon after the
/// last time. The caller does not learn whether anyone was told.
pub async fn typing(app: &App, me: &User, session: &PresenceSession, id: ConversationId) -> Result<(), StoreError> {
    if session.may_type(id) {
        for reader in app.store.may_type_in(me.id, id).await? {
            app.presence.tell_typing(reader, id, &me.username);
        }
    }
    Ok(())
}

/// Stores, now and then, when people were last seen. Never ends.
pub async fn keep_last_seen(app: &App) {
    let mut rounds = tokio::time::interval(app.config.timeouts.last_seen);
    loop {
        rounds.tick().await;
        note_last_seen(app).await;
    }
}

/// Stores what is not stored yet. What fails is tried again with the next round.
pub async fn note_last_seen(app: &App) {
    let people = app.presence.unwritten();
    if people.is_empty() {
        return;
    }
    match app.store.note_last_seen(people.clone()).await {
        Ok(()) => app.presence.forget(&people),
        Err(error) => tracing::warn!(%error, "when people were last seen could not be stored"),
    }
}
