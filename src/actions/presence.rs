//! Being there: telling others that one is typing, and keeping when people were last seen.

use super::history;
use crate::app::App;
use crate::model::{User, Username};
use crate::presence::Attendance;
use crate::store::StoreError;

/// Tells the person of this name that `me` is typing to them, if they may know and it is not too soon after the last
/// time. Whether they were told is nobody's business.
pub async fn typing(app: &App, me: &User, attendance: &Attendance, with: &str) -> Result<(), StoreError> {
    let Ok(with) = Username::parse(with) else { return Ok(()) };
    if attendance.may_type(&with)
        && let Some(conversation) = history::conversation_with(app, me, with.as_str()).await?
    {
        for reader in app.store.may_type_in(me.id, conversation).await? {
            app.presence.tell_typing(reader, &me.username);
        }
    }
    Ok(())
}

/// Writes down, now and then, when people were last seen. Never ends.
pub async fn keep_last_seen(app: &App) {
    let mut rounds = tokio::time::interval(app.config.timeouts.last_seen);
    loop {
        rounds.tick().await;
        note_last_seen(app).await;
    }
}

/// Writes down what is not written down yet. What fails is tried again with the next round.
pub async fn note_last_seen(app: &App) {
    let people = app.presence.unwritten();
    if people.is_empty() {
        return;
    }
    match app.store.note_last_seen(people.clone()).await {
        Ok(()) => app.presence.forget(&people),
        Err(error) => tracing::warn!(%error, "when people were last seen could not be written down"),
    }
}
