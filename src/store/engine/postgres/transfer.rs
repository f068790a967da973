//! A PostgreSQL database as the source or the target of a move: one transaction in either case.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio_postgres::Error as PostgresError;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use super::address::Address;
use super::client::Client;
use super::{PAUSE, locks, schema};
use crate::store::engine::schema::{STEPS, latest};
use crate::store::engine::transfer::{Feed, MoveError, Source, Stop, Table, Take, Target};
use crate::store::engine::{Error, Result};
use crate::store::error::OpenError;

/// How long to wait for the lock of a move that was just killed.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// A large table takes longer than any request.
const UNHURRIED: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// Lets the server notice within a statement that this program was killed; older ones than PostgreSQL 14 cannot.
const NOTICES_KILLS: &str = "SET client_connection_check_interval = '1s'";

/// A database in a transaction.
struct Database {
    client: Client,
    stop: Stop,
}

/// Opens a database of the current schema, which nobody may use meanwhile.
pub(in crate::store) fn source(url: &str, stop: &Stop) -> std::result::Result<Box<dyn Source>, MoveError> {
    let (address, mut client) = connect(url, stop)?;
    let (name, known) = (address.name(), latest(STEPS));
    match schema::found(&mut client, &name)? {
        0 => return Err(MoveError::Nothing(name)),
        version if version < known => return Err(MoveError::Older(name)),
        version if version > known => return Err(OpenError::Newer { name, found: version, known }.into()),
        _ => {}
    }
    let begun = client.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    begun.map_err(|error| failed(&name, &error))?;
    Ok(Box::new(Database { client, stop: Stop::clone(stop) }))
}

/// Begins to fill a database without tables.
pub(in crate::store) fn target(url: &str, stop: &Stop) -> std::result::Result<Box<dyn Target>, MoveError> {
    let (address, mut client) = connect(url, stop)?;
    let name = address.name();
    match schema::found(&mut client, &name) {
        Ok(0) => {}
        Ok(_) | Err(OpenError::Foreign(_)) => return Err(MoveError::NotEmpty(format!("the database {name}"))),
        Err(error) => return Err(error.into()),
    }
    client.script(&format!("BEGIN; {}", schema::creation())).map_err(|error| failed(&name, &error))?;
    Ok(Box::new(Database { client, stop: Stop::clone(stop) }))
}

fn failed(name: &str, error: &Error) -> MoveError {
    MoveError::Failed { what: format!("the database {name}"), reason: error.to_string() }
}

/// A connection to a database that nobody else uses while it lives.
fn connect(url: &str, stop: &Stop) -> std::result::Result<(Address, Client), MoveError> {
    let address = Address::parse(url)?;
    let name = address.name();
    let unreachable = |error: Error| OpenError::Unreachable { name: name.clone(), reason: error.to_string() };
    let mut client = Client::connect(&address).map_err(unreachable)?;
    // Without it a killed move may keep its lock a little longer.
    let _ = client.script(NOTICES_KILLS);
    client.script(UNHURRIED).map_err(|error| failed(&name, &error))?;
    lock(&mut client, &name, stop)?;
    Ok((address, client))
}

/// Keeps everyone else from the database until the connection ends.
fn lock(client: &mut Client, name: &str, stop: &Stop) -> std::result::Result<(), MoveError> {
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match locks::alone(client).map_err(|error| failed(name, &error))? {
            Some(true) => return Ok(()),
            None => return Err(OpenError::Address("the search_path names no schema that exists".into()).into()),
            Some(false) if stop.load(Ordering::Relaxed) => return Err(MoveError::Stopped),
            Some(false) if Instant::now() > deadline => return Err(OpenError::InUse(name.to_owned()).into()),
            Some(false) => std::thread::sleep(PAUSE),
        }
    }
}

impl Database {
    /// Waits for the server, or until it should stop.
    fn wait<T>(
        &self,
        work: impl AsyncFnOnce(&tokio_postgres::Client) -> std::result::Result<T, PostgresError>,
    ) -> Result<T> {
        let stopped = async {
            while !self.stop.load(Ordering::Relaxed) {
                tokio::time::sleep(PAUSE).await;
            }
        };
        self.client.run(async |client| {
            tokio::select! {
                biased;
                done = work(client) => Ok(done?),
                () = stopped => Err(Error::Other("stopped".into())),
            }
        })
    }

    /// The types of a table's columns.
    fn types(&self, table: &Table) -> Result<Vec<Type>> {
        let statement = self.wait(async |client| client.prepare(&table.select()).await)?;
        Ok(statement.columns().iter().map(|column| column.type_().clone()).collect())
    }
}

impl Source for Database {
    fn count(&mut self, table: &Table) -> Result<i64> {
        self.wait(async |client| client.query_one(&table.count(), &[]).await?.try_get(0))
    }

    fn rows(&mut self, table: &Table, each: &mut Take<'_>) -> Result<()> {
        let nothing: [&(dyn ToSql + Sync); 0] = [];
        let rows = self.wait(async |client| client.query_raw(&table.select(), nothing).await)?;
        let mut rows = pin!(rows);
        // The server is not waited for while a row is taken, because that may wait for a server too.
        while let Some(row) = self.wait(async |_| rows.try_next().await)? {
            each(&row)?;
        }
        Ok(())
    }
}

impl Target for Database {
    fn fill(&mut self, table: &Table, feed: &mut Feed<'_>) -> Result<()> {
        let types = self.types(table)?;
        self.client.script(&table.clear())?;
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name, table.columns.join(", "));
        let sink = self.wait(async |client| client.copy_in::<_, Bytes>(&sql).await)?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &types));
        feed(&mut |row| {
            let values = table.values(row)?;
            self.wait(async |_| writer.as_mut().write_raw(&values).await)
        })?;
        self.wait(async |_| writer.as_mut().finish().await).map(drop)
    }

    fn complete(&mut self) -> Result<()> {
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> std::result::Result<(), MoveError> {
        let done = self.client.script("COMMIT");
        done.map_err(|error| MoveError::Failed { what: "everything".into(), reason: error.to_string() })
    }
}
