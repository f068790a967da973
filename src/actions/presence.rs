//! Presence: notifying others that someone is typing, and storing when people were last seen.

use std::time::Duration;

use crate::app::App;
use crate::model::{ConversationId, User};
use crate::presence::PresenceSession;
use crate::store::StoreError;

/// How often other processes are notified of who is active here.
const ROUND: Duration = Duration::from_secs(10);

/// Notifies the other members of a conversation that `me` is typing in it: those who may know it, and not too soon
/// after the last time. The caller does not learn whether anyone was notified.
pub async fn typing(app: &App, me: &User, session: &PresenceSession, id: ConversationId) -> Result<(), StoreError> {
    if session.may_type(id) {
        let readers = app.store.may_type_in(me.id, id).await?;
        for reader in &readers {
            app.presence.notify_typing(*reader, id, &me.username);
        }
        app.send_hint(|relay| relay.typing(id, &me.username, &readers));
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

/// Notifies other processes of who is active here: of who comes or leaves at once, and of all now and then, since a hint
/// may get lost. Never ends.
pub async fn notify_other_processes(app: &App) {
    let mut rounds = tokio::time::interval(ROUND);
    loop {
        tokio::select! {
            activities = app.presence.next_activities() => {
                activities.into_iter().for_each(|activity| app.send_hint(|relay| relay.activity(activity)));
            }
            _ = rounds.tick() => {
                app.presence.expire();
                if app.store.channel_state().is_some() {
                    app.relay.active().into_iter().for_each(|hint| app.send_hint(|_| hint));
                }
            }
        }
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
