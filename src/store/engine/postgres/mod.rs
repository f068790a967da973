//! PostgreSQL: one connection that changes, a few that read, and one that listens to other processes. Any number of
//! processes may use a database. Their changes come one after the other, each under a lock, so that revisions become
//! visible in their order.

mod address;
mod client;
mod listener;
mod locks;
#[cfg(test)]
mod plans;
mod schema;
#[cfg(test)]
mod scratch;
mod spread;
#[cfg(test)]
mod tests;
mod transfer;
mod values;

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use r2d2::{ManageConnection, Pool};
use scheduled_thread_pool::ScheduledThreadPool;

use super::{Commit, Db, Error, Question, Result, Row, Take};
use crate::store::error::OpenError;
use address::Address;
use client::Client;
use locks::Place;

pub(in crate::store) use listener::Listener;
pub(in crate::store) use transfer::{source, target};

/// Connections that read. With the one that writes and the one that listens they are eight; small plans of hosters
/// allow twenty.
const READERS: u32 = 6;

/// How long to wait for the server after it was lost in the middle of a commit.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Revisions whose commits are kept for processes that lag behind, and after how many older ones are deleted.
const KEPT: i64 = 50_000;
const DELETED_TOGETHER: i64 = 4_096;

const BEGUN: &str = "SELECT revision FROM state WHERE only_row = 1";
const REVISION: &str = "UPDATE state SET revision = $1 WHERE only_row = 1";
const COMMIT: &str = "INSERT INTO commits (revision, previous, node, note) VALUES ($1, $2, $3, $4)";
const FORGET: &str = "DELETE FROM commits WHERE revision <= $1";
/// Each process counts its commits in a separate row, so that it can find out whether the last one was done. The
/// number that PostgreSQL gives a transaction does not tell: after a crash it may be unknown, or another transaction's.
const ENTER: &str = "INSERT INTO processes (node, commits) VALUES ($1, 0)";
const FORGET_OTHERS: &str = "DELETE FROM processes";
const COUNT: &str = "UPDATE processes SET commits = $1 WHERE node = $2";
const COUNTED: &str = "SELECT commits FROM processes WHERE node = $1";
const COMMITS: &str =
    "SELECT previous, revision, note, node = $1 FROM commits WHERE revision > $2 ORDER BY revision LIMIT 500";

/// Opens the database at this URL, creating its tables when there are none and upgrading older ones. `node` is this
/// process's number; `notifies` says whether the database notifies other processes of commits.
pub(in crate::store) fn open(
    url: &str,
    node: i64,
    notifies: bool,
) -> std::result::Result<(PostgresWriter, PostgresReaders, Listener), OpenError> {
    let address = Address::parse(url)?;
    let (mut client, place) = locks::enter(&address)?;
    let entered = enter(&mut client, node, place.is_alone());
    entered.map_err(|error| OpenError::Unexpected(format!("{}: {error}", address.name())))?;
    let readers = PostgresReaders::open(address.clone(), node)?;
    let listener = Listener::new(address.clone(), node);
    let writer = PostgresWriter { address, client, place, node, notifies, previous: 0, commits: 0 };
    Ok((writer, readers, listener))
}

/// Begins to count this process's commits.
fn enter(client: &mut Client, node: i64, is_alone: bool) -> Result<()> {
    let db: &mut dyn Db = client;
    if is_alone {
        db.execute(FORGET_OTHERS, &[])?;
    }
    db.execute(ENTER, &[node.into()]).map(drop)
}

/// The connection that writes.
pub(in crate::store) struct PostgresWriter {
    address: Address,
    client: Client,
    place: Place,
    /// Tells this process's commits from others'.
    node: i64,
    /// Whether the database notifies other processes of a commit.
    notifies: bool,
    /// The last revision before the transaction under way.
    previous: i64,
    /// How many transactions were committed.
    commits: i64,
}

impl PostgresWriter {
    /// Replaces a connection that was lost, or is of no more use.
    fn reconnect(&mut self) -> Result<()> {
        // The server may not know yet that it was given up, and it has the lock.
        self.client.close();
        self.client = locks::enter_again(&self.address, &mut self.place)?;
        Ok(())
    }

    /// Finds out whether the transaction was committed during whose commit the connection was lost. The lock shows that
    /// it has ended, so the answer is final.
    fn settle(&mut self, lost: &str) -> Result<()> {
        let deadline = Instant::now() + SETTLE_PATIENCE;
        loop {
            match self.was_committed() {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Error::Lost(lost.to_owned())),
                Err(error @ Error::Damaged(_)) => return Err(error),
                Err(error) if Instant::now() > deadline => {
                    return Err(Error::Damaged(format!("whether the last changes were stored is unknown: {error}")));
                }
                Err(_) => sleep(PAUSE),
            }
        }
    }

    fn was_committed(&mut self) -> Result<bool> {
        self.reconnect()?;
        self.client.post_one("BEGIN", &[])?;
        self.client.post_one(locks::CHANGE, &[])?;
        let db: &mut dyn Db = &mut self.client;
        let commits: i64 = db.value(COUNTED, &[self.node.into()])?;
        self.client.script("ROLLBACK")?;
        Ok(commits > self.commits)
    }
}

