//! What can be set, as plain values; `cli` reads them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// All settings of the server.
#[derive(Clone, Debug)]
pub struct Config {
    pub database: Database,
    /// What carries hints between the processes that use a PostgreSQL database, instead of the database itself.
    pub redis: Option<Redis>,
    /// Messages a page shows when a conversation is opened.
    pub messages_to_load: usize,
    pub signup: Signup,
    /// How long after sending it a message may be edited.
    pub edit_window: Duration,
    /// How many proxies in front are trusted about the client's address and scheme and our host: that many entries of
    /// `X-Forwarded-For`, `-Proto` and `-Host` are counted from the right. With none, the headers are ignored.
    pub trusted_proxies: usize,
    /// Whether a request that came over plain HTTP is sent to HTTPS.
    pub force_https: bool,
    /// Whether the disk is known to be emptied now and then, so that people must be warned.
    pub ephemeral_disk: bool,
    /// Connections at the same time; one more is refused.
    pub max_connections: usize,
    pub timeouts: Timeouts,
}

/// Where everything is stored.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// SQLite's file.
    File(PathBuf),
    /// The URL of a PostgreSQL database, which may hold a password.
    Postgres(String),
}

impl From<PathBuf> for Database {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(_) => write!(f, "postgres://…"),
        }
    }
}

/// The URL of a Redis server, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Redis(pub String);

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "redis://…")
    }
}

/// Whether strangers may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Signup {
    Open,
    Closed,
}

/// How long clients may take. The defaults suit the open internet and Heroku's router.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// From connecting to the end of the first request's head.
    pub first_head: Duration,
    /// From the end of one response to the end of the next request's head. Heroku's router keeps connections for 90 s
    /// and its users see errors when the server closes sooner.
    pub idle: Duration,
    /// For a whole request body.
    pub body: Duration,
    /// Between two pings to a WebSocket; one that has sent nothing since the last is closed. Heroku cuts silent ones at
    /// 55 s.
    pub ping: Duration,
    /// How often to store when people were last seen.
    pub last_seen: Duration,
    /// For one frame to leave to a WebSocket that does not read.
    pub frame: Duration,
    /// For sent data to be acknowledged by the client's system (TCP); then the connection is closed.
    pub unread: Duration,
    /// From the request to stop until connections that have not ended are cut.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            first_head: Duration::from_secs(10),
            idle: Duration::from_secs(95),
            body: Duration::from_secs(20),
            ping: Duration::from_secs(25),
            last_seen: Duration::from_secs(10),
            frame: Duration::from_secs(10),
            unread: Duration::from_secs(30),
            drain: Duration::from_secs(8),
        }
    }
}
