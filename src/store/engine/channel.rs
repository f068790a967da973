//! What the processes that use a database send each other: that there are commits, and other hints. It goes through the
//! database or, where one is named, through Redis. Who misses a hint asks the database every second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

use super::postgres::Listener;
use super::redis::Redis;
use crate::store::error::OpenError;

/// Between two looks at the database.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// Hints that may wait to be sent. More are dropped.
const WAITING: usize = 256;

/// What was received.
pub(in crate::store) enum Received {
    /// There may be commits of others.
    Commits,
    Hint(String),
}

impl Received {
    /// Reads a payload: a process sends its number when it has committed, or a hint, which is no number. Nothing for
    /// this process's own commits.
    pub(super) fn parse(payload: &str, own: i64) -> Option<Self> {
        match payload.parse::<i64>() {
            Ok(node) => (node != own).then_some(Self::Commits),
            Err(_) => Some(Self::Hint(payload.to_owned())),
        }
    }
}

/// The way from one process to the others.
pub(in crate::store) enum Channel {
    Database(Listener),
    Redis(Redis),
}

impl Channel {
    /// Through the Redis server at this URL. `node` is this process's number.
    pub fn redis(url: &str, node: i64) -> Result<Self, OpenError> {
        Redis::at(url, node).map(Self::Redis)
    }

    /// Starts to listen, on a separate thread, until what is returned is dropped. The processes of one history, and no
    /// others, receive what is sent.
    pub fn start(
        self,
        history: &str,
        receive: impl Fn(Received) + Send + Sync + 'static,
    ) -> Result<HintSender, OpenError> {
        let unexpected = |error: std::io::Error| OpenError::Unexpected(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unexpected)?;
        let (hints, waiting) = mpsc::channel(WAITING);
        let (commits, connected) = (Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let outgoing = Outgoing { hints: waiting, commits: Arc::clone(&commits), connected: Arc::clone(&connected) };
        let commits = matches!(self, Self::Redis(_)).then_some(commits);
        let history = history.to_owned();
        let listening = async move {
            match self {
                Self::Database(listener) => listener.run(outgoing, receive).await,
                Self::Redis(redis) => redis.run(&history, outgoing, receive).await,
            }
        };
        let thread = std::thread::Builder::new().name("store-listener".into());
        thread.spawn(move || runtime.block_on(listening)).map_err(unexpected)?;
        Ok(HintSender { hints, commits, connected })
    }
}

/// Sends to other processes. Never waits; what cannot be sent is dropped.
#[derive(Clone)]
pub(in crate::store) struct HintSender {
    hints: mpsc::Sender<String>,
    /// Nothing where the database itself notifies others of commits.
    commits: Option<Arc<Notify>>,
    connected: Arc<AtomicBool>,
}

impl HintSender {
    /// Whether others are reached now; if not, the database is asked every second.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    pub fn send(&self, hint: String) {
        // A full queue means that others are not reached.
        let _ = self.hints.try_send(hint);
    }

    /// This process has committed.
    pub fn committed(&self) {
        if let Some(commits) = &self.commits {
            commits.notify_one();
        }
    }
}

/// What waits to be sent.
pub(in crate::store) struct Outgoing {
    hints: mpsc::Receiver<String>,
    commits: Arc<Notify>,
    connected: Arc<AtomicBool>,
}

impl Outgoing {
    pub fn set_connected(&self, connected: bool) {
        self.connected.store(connected, Ordering::Relaxed);
    }

    /// The next hint; nothing when no more can come.
    pub async fn hint(&mut self) -> Option<String> {
        self.hints.recv().await
    }

    /// Whether there were commits, and up to `most` hints. Both may be missing after a second. Nothing when no more can
    /// come.
    pub async fn next(&mut self, most: usize) -> Option<(bool, Vec<String>)> {
        let mut hints = Vec::new();
        let waiting = async {
            tokio::select! {
                count = self.hints.recv_many(&mut hints, most) => (count > 0).then_some(false),
                () = self.commits.notified() => Some(true),
            }
        };
        let committed = timeout(LOOK, waiting).await.unwrap_or(Some(false))?;
        Some((committed, hints))
    }

    /// Drops what waits, until no more can come.
    pub async fn discard_all(&mut self) {
        while self.hints.recv().await.is_some() {}
    }
}
