//! Presence: notifying others that someone is typing, and storing when people were last seen.

use crate::app::App;
use crate::model::{ConversationId, User};
use crate::presence::PresenceSession;
use crate::store::StoreError;

/// Notifies the other members of a conversation that `me` is typing in it: those who may know it, and not too soon
/// after the last time. The caller does not learn whether anyone was notified.
pub async fn typing(app: &App, me: &User, session: &PresenceSession, id: ConversationId) -> Result<(), StoreError> {
    if session.may_type(id) {
        for reader in app.store.may_type_in(me.id, id).await? {
            app.presence.notify_typing(reader, id, &me.username);
        }
    }
    Ok(())
}

/// Stores, now and then, when people were last seen. Never ends.
pub async fn keep_last_seen(app: &App) {
    let mut rounds = tokio::time::interval(app.config.timeouts.last_seen);
    loop {
        rounds.tick().await;
        store_last_seen(app).await;
    }
}

/// Stores what is not stored yet. What fails is retried in the next round.
pub async fn store_last_seen(app: &App) {
    let people = app.presence.unwritten();
    if people.is_empty() {
        return;
    }
    match app.store.set_last_seen(people.clone()).await {
        Ok(()) => app.presence.forget(&people),
        Err(error) => tracing::warn!(%error, "last-seen times could not be stored"),
    }
}
