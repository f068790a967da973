//! What the processes that use a database tell each other: that there are commits, and what else is said. It goes
//! through the database or, where one is named, through Redis. These are hints: who misses one asks the database every
//! second.

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

/// Things to say that may wait. More are dropped.
const WAITING: usize = 256;

/// What was heard.
pub(in crate::store) enum Heard {
    /// There may be commits of others.
    Commits,
    /// What another process said.
    Said(String),
}

/// The way from one process to the others.
pub(in crate::store) enum Channel {
    Database(Listener),
    Redis(Redis),
}

impl Channel {
    /// Through the Redis server at this URL.
    pub fn redis(url: &str) -> Result<Self, OpenError> {
        Redis::at(url).map(Self::Redis)
    }

    /// Starts to listen, on a thread of its own, until what is returned is dropped. The processes of one history, and no
    /// others, hear each other.
    pub fn start(self, history: &str, heard: impl Fn(Heard) + Send + Sync + 'static) -> Result<Others, OpenError> {
        let unexpected = |error: std::io::Error| OpenError::Unexpected(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unexpected)?;
        let (say, said) = mpsc::channel(WAITING);
        let commits = Arc::new(Notify::new());
        let are_heard = Arc::new(AtomicBool::new(false));
        let to_tell = ToTell { said, commits: Arc::clone(&commits), are_heard: Arc::clone(&are_heard) };
        let commits = matches!(self, Self::Redis(_)).then_some(commits);
        let history = history.to_owned();
        let listening = async move {
            match self {
                Self::Database(listener) => listener.run(to_tell, heard).await,
                Self::Redis(redis) => redis.run(&history, to_tell, heard).await,
            }
        };
        let thread = std::thread::Builder::new().name("store-listener".into());
        thread.spawn(move || runtime.block_on(listening)).map_err(unexpected)?;
        Ok(Others { say, commits, are_heard })
    }
}

/// Where to tell other processes something. Never waits; what cannot be told is dropped.
#[derive(Clone)]
pub(in crate::store) struct Others {
    say: mpsc::Sender<String>,
    /// Nothing where the database tells of its commits.
    commits: Option<Arc<Notify>>,
    /// Whether they are heard.
    are_heard: Arc<AtomicBool>,
}

impl Others {
    /// Whether they are heard now; if not, the database is asked every second.
    pub fn are_heard(&self) -> bool {
        self.are_heard.load(Ordering::Relaxed)
    }

    pub fn say(&self, text: String) {
        // A full queue means that they are not reached.
        let _ = self.say.try_send(text);
    }

    /// This process has committed.
    pub fn committed(&self) {
        if let Some(commits) = &self.commits {
            commits.notify_one();
        }
    }
}

/// What others are to be told.
pub(in crate::store) struct ToTell {
    said: mpsc::Receiver<String>,
    commits: Arc<Notify>,
    are_heard: Arc<AtomicBool>,
}

impl ToTell {
    /// Whether others are heard from now on.
    pub fn set_heard(&self, are_heard: bool) {
        self.are_heard.store(are_heard, Ordering::Relaxed);
    }

    /// The next thing to say; nothing when no more can come.
    pub async fn text(&mut self) -> Option<String> {
        self.said.recv().await
    }

    /// What there is to tell: whether there were commits, and up to `most` texts. Both may be missing after a second.
    /// Nothing when no more can come.
    pub async fn next(&mut self, most: usize) -> Option<(bool, Vec<String>)> {
        let mut texts = Vec::new();
        let waiting = async {
            tokio::select! {
                count = self.said.recv_many(&mut texts, most) => (count > 0).then_some(false),
                () = self.commits.notified() => Some(true),
            }
        };
        let committed = timeout(LOOK, waiting).await.unwrap_or(Some(false))?;
        Some((committed, texts))
    }

    /// Drops what is to be said, until no more can come.
    pub async fn drop_all(&mut self) {
        while self.said.recv().await.is_some() {}
    }
}
