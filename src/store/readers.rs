//! A pool of read-only connections on blocking threads. Readers see the last commit and never wait for the writer.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::yield_now;
use std::time::Duration;

use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags};
use scheduled_thread_pool::ScheduledThreadPool;
use tokio::sync::{oneshot, watch};

use super::error::{OpenError, StoreError, is_fatal};
use super::file;
use super::recent::{Recent, View};

/// Connections in the pool, at most. Reads are short and mostly from memory: as many at once as there are cores take as long,
/// and more of them would only take the cores from those who send.
const MOST_CONNECTIONS: usize = 4;

/// A query that waits, with the one who waits for it.
type Query = Box<dyn FnOnce(&Shared) + Send>;

pub(super) struct Readers(Arc<Shared>);

/// What the threads at work share.
struct Shared {
    pool: Pool<SqliteConnectionManager>,
    recent: Arc<Recent>,
    report: watch::Sender<Option<String>>,
    queue: Mutex<Queue>,
}

/// What waits, so that no thread is held by waiting.
struct Queue {
    waiting: VecDeque<Query>,
    /// Threads at work; each takes one query after the other until none is left.
    working: usize,
    /// As many as connections.
    most: usize,
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
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), working: 0, most: connections });
        Ok(Self(Arc::new(Shared { pool, recent, report, queue })))
    }

    /// Runs `query` in a read transaction, so that all its statements see the same commit.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&View<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.put(Box::new(move |shared| {
            // The one who asked may have gone, now or before.
            if !answer.is_closed() {
                let _ = answer.send(shared.run(query));
            }
        }));
        answered.await.map_err(StoreError::unavailable)?
    }

    fn put(&self, query: Query) {
        let mut queue = self.0.queue();
        queue.waiting.push_back(query);
        if queue.working < queue.most {
            queue.working += 1;
            let shared = Arc::clone(&self.0);
            tokio::task::spawn_blocking(move || shared.work());
        }
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what waits until nothing does. A query that panics ends alone.
    fn work(&self) {
        while let Some(query) = self.next() {
            let _ = catch_unwind(AssertUnwindSafe(|| query(self)));
            // Those who send come between, where they wait for this core.
            yield_now();
        }
    }

    fn next(&self) -> Option<Query> {
        let mut queue = self.queue();
        let next = queue.waiting.pop_front();
        queue.working -= usize::from(next.is_none());
        next
    }

    fn run<T>(&self, query: impl FnOnce(&View<'_>) -> rusqlite::Result<T>) -> Result<T, StoreError> {
        let conn = self.pool.get().map_err(StoreError::unavailable)?;
        let answer = Transaction::begin(&conn).and_then(|_until_read| query(&View::of_reader(&conn, &self.recent)));
        answer.map_err(|error| {
            if is_fatal(&error) {
                self.report.send_replace(Some(error.to_string()));
            }
            StoreError::from(error)
        })
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Instant;

    use futures_util::future::try_join_all;
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::store::{Store, sync};

    /// A store, as many connections as read it at the most, and the folder it is in.
    async fn store() -> (Store, usize, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), |_| {}).await.unwrap();
        let connections = store.inner.readers.0.pool.max_size() as usize;
        (store, connections, folder)
    }

    #[tokio::test]
    async fn a_query_that_panics_ends_alone() {
        let (store, connections, _folder) = store().await;
        for _ in 0..2 * connections {
            let panics = store.read(|_| -> rusqlite::Result<()> { panic!("on purpose") });
            let (panicked, read) = tokio::join!(panics, store.read(|view| sync::revision(view)));
            assert!(panicked.is_err() && read.is_ok());
        }
        store.close().await;
    }

    #[tokio::test]
    async fn each_is_answered_and_as_many_are_read_at_once_as_there_are_connections() {
        let (store, connections, _folder) = store().await;
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let begun = Instant::now();
        let reads = (0..100).map(|number| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            store.read(move |_| {
                most.fetch_max(1 + now.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
                // The first ones wait for each other.
                while most.load(Ordering::SeqCst) < connections && begun.elapsed() < Duration::from_secs(10) {
                    yield_now();
                }
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(number)
            })
        });
        assert_eq!(try_join_all(reads).await.unwrap(), Vec::from_iter(0..100));
        assert_eq!(most.load(Ordering::SeqCst), connections);
        store.close().await;
    }

    #[tokio::test]
    async fn nothing_is_read_for_those_who_have_gone() {
        let (store, connections, _folder) = store().await;
        let (hold, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let holding = (0..connections).map(|_| {
            let held = Arc::clone(&held);
            store.read(move |_| Ok(held.lock().unwrap().recv().is_ok()))
        });
        let read = Arc::new(AtomicUsize::new(0));
        let gone = tokio::time::timeout(Duration::from_millis(20), {
            let read = Arc::clone(&read);
            store.read(move |_| Ok(read.fetch_add(1, Ordering::SeqCst)))
        });
        let leave = async {
            assert!(gone.await.is_err(), "all connections are held");
            (0..connections).for_each(|_| hold.send(()).unwrap());
        };
        let (all, ()) = tokio::join!(try_join_all(holding), leave);
        assert_eq!(all.unwrap(), vec![true; connections]);
        store.read(|_| Ok(())).await.unwrap();
        assert_eq!(read.load(Ordering::SeqCst), 0);
        store.close().await;
    }
}
