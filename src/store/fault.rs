//! What is known to be wrong with the database. A fault that makes all of it untrustworthy ends the program
//! (crash-only: the next start reads the state from disk). Damage met while reading fails the request that needed it
//! and is reported by the health check; everything else is served.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::engine::Error;

#[derive(Clone)]
pub(super) struct Fault {
    fatal: watch::Sender<Option<String>>,
    damage: Arc<Mutex<Option<String>>>,
}

impl Fault {
    pub fn new() -> Self {
        Self { fatal: watch::Sender::new(None), damage: Arc::default() }
    }

    /// Nothing more may be served.
    pub fn end(&self, reason: impl Into<String>) {
        self.fatal.send_replace(Some(reason.into()));
    }

    /// Records an error met while writing: one after which commits cannot be trusted ends the program.
    pub fn met_writing(&self, error: &Error) {
        match error {
            Error::Damaged(reason) => self.end(reason),
            other => self.met_reading(other),
        }
    }

    /// Records an error met while reading.
    pub fn met_reading(&self, error: &Error) {
        if let Error::Damaged(_) | Error::DamagedConversation(_) = error {
            tracing::error!(%error, "THE DATABASE IS DAMAGED; restore a backup");
            *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
    }

    /// What is wrong, if anything is.
    pub fn finding(&self) -> Option<String> {
        let fatal = self.fatal.borrow().clone();
        fatal.or_else(|| self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Waits until nothing more may be served, and says why.
    pub async fn ended(&self) -> String {
        let mut fatal = self.fatal.subscribe();
        match fatal.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }
}
