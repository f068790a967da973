//! PostgreSQL: one connection that changes, a few that read. One process at a time uses a database: its writing
//! connection holds a lock for as long as it lives, so that losing the connection also ends the right to write.

mod address;
mod client;
#[cfg(test)]
mod plans;
mod schema;
#[cfg(test)]
mod scratch;
mod spread;
mod values;

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use r2d2::{ManageConnection, Pool};
use scheduled_thread_pool::ScheduledThreadPool;

use super::{Db, Error, Question, Result, Row, Take};
use crate::store::error::OpenError;
use address::Address;
use client::Client;

/// Connections that read. With the one that writes they are eight; small plans of hosters allow twenty.
const READERS: u32 = 7;

/// How long to wait at start for the server, and for another process to end: a new release starts while the old one
/// still stops.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait for the server after it was lost in the middle of a commit.
const SETTLE_PATIENCE: Duration = Duration::from_secs(30);

/// How long a lost connection's lock may outlive it.
const LOCK_PATIENCE: Duration = Duration::from_secs(15);

/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(100);

/// Kept by the process that uses this schema of the database ("Chin", and which schema).
const LOCK: &str = "SELECT pg_try_advisory_lock(1130916206,
       (SELECT oid::int4 FROM pg_namespace WHERE nspname = current_schema()))";
/// The last revision, and the transaction's number.
const BEGUN: &str = "SELECT revision, pg_current_xact_id()::text FROM state WHERE only_row = 1";
/// Every transaction writes this row, so that it says which was committed last. A number alone does not: a server that
/// crashed may give it to another transaction.
const NOTE: &str = "UPDATE state SET revision = $1 WHERE only_row = 1";
const COMMITTED: &str = "SELECT xmin = CAST(CAST(CAST($1 AS text) AS xid8) AS xid) FROM state WHERE only_row = 1";

/// Opens the database at this URL, creating its tables when there are none and upgrading older ones.
pub(in crate::store) fn open(url: &str) -> std::result::Result<(PostgresWriter, PostgresReaders), OpenError> {
    let address = Address::parse(url)?;
    let name = address.name();
    let mut client = first_connection(&address)?;
    schema::bring_up(&mut client, &name)?;
    let readers = PostgresReaders::open(address.clone())?;
    Ok((PostgresWriter { address, client, last: None, transaction: None }, readers))
}

/// The connection that writes, once there is a server and nobody else uses the database.
fn first_connection(address: &Address) -> std::result::Result<Client, OpenError> {
    let (name, deadline) = (address.name(), Instant::now() + START_PATIENCE);
    let mut waits = false;
    loop {
        let error = match Client::connect(address).and_then(|mut client| Ok((lock(&mut client)?, client))) {
            Ok((Some(true), client)) => return Ok(client),
            Ok((Some(false), _)) => OpenError::InUse(name.clone()),
            Ok((None, _)) => return Err(OpenError::Address("the search_path names no schema that exists".into())),
            Err(Error::Lost(reason)) => OpenError::Unreachable { name: name.clone(), reason },
            Err(error) => return Err(OpenError::Unreachable { name, reason: error.to_string() }),
        };
        if Instant::now() > deadline {
            return Err(error);
        }
        if !std::mem::replace(&mut waits, true) {
            tracing::warn!(%error, "waiting for the database");
        }
        sleep(PAUSE);
    }
}

/// Whether this process may write now; nothing where there is no schema.
fn lock(client: &mut Client) -> Result<Option<bool>> {
    (client as &mut dyn Db).value(LOCK, &[])
}

/// The connection that writes.
pub(in crate::store) struct PostgresWriter {
    address: Address,
    client: Client,
    /// The last revision: nobody else gives out any.
    last: Option<i64>,
    /// The number of the transaction under way.
    transaction: Option<String>,
}

impl PostgresWriter {
    /// Replaces a connection that was lost, or is of no more use.
    fn reconnect(&mut self) -> Result<()> {
        // The server may not know yet that it was given up, and it has the lock.
        self.client.close();
        let mut client = Client::connect(&self.address)?;
        let deadline = Instant::now() + LOCK_PATIENCE;
        while lock(&mut client)? != Some(true) {
            if Instant::now() > deadline {
                return Err(Error::Damaged("another chinwag uses the database".into()));
            }
            sleep(PAUSE);
        }
        self.client = client;
        Ok(())
    }

    /// Finds out whether the transaction was committed during whose commit the connection was lost. Nobody else changes
    /// anything meanwhile, and the lock shows that the lost connection has ended, so the answer is final.
    fn settle(&mut self, lost: String) -> Result<()> {
        let transaction = self.transaction.take().unwrap_or_default();
        let deadline = Instant::now() + SETTLE_PATIENCE;
        loop {
            let asked = self.reconnect();
            match asked.and_then(|()| (&mut self.client as &mut dyn Db).value(COMMITTED, &[(&transaction).into()])) {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Error::Lost(lost)),
                Err(error @ Error::Damaged(_)) => return Err(error),
                Err(error) if Instant::now() > deadline => {
                    return Err(Error::Damaged(format!("whether the last changes were stored is unknown: {error}")));
                }
                Err(_) => sleep(PAUSE),
            }
        }
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
        let begun = self.client.ask_all(BEGUN, questions, take)?;
        let (revision, transaction) = ((&begun as &dyn Row).get(0)?, (&begun as &dyn Row).get(1)?);
        if self.last.is_some_and(|last| last != revision) {
            return Err(Error::Damaged(format!("the revision is {revision}: somebody else changed the database")));
        }
        (self.last, self.transaction) = (Some(revision), Some(transaction));
        Ok(revision)
    }

    fn commit(&mut self, revision: i64) -> Result<()> {
        self.client.post_one(NOTE, &[revision.into()])?;
        self.client.post_one("COMMIT", &[])?;
        match self.client.flush() {
            Err(Error::Lost(reason)) => self.settle(reason)?,
            done => done?,
        }
        self.last = Some(revision);
        Ok(())
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
}

impl PostgresReaders {
    fn open(address: Address) -> std::result::Result<Self, OpenError> {
        let name = address.name();
        let pool = Pool::builder()
            .max_size(READERS)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
            .error_handler(Box::new(Refused))
            .build(Connections(address));
        let pool = pool.map_err(|error| OpenError::Unreachable { name, reason: error.to_string() })?;
        Ok(Self { pool })
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
}