impl super::Writer for PostgresWriter {
    fn begin(&mut self, questions: &[Question<'_>], take: &mut Take<'_>) -> Result<i64> {
        if !self.client.is_open() {
            self.reconnect()?;
        }
        self.client.discard();
        self.client.waits_for_posts = false;
        self.client.post_one("BEGIN", &[])?;
        self.client.post_one(locks::CHANGE, &[])?;
        // Each statement sees what was committed before it began, so these see what the lock was waited for.
        let begun = self.client.ask_all(BEGUN, questions, take)?;
        self.previous = (&begun as &dyn Row).get(0)?;
        Ok(self.previous)
    }

    fn commit(&mut self, revision: i64, note: impl FnOnce() -> String) -> Result<()> {
        if revision != self.previous {
            let note = note();
            let params = [revision.into(), self.previous.into(), self.node.into(), (&note).into()];
            self.client.post_one(COMMIT, &params)?;
            self.client.post_one(REVISION, &[revision.into()])?;
            if self.notifies {
                self.client.post_one(listener::COMMITTED, &[self.node.into()])?;
            }
            if revision / DELETED_TOGETHER != self.previous / DELETED_TOGETHER {
                self.client.post_one(FORGET, &[(revision - KEPT).into()])?;
            }
        }
        self.client.post_one(COUNT, &[(self.commits + 1).into(), self.node.into()])?;
        self.client.post_one("COMMIT", &[])?;
        match self.client.flush() {
            Err(Error::Lost(reason)) => self.settle(&reason)?,
            done => done?,
        }
        self.commits += 1;
        locks::let_others_in(&mut self.client, &mut self.place)
    }

    fn rollback(&mut self) {
        self.client.discard();
        // What a lost connection did is undone by the server.
        let _ = self.client.script("ROLLBACK");
    }

    fn savepoint(&mut self) -> Result<()> {
        self.client.waits_for_posts = true;
        self.client.script("SAVEPOINT job")
    }

    fn release(&mut self, keep: bool) -> Result<()> {
        self.client.script(if keep { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" })
    }

    fn is_alone(&self) -> bool {
        self.place.is_alone()
    }

    fn db(&mut self) -> &mut dyn Db {
        &mut self.client
    }

    fn close(mut self) {
        // The server would find out a little later that the connection is closed.
        let _ = self.client.script("SELECT pg_advisory_unlock_all()");
    }
}

/// Makes connections that read.
struct Connections(Address);

impl ManageConnection for Connections {
    type Connection = Client;
    type Error = Error;

    fn connect(&self) -> Result<Client> {
        Client::connect(&self.0)
    }

    fn is_valid(&self, client: &mut Client) -> Result<()> {
        if client.is_open() { Ok(()) } else { Err(Error::Lost("the server closed the connection".into())) }
    }

    fn has_broken(&self, client: &mut Client) -> bool {
        client.broken()
    }
}

/// A pool of connections that read. Each read sees the commits before it, and never waits for the writer.
pub(in crate::store) struct PostgresReaders {
    pool: Pool<Connections>,
    node: i64,
}

impl PostgresReaders {
    fn open(address: Address, node: i64) -> std::result::Result<Self, OpenError> {
        let name = address.name();
        let pool = Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
            .error_handler(Box::new(Refused))
            .build(Connections(address));
        let pool = pool.map_err(|error| OpenError::Unreachable { name, reason: error.to_string() })?;
        Ok(Self { pool, node })
    }
}

/// Logs why a connection for reading was not made.
#[derive(Debug)]
struct Refused;

impl r2d2::HandleError<Error> for Refused {
    fn handle_error(&self, error: Error) {
        tracing::warn!(%error, "no connection for reading");
    }
}

impl super::Readers for PostgresReaders {
    fn most(&self) -> usize {
        self.pool.max_size() as usize
    }

    fn read(&self, query: &mut dyn FnMut(&mut dyn Db) -> Result<()>) -> Result<()> {
        let mut client = self.pool.get().map_err(|error| Error::Lost(error.to_string()))?;
        client.post_one("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &[])?;
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| query(&mut *client)));
        client.discard();
        // A connection on which that fails is not used again.
        let _ = client.script("ROLLBACK");
        answer.unwrap_or_else(|_| Err(Error::Other("a query panicked".into())))
    }

    fn commits(&self, after: i64) -> Result<Vec<Commit>> {
        let mut client = self.pool.get().map_err(|error| Error::Lost(error.to_string()))?;
        let db: &mut dyn Db = &mut *client;
        db.all(COMMITS, &[self.node.into(), after.into()], |row| {
            Ok(Commit { previous: row.get(0)?, revision: row.get(1)?, note: row.get(2)?, own: row.get(3)? })
        })
    }
}
