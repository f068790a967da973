//! The truth: everything people have said, in one SQLite file. The only place that knows SQL.
//!
//! One thread owns the read-write connection and commits in groups (`writer`); reads run on a pool of read-only
//! connections (`readers`). Callers see an async method per question; no SQL type leaves this module. The store must
//! not know who listens: committed events go to a callback it was given at open, in the order of commits.

mod accounts;
mod answers;
mod backup;
mod blocks;
mod changes;
mod checkpoint;
mod columns;
mod conversations;
mod epochs;
mod error;
mod file;
mod filing;
#[cfg(test)]
mod flat;
mod goodbye;
mod keys;
mod known;
#[cfg(test)]
mod lists;
mod mail;
mod members;
mod message_rows;
mod messages;
mod people;
mod places;
#[cfg(test)]
mod plans;
mod presence;
mod profiles;
mod progress;
mod ranges;
mod readers;
mod receipts;
mod recent;
mod runs;
mod send;
mod session_cache;
mod sessions;
mod sync;
mod unread;
mod upgrade;
mod users;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;

use crate::clock::Clock;
use crate::model::Event;
use readers::Readers;
use recent::{Recent, View};
use session_cache::SessionCache;
use writer::{Change, Writer};

pub use backup::{BackupError, back_up};
pub use blocks::{BlockRefusal, MOST_BLOCKED};
pub use changes::ChangeRefusal;
pub use conversations::{ConversationPage, Latest, MOST_PINNED};
pub use epochs::Cursor;
pub use error::{OpenError, StoreError};
pub use messages::{MessagePage, MessageScope, MessageSlice};
pub use people::{PeopleCursor, PeoplePage, PeopleQuery, Person};
pub use presence::Seen;
pub use profiles::AccountChange;
pub use progress::{ConversationUpdate, TooManyPinned};
pub use ranges::{Range, Window};
pub use receipts::Receipt;
pub use send::SendRefusal;
pub use sessions::{Login, NewSession, Session};
pub use sync::{Changes, Item, Snapshot};
pub use users::{Credentials, NameTaken};

/// A handle on the open database; cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Readers,
    writer: Writer,
    sessions: Arc<SessionCache>,
    /// The id of the history since this start.
    epoch: String,
    fault: watch::Receiver<Option<String>>,
}

impl Store {
    /// Opens the database file at `path`, creating it when there is none and upgrading an older one.
    ///
    /// `tell` is called after each commit, with that commit's events in order, and before those who asked for it are
    /// answered; it must return quickly.
    ///
    /// # Errors
    /// A file that is not ours, newer than this program, damaged, in use or not writable is refused unchanged.
    pub async fn open(
        path: PathBuf,
        clock: Clock,
        tell: impl Fn(Vec<Event>) + Send + 'static,
    ) -> Result<Self, OpenError> {
        let opened = tokio::task::spawn_blocking(move || {
            let (report, fault) = watch::channel(None);
            let file = file::open(&path, &report)?;
            let begun = epochs::begin(&file.conn, clock.now());
            let epoch = begun.map_err(|error| OpenError::named(&path, &error))?;
            let recent = Recent::read(&file.conn).map_err(|error| OpenError::named(&path, &error))?;
            let recent = Arc::new(recent);
            let readers = Readers::open(&path, Arc::clone(&recent), report.clone())?;
            let sessions = Arc::new(SessionCache::default());
            let cache = Arc::clone(&sessions);
            let tell = move |events: Vec<Event>| {
                events.iter().filter_map(Event::ended_session).for_each(|key| cache.forget(key));
                tell(events);
            };
            let writer = Writer::start(file, recent, clock, Box::new(tell), report)?;
            Ok(Self { inner: Arc::new(Inner { readers, writer, sessions, epoch, fault }) })
        });
        opened.await.unwrap_or_else(|panic| Err(OpenError::Unexpected(panic.to_string())))
    }

    /// Fails when the database cannot be read or no longer takes changes.
    pub async fn check(&self) -> Result<(), StoreError> {
        if let Some(fault) = self.inner.fault.borrow().as_ref() {
            return Err(StoreError::unavailable(fault));
        }
        self.read(|conn| conn.query_row("SELECT revision FROM state", [], |_| Ok(()))).await
    }

    /// Waits until the file turns out to be damaged or its disk fails, and says how. Nothing more may be served then.
    pub async fn broken(&self) -> String {
        let mut fault = self.inner.fault.clone();
        match fault.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_default(),
            Err(_) => std::future::pending().await,
        }
    }

    /// Finishes the changes that wait, folds the write-ahead log into the file, and takes no more changes.
    pub async fn close(&self) {
        self.inner.writer.close().await;
    }

    /// Runs a query on one of the read-only connections, in one consistent view of the file.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&View<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(query).await
    }

    /// Runs a change on the writer and returns when it is on disk. An `Err` undoes it alone; a refusal that is part of
    /// `T` must come before the change's first statement that writes. The change may be run again after it was undone.
    async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Change<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.write(change).await
    }
}
