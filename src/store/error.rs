//! What can go wrong with the database, in words for the operator. Domain refusals (a name taken, no such recipient)
//! are separate types, next to the method that returns them.

use std::path::PathBuf;
use std::sync::Arc;

use super::engine::Error;

/// Why a question got no answer. The cause is for the log, never for the caller of the API.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The queue of changes is full; the same request may succeed a moment later.
    #[error("too many changes are waiting to be written")]
    Overloaded,
    /// The file could not be read or written. The change may or may not be there: repeating it with the same key makes
    /// sure.
    #[error("the database cannot answer: {0}")]
    Unavailable(Arc<str>),
    /// What was asked for is damaged in the database; the rest is not.
    #[error("what was asked for is damaged in the database")]
    Damaged,
}

impl StoreError {
    pub(super) fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self::Unavailable(cause.to_string().into())
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::DamagedConversation(_) => Self::Damaged,
            other => Self::unavailable(other),
        }
    }
}

/// Why a database file was not opened. Each is one line for the person who started the program.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot write the database {}: {reason}", path.display())]
    NotWritable { path: PathBuf, reason: std::io::Error },
    #[error("the database {0} is in use by another chinwag")]
    InUse(String),
    #[error("{} is not a database; move it away or name another file", .0.display())]
    NotADatabase(PathBuf),
    #[error("{0} is the database of another program; name another one")]
    Foreign(String),
    #[error(
        "the database {name} was made by a newer chinwag (schema {found}, this program knows up to {known}); \
         install the newer program"
    )]
    Newer { name: String, found: i64, known: i64 },
    #[error("the database {} is damaged ({finding}); restore a backup", path.display())]
    Damaged { path: PathBuf, finding: String },
    #[error("this program was built with SQLite {0}, which can damage a database; 3.51.3 or newer is needed")]
    OldSqlite(&'static str),
    #[error("cannot upgrade the database {name}: {reason}")]
    Upgrade { name: String, reason: String },
    #[error("cannot use the address of the database: {0}")]
    Address(String),
    #[error("cannot use the address of Redis: {0}")]
    Redis(String),
    #[error("cannot reach the database {name}: {reason}")]
    Unreachable { name: String, reason: String },
    #[error("cannot open the database: {0}")]
    Unexpected(String),
}
