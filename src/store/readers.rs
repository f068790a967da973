//! Reads, on blocking threads: as many at once as the engine has connections, so that no thread is held by waiting.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::engine::{self, Db};
use super::error::StoreError;
use super::fault::Fault;

pub(super) struct Readers {
    engine: Arc<dyn engine::Readers>,
    /// A permit for each connection.
    free: Arc<Semaphore>,
    fault: Fault,
}

impl Readers {
    pub fn new(engine: Arc<dyn engine::Readers>, fault: Fault) -> Self {
        let free = Arc::new(Semaphore::new(engine.most()));
        Self { engine, free, fault }
    }

    /// Runs `query` in a read transaction, so that all its statements see the same commit. If the caller stops waiting
    /// before it begins, it does not run.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&mut dyn Db) -> engine::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(StoreError::unavailable)?;
        let (engine, fault) = (Arc::clone(&self.engine), self.fault.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let (mut query, mut found) = (Some(query), None);
            let done = engine.read(&mut |db| {
                found = query.take().map(|query| query(db)).transpose()?;
                Ok(())
            });
            drop(permit);
            done.inspect_err(|error| fault.met_reading(error))?;
            found.ok_or_else(|| StoreError::unavailable("the query was not run"))
        });
        reading.await.map_err(StoreError::unavailable)?
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, mpsc};
    use std::thread::yield_now;
    use std::time::{Duration, Instant};

    use futures_util::future::try_join_all;
    use tempfile::TempDir;

    use super::*;
    use crate::clock::Clock;
    use crate::store::{Store, sync};

    /// A store, its number of reading connections, and the folder it is in.
    async fn store() -> (Store, usize, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("chat.db"), Clock::system(), |_| {}).await.unwrap();
        let connections = store.inner.readers.engine.most();
        (store, connections, folder)
    }

    #[tokio::test]
    async fn a_query_that_panics_ends_alone() {
        let (store, connections, _folder) = store().await;
        for _ in 0..2 * connections {
            let panics = store.read(|_| -> engine::Result<()> { panic!("on purpose") });
            let (panicked, read) = tokio::join!(panics, store.read(sync::revision_of));
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
    async fn nothing_is_read_for_callers_that_have_gone() {
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
