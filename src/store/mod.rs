//! The store: everything people have sent, in one database. The only place that knows SQL; `engine` is the database
//! that runs it.
//!
//! One thread changes the database and commits in groups (`writer`); reads run beside it (`readers`). Callers see an
//! async method per question; no SQL type leaves this module. The store must not know who listens: committed events go
//! to a callback it was given at open, in the order of commits.

mod account_deletion;
mod accounts;
mod blocks;
mod changes;
mod conversations;
mod direct;
mod engine;
mod epochs;
mod error;
mod fault;
#[cfg(test)]
mod lists;
mod merge;
mod message_rows;
mod messages;
mod people;
mod presence;
mod profiles;
mod progress;
mod publisher;
mod ranges;
mod readers;
mod receipts;
mod send;
mod send_batch;
mod session_cache;
mod sessions;
mod sync;
mod transfer;
mod users;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Notify, mpsc};

use crate::clock::Clock;
use crate::config::Database;
use engine::Db;
use engine::postgres::{Heard, Listener};
use fault::Fault;
use publisher::Publisher;
use readers::Readers;
use session_cache::SessionCache;
use writer::{Change, Writer};

pub use blocks::{BlockRefusal, MOST_BLOCKED};
pub use changes::ChangeRefusal;
pub use conversations::{ConversationPage, Latest, MOST_PINNED};
pub use engine::sqlite::{BackupError, back_up};
pub use engine::transfer::MoveError;
pub use epochs::Cursor;
pub use error::{OpenError, StoreError};
pub use messages::{MessagePage, MessageScope, MessageSlice};
pub use people::{PeopleCursor, PeoplePage, PeopleQuery, Person};
pub use presence::Seen;
pub use profiles::AccountChange;
pub use progress::{ConversationUpdate, TooManyPinned};
pub use publisher::News;
pub use ranges::{Range, Window};
pub use receipts::Receipt;
pub use send::SendRefusal;
pub use sessions::{Login, NewSession, Session};
pub use sync::{Changes, Item, Snapshot};
pub use transfer::{Moved, Progress, move_all};
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
    fault: Fault,
    /// Where to say something to other processes.
    others: Option<mpsc::Sender<String>>,
    /// Whether they are heard.
    hears_others: Option<Arc<AtomicBool>>,
}

/// How the commits of other processes are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// The database says at once that there are some.
    Listening,
    /// It is asked every second, because the connection over which it says so is lost.
    Polling,
}

impl Store {
    /// Opens a database, creating it when there is none and upgrading an older one.
    ///
    /// `publish` is called after each commit, with that commit's events in order, and before those who asked for it are
    /// answered; and with what other processes do. It must return quickly.
    ///
    /// # Errors
    /// A database that is not ours, newer than this program, damaged, in use or not writable is refused unchanged.
    pub async fn open(
        database: impl Into<Database>,
        clock: Clock,
        publish: impl Fn(News) + Clone + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let (runtime, database) = (tokio::runtime::Handle::current(), database.into());
        let opened = tokio::task::spawn_blocking(move || {
            let _within = runtime.enter();
            let fault = Fault::new();
            match database {
                Database::File(path) => {
                    let (writer, readers) = engine::sqlite::open(&path, &fault)?;
                    Self::on(writer, readers, None, clock, publish, fault)
                }
                Database::Postgres(url) => {
                    let (writer, readers, listener) = engine::postgres::open(&url)?;
                    Self::on(writer, readers, Some(listener), clock, publish, fault)
                }
            }
        });
        opened.await.unwrap_or_else(|panic| Err(OpenError::Unexpected(panic.to_string())))
    }

    /// Starts the threads that use an open database.
    fn on(
        mut engine: impl engine::Writer + 'static,
        readers: impl engine::Readers + 'static,
        listener: Option<Listener>,
        clock: Clock,
        publish: impl Fn(News) + Clone + Send + Sync + 'static,
        fault: Fault,
    ) -> Result<Self, OpenError> {
        let begun = epochs::enter(&mut engine, &clock);
        let (epoch, revision) = begun.map_err(|error| OpenError::Unexpected(error.to_string()))?;
        let (sessions, commits) = (Arc::new(SessionCache::new()), Arc::new(Notify::new()));
        let readers: Arc<dyn engine::Readers> = Arc::new(readers);
        let (engine_readers, cache) = (Arc::clone(&readers), Arc::clone(&sessions));
        let publisher = Publisher::new(engine_readers, cache, publish.clone(), revision, Arc::clone(&commits));
        let hears_others = listener.as_ref().map(Listener::connected);
        let others = listener.map(|listener| {
            listener.start(move |heard| match heard {
                Heard::Commits => commits.notify_one(),
                Heard::Said(text) => publish(News::Said(text)),
            })
        });
        let readers = Readers::new(readers, fault.clone());
        let writer = Writer::start(engine, clock, publisher, fault.clone())?;
        let others = others.transpose()?;
        Ok(Self { inner: Arc::new(Inner { readers, writer, sessions, epoch, fault, others, hears_others }) })
    }

    /// Says something to the other processes that use the database, if any; dropped when they cannot be reached.
    pub fn say(&self, text: impl FnOnce() -> String) {
        if let Some(others) = &self.inner.others {
            // A full queue means that they are not reached.
            let _ = others.try_send(text());
        }
    }

    /// How the commits of other processes are found; nothing where there can be none.
    pub fn hearing(&self) -> Option<Hearing> {
        let connected = self.inner.hears_others.as_ref()?.load(Ordering::Relaxed);
        Some(if connected { Hearing::Listening } else { Hearing::Polling })
    }

    /// Fails when the database cannot be read, no longer takes changes, or some of it was found to be damaged.
    pub async fn check(&self) -> Result<(), StoreError> {
        if let Some(finding) = self.inner.fault.finding() {
            return Err(StoreError::unavailable(finding));
        }
        self.revision().await.map(drop)
    }

    /// Waits until the database as a whole can no longer be trusted, and says why. Nothing more may be served then.
    pub async fn broken(&self) -> String {
        self.inner.fault.ended().await
    }

    /// Finishes the changes that wait, copies the write-ahead log into the file, and takes no more changes.
    pub async fn close(&self) {
        self.inner.writer.close().await;
    }

    /// Runs a query in one consistent view of the database.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut dyn Db) -> engine::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(query).await
    }

    /// Runs a change on the writer and returns when it is on disk. An `Err` undoes it alone; a refusal that is part of
    /// `T` must come before the change's first statement that writes. The change may be run again after it was undone.
    async fn write<T: Send + 'static>(
        &self,
        change: impl Fn(&mut Change<'_>) -> engine::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.write(change).await
    }
}
