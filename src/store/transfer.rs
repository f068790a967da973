//! Moving everything from one database to another, with ids, revisions, logins and all else as it is.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::engine::transfer::{Source, Target, run};
use super::engine::{postgres, sqlite};
use super::{MoveError, OpenError};
use crate::config::Database;

pub use super::engine::transfer::Progress;

/// How much was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    pub people: u64,
    pub conversations: u64,
    pub messages: u64,
}

/// Moves everything to a database that is empty; nobody may use either meanwhile. The old one is left as it is.
///
/// # Errors
/// Nothing is left at `to` then, nor where `stop` becomes true.
pub fn move_all(
    from: &Database,
    to: &Database,
    stop: &Arc<AtomicBool>,
    report: &mut dyn FnMut(Progress),
) -> Result<Moved, MoveError> {
    let tables = sqlite::tables().map_err(|error| OpenError::Unexpected(error.to_string()))?;
    let mut source: Box<dyn Source> = match from {
        Database::File(path) => sqlite::source(path, stop)?,
        Database::Postgres(url) => postgres::source(url, stop)?,
    };
    let target: Box<dyn Target> = match to {
        Database::File(path) => sqlite::target(path, stop)?,
        Database::Postgres(url) => postgres::target(url, stop)?,
    };
    let rows = run(&tables, source.as_mut(), target, stop, report)?;
    let moved =
        |name: &str| tables.iter().zip(&rows).find(|(table, _)| table.name == name).map_or(0, |(_, rows)| *rows);
    Ok(Moved { people: moved("users"), conversations: moved("conversations"), messages: moved("messages") })
}
