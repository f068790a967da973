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

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::config::{Database, Redis};
use engine::Db;
use engine::channel::{Channel, HintSender, Received};
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
    /// The way to other processes.
    others: Option<HintSender>,
}

/// How this process learns of the commits of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelState {
    /// It is notified at once.
    Listening,
    /// It asks the database every second, because the connection for notifications is lost.
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
        Self::open_with(database, None, clock, publish).await
    }

    /// The same, with Redis between the processes that use the database, where there may be several.
    ///
    /// # Errors
    /// As above; Redis need not be there.
    pub async fn open_with(
        database: impl Into<Database>,
        redis: Option<Redis>,
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
                    let node = getrandom::u64().map_err(|error| OpenError::Unexpected(error.to_string()))? as i64;
                    let redis = redis.map(|Redis(url)| Channel::redis(&url, node)).transpose()?;
                    let (writer, readers, listener) = engine::postgres::open(&url, node, redis.is_none())?;
                    let channel = redis.unwrap_or(Channel::Database(listener));
                    Self::on(writer, readers, Some(channel), clock, publish, fault)
                }
            }
        });
        opened.await.unwrap_or_else(|panic| Err(OpenError::Unexpected(panic.to_string())))
    }

    /// Starts the threads that use an open database.
    fn on(
        mut engine: impl engine::Writer + 'static,
        readers: impl engine::Readers + 'static,
        channel: Option<Channel>,
        clock: Clock,
        publish: impl Fn(News) + Clone + Send + Sync + 'static,
        fault: Fault,
    ) -> Result<Self, OpenError> {
        let begun = epochs::enter(&mut engine, &clock);
        let (epoch, revision) = begun.map_err(|error| OpenError::Unexpected(error.to_string()))?;
        let (sessions, commits) = (Arc::new(SessionCache::new()), Arc::new(Notify::new()));
        let readers: Arc<dyn engine::Readers> = Arc::new(readers);
        let (pass_on, committed) = (publish.clone(), Arc::clone(&commits));
        let others = channel.map(|channel| {
            channel.start(&epoch, move |received| match received {
                Received::Commits => committed.notify_one(),
                Received::Hint(hint) => pass_on(News::Hint(hint)),
            })
        });
        let others = others.transpose()?;
        let (engine_readers, cache) = (Arc::clone(&readers), Arc::clone(&sessions));
        let publisher = Publisher::new(engine_readers, cache, publish, revision, commits, others.clone());
        let readers = Readers::new(readers, fault.clone());
        let writer = Writer::start(engine, clock, publisher, fault.clone())?;
        Ok(Self { inner: Arc::new(Inner { readers, writer, sessions, epoch, fault, others }) })
    }

    /// Sends a hint to the other processes that use the database, if there may be any; dropped when they cannot be
    /// reached.
    pub fn send_hint(&self, hint: impl FnOnce() -> String) {
        if let Some(others) = &self.inner.others {
            others.send(hint());
        }
    }

    /// How this process learns of the commits of others; nothing where there can be none.
    pub fn channel_state(&self) -> Option<ChannelState> {
        let others = self.inner.others.as_ref()?;
        Some(if others.is_connected() { ChannelState::Listening } else { ChannelState::Polling })
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
