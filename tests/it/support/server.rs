//! The server in the test process, on a free port, with a clock that a test can advance and a database of its own: a
//! file in a temporary folder or, under `tests/postgres`, tables of a PostgreSQL server.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chinwag::app::App;
use chinwag::clock::{Clock, Timestamp};
use chinwag::config::{Config, Database, Signup, Timeouts};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::caller::Caller;
use super::{database, postgres, soon};

pub struct Server {
    pub address: SocketAddr,
    pub app: App,
    folder: Arc<TempDir>,
    /// The offset of the server's clock from the system clock, in microseconds.
    shift: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with changes to the default configuration.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(free_port().await, change).await
    }

    /// Starts on a listener with special settings, which its connections inherit.
    pub async fn start_on(listener: TcpListener, change: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let mut config = Config {
            database: postgres::database().unwrap_or_else(|| folder.path().join("chat.db").into()),
            redis: None,
            messages_to_load: 15,
            signup: Signup::Open,
            edit_window: Duration::from_secs(15 * 60),
            trusted_proxies: 0,
            force_https: false,
            ephemeral_disk: false,
            max_connections: 1_000,
            timeouts: Timeouts::default(),
        };
        change(&mut config);
        Self::open(folder, config, listener).await
    }

    /// A second process's server on the same database, if the database takes several.
    pub async fn beside(&self) -> Option<Self> {
        match self.app.config.database {
            Database::File(_) => None,
            Database::Postgres(_) => {
                Some(Self::open(Arc::clone(&self.folder), self.app.config.clone(), free_port().await).await)
            }
        }
    }

    async fn open(folder: Arc<TempDir>, config: Config, listener: TcpListener) -> Self {
        let shift = Arc::new(AtomicI64::new(0));
        let (system, by) = (Clock::system(), Arc::clone(&shift));
        let clock = Clock::new(move || Timestamp::from_micros(system.now().as_micros() + by.load(Ordering::Relaxed)));
        let address = listener.local_addr().unwrap();
        let app = App::open(config, clock).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = chinwag::server::run(listener, app.clone(), async {
            // A server that is dropped by its test stops as well.
            let _ = stopped.await;
        });
        let done = tokio::spawn(serving);
        Self { address, app, folder, shift, stop, done }
    }

    /// Stops as at SIGTERM and waits until everything is released.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        soon("the server stops", self.done).await.unwrap();
    }

    /// Stops, and starts again with the same file, on another port.
    pub async fn restart(self) -> Self {
        let (folder, config) = (Arc::clone(&self.folder), self.app.config.clone());
        self.stop().await;
        Self::open(folder, config, free_port().await).await
    }

    /// The database's file, if it is one.
    pub fn file(&self) -> Option<PathBuf> {
        match &self.app.config.database {
            Database::File(path) => Some(path.clone()),
            Database::Postgres(_) => None,
        }
    }

    /// Advances the server's clock.
    pub fn advance(&self, by: Duration) {
        self.shift.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }

    /// A client without a login.
    pub fn stranger(&self) -> Caller {
        Caller::new(self.address)
    }

    /// A person with an account but without a password, which takes no time to make.
    pub async fn enter(&self, name: &str) -> Caller {
        database::enter(&self.app.store, name).await.at(self.address)
    }

    /// Makes an account and logs it in.
    pub async fn sign_up(&self, name: &str) -> Caller {
        self.stranger().sign_up(name).await
    }
}

async fn free_port() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}
