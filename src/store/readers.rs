//! A pool of read-only connections on blocking threads. Readers see the last commit and never wait for the writer.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};
use scheduled_thread_pool::ScheduledThreadPool;
use tokio::sync::{Semaphore, watch};

use super::error::{OpenError, StoreError, is_fatal};
use super::file;
use super::recent::{Recent, View};

/// Connections in the pool, at most. Reads are short and mostly from memory: as many at once as there are cores take as long,
/// and more of them would only take the cores from those who send.
const MOST_CONNECTIONS: usize = 4;

pub(super) struct Readers {
    pool: Pool<SqliteConnectionManager>,
    recent: Arc<Recent>,
    /// As many turns as connections: waiting happens here, without holding a thread.
    turns: Arc<Semaphore>,
    report: watch::Sender<Option<String>>,
}

impl Readers {
    pub fn open(path: &Path, recent: Arc<Recent>, report: watch::Sender<Option<String>>) -> Result<Self, OpenError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let connections = cores.min(MOST_CONNECTIONS);
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path).with_flags(access).with_init(|conn| file::configure(conn));
        let pool = Pool::builder()
            .max_size(connections as u32)
            .min_idle(Some(1))
            // A local file needs no query at every checkout to know that it is there, nor connections renewed.
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(Duration::from_secs(5))
            .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
            .build(manager)
            .map_err(|error| OpenError::Unexpected(error.to_string()))?;
        Ok(Self { pool, recent, turns: Arc::new(Semaphore::new(connections)), report })
    }

    /// Runs `query` in a read transaction, so that all its statements see the same commit.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&View<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(StoreError::unavailable)?;
        let (pool, recent) = (self.pool.clone(), Arc::clone(&self.recent));
        let report = self.report.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let conn = pool.get().map_err(StoreError::unavailable)?;
            let answer = Transaction::begin(&conn).and_then(|_until_read| query(&View::of_reader(&conn, &recent)));
            answer.map_err(|error| {
                if is_fatal(&error) {
                    report.send_replace(Some(error.to_string()));
                }
                StoreError::from(error)
            })
        });
        answer.await.map_err(StoreError::unavailable)?
    }
}

/// A read transaction, until it is dropped. Its statements are prepared once; rusqlite's own are each time.
struct Transaction<'c>(&'c Connection);

impl<'c> Transaction<'c> {
    fn begin(conn: &'c Connection) -> rusqlite::Result<Self> {
        conn.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(conn))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // An error that ended the transaction by itself leaves nothing to end.
        let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
    }
}
