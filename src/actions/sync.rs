//! Catching up over HTTP: what changed after a revision, now or as soon as something does.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::hub::{Subscription, TooManySubscriptions};
use crate::model::{Event, Revision, UserId};
use crate::store::{Changes, Cursor, Session, Snapshot, StoreError};

/// Conversations in a snapshot.
const CONVERSATIONS: usize = 30;

/// The answer to a request for changes.
#[derive(Debug)]
pub enum Answer {
    Changes(Changes),
    /// The revision is of another history: the latest state in place of changes.
    Resync(Snapshot),
    /// The login ended.
    SignedOut,
}

/// The latest state; nothing once the account is deleted.
pub async fn snapshot(app: &App, me: UserId) -> Result<Option<Snapshot>, StoreError> {
    app.store.snapshot(me, CONVERSATIONS).await
}

/// What changed after `since`, at most about `limit` changes. If nothing has changed, waits for a change, but no longer
/// than `wait`, than the login lasts or the server runs.
pub async fn changes(
    app: &App,
    session: &Session,
    since: Cursor,
    limit: usize,
    wait: Duration,
) -> Result<Result<Answer, StoreError>, TooManySubscriptions> {
    let until = Instant::now() + wait;
    // Before reading: what is committed after the read is waiting in the subscription.
    let subscription = if wait.is_zero() { None } else { Some(app.hub.subscribe(session.user.id)?) };
    Ok(changes_until(app, session, since, limit, (until, subscription)).await)
}

async fn changes_until(
    app: &App,
    session: &Session,
    since: Cursor,
    limit: usize,
    (until, subscription): (Instant, Option<Subscription>),
) -> Result<Answer, StoreError> {
    let me = session.user.id;
    let Some(mut changes) = app.store.changes(me, since, limit).await? else {
        return Ok(snapshot(app, me).await?.map_or(Answer::SignedOut, Answer::Resync));
    };
    if let Some(mut subscription) = subscription {
        while changes.items.is_empty() && !changes.more {
            match next(app, session, &mut subscription, changes.upto, until).await {
                Next::Change => changes = app.store.changes_after(me, changes.upto, limit).await?,
                Next::Unknown => {
                    if app.store.session(session.key, app.clock.now()).await?.is_none() {
                        return Ok(Answer::SignedOut);
                    }
                    changes = app.store.changes_after(me, changes.upto, limit).await?;
                }
                Next::Nothing => break,
                Next::SignedOut => return Ok(Answer::SignedOut),
            }
        }
    }
    Ok(Answer::Changes(changes))
}

/// How a wait ends.
enum Next {
    Change,
    /// Only the store knows what has happened.
    Unknown,
    /// The time is over, or the server stops.
    Nothing,
    SignedOut,
}

/// Waits for a change after this revision.
async fn next(app: &App, session: &Session, subscription: &mut Subscription, upto: Revision, until: Instant) -> Next {
    loop {
        let event = tokio::select! {
            event = subscription.next() => event,
            () = sleep_until(until) => return Next::Nothing,
            () = app.sockets.closing.cancelled() => return Next::Nothing,
        };
        let Ok(event) = event else { return Next::Unknown };
        match &event.event {
            Event::SessionEnded { session: ended, .. } if *ended == session.key => return Next::SignedOut,
            event if event.revision().is_some_and(|revision| revision > upto) => return Next::Change,
            _ => {}
        }
    }
}
