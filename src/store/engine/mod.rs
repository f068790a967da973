//! The interface between the store, which states in SQL what it needs, and the database that runs it. One SQL text for
//! all engines: parameters are `$1`, `$2`, … and first appear in that order, booleans are 0 and 1, no text holds
//! U+0000. Everything here blocks, so it is called on separate threads. Must not know what the SQL means.

pub(super) mod channel;
pub(super) mod postgres;
mod redis;
mod row;
mod schema;
pub(super) mod sqlite;
#[cfg(test)]
mod statements;
mod tls;
pub(super) mod transfer;

pub(super) use row::{Columns, FromValue, Row, Value, ValueRef};

/// Why the engine could not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// A constraint of the schema was violated. The store checks before it writes, so this is a race or a bug.
    #[error("not unique: {0}")]
    Unique(String),
    /// Nothing was changed; the same again may succeed.
    #[error("try again: {0}")]
    Retry(String),
    /// The connection is gone, and with it everything since `begin`: nothing was committed. The next one is a new one.
    #[error("no connection to the database: {0}")]
    Lost(String),
    /// What is stored can no longer be trusted, or a write may have been lost: the program ends.
    #[error("damaged: {0}")]
    Damaged(String),
    /// One conversation is damaged; everything else is served.
    #[error("a conversation is damaged: {0}")]
    DamagedConversation(String),
    #[error("{0}")]
    Other(String),
}

pub(super) type Result<T> = std::result::Result<T, Error>;

/// The same question for each of several sets of parameters.
pub(super) struct Question<'v> {
    pub sql: &'static str,
    pub each: Vec<Vec<Value<'v>>>,
}

/// Takes one row of an answer: which question it answers, for which set of its parameters, and the row.
pub(super) type Take<'t> = dyn FnMut(usize, usize, &dyn Row) -> Result<()> + 't;

/// A connection in a transaction: all its answers are of one moment.
pub(super) trait Db {
    /// Runs a query, and passes each row to `take`.
    fn rows(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()>;

    /// Changes something; returns the number of rows.
    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<usize>;

    /// Asks the same for each of these sets of parameters at once; `take` gets the number of the set, and a row.
    fn ask(&mut self, question: &Question<'_>, take: &mut dyn FnMut(usize, &dyn Row) -> Result<()>) -> Result<()>;

    /// Changes something for each of these sets of parameters. Whether it worked is known with the next answer or the
    /// commit, so that many changes need not be waited for one by one.
    fn post(&mut self, sql: &'static str, each: &[Vec<Value<'_>>]) -> Result<()>;
}

impl dyn Db + '_ {
    /// All rows of an answer.
    pub fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        mut read: impl FnMut(&dyn Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.rows(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The only row of an answer, if there is one.
    pub fn first<T>(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        read: impl FnMut(&dyn Row) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, params, read)?.into_iter().next())
    }

    /// The one value that a query always gives.
    pub fn value<T: FromValue>(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<T> {
        self.first(sql, params, |row| row.get(0))?.ok_or_else(|| Error::Other(format!("no answer: {sql}")))
    }
}

/// A commit, as every process that uses the database finds it.
pub(super) struct Commit {
    /// The last revision before it, and the last it gave out.
    pub previous: i64,
    pub revision: i64,
    /// Whom it concerns, in the words of the process that made it.
    pub note: String,
    /// Whether that was this process.
    pub own: bool,
}

/// The connection that changes things.
pub(super) trait Writer: Send {
    /// Begins a transaction in which nobody else changes anything, asks these questions at once, and returns the last
    /// revision.
    fn begin(&mut self, questions: &[Question<'_>], take: &mut Take<'_>) -> Result<i64>;

    /// Stores the last revision given out and commits. After `Ok` it is on disk. If there is a new revision, other
    /// processes find the note with it.
    fn commit(&mut self, revision: i64, note: impl FnOnce() -> String) -> Result<()>;

    /// Undoes everything since `begin`; harmless where nothing has begun.
    fn rollback(&mut self);

    /// Marks a point to which `release` can return.
    fn savepoint(&mut self) -> Result<()>;

    /// Ends the last savepoint, and keeps or undoes what was done since.
    fn release(&mut self, keep: bool) -> Result<()>;

    /// Whether no other process uses the database. Others can only after the first commit.
    fn is_alone(&self) -> bool;

    /// The transaction under way.
    fn db(&mut self) -> &mut dyn Db;

    /// Finishes what can wait until the end, and closes the database.
    fn close(self)
    where
        Self: Sized;
}

/// Connections that read.
pub(super) trait Readers: Send + Sync {
    /// How many may read at once.
    fn most(&self) -> usize;

    /// Runs a query in a separate transaction.
    fn read(&self, query: &mut dyn FnMut(&mut dyn Db) -> Result<()>) -> Result<()>;

    /// The next commits of all processes after this revision, in their order; at most some hundred.
    fn commits(&self, after: i64) -> Result<Vec<Commit>>;
}
