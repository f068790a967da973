//! Locks between the processes that use a database, all of them PostgreSQL's advisory locks (its documentation, section
//! 13.3.5), which end with the connection that holds them. Each process keeps the database open with a shared lock; the
//! first one holds it alone until its first commit, to upgrade the tables and to begin a new history. Another lock is
//! held for each change. Both are for one schema of the database.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::address::Address;
use super::client::Client;
use super::{PAUSE, schema};
use crate::store::engine::{Db, Error, Result};
use crate::store::error::OpenError;

/// How long to wait at start for the server, and for a process that upgrades the tables or moves the database.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait for the same when a connection was lost.
const LOST_PATIENCE: Duration = Duration::from_secs(15);

/// The lock's second half: the schema that tables are made in.
macro_rules! schema {
    () => {
        "(SELECT oid::int4 FROM pg_namespace WHERE nspname = current_schema())"
    };
}

/// Held by each process ("Chin").
const ALONE: &str = concat!("SELECT pg_try_advisory_lock(1130916206, ", schema!(), ")");
const TOGETHER: &str = concat!("SELECT pg_try_advisory_lock_shared(1130916206, ", schema!(), ")");
const LET_IN: &str = concat!(
    "SELECT pg_advisory_lock_shared(1130916206, ",
    schema!(),
    "); SELECT pg_advisory_unlock(1130916206, ",
    schema!(),
    ")"
);
/// Held from the beginning of a change to its end.
pub(super) const CHANGE: &str = concat!("SELECT pg_advisory_xact_lock(1130916207, ", schema!(), ")");

/// A process's place beside the others.
pub(super) enum Place {
    /// Nobody else uses the database.
    Alone,
    /// Others may. `starts` counts how often somebody was alone.
    Beside { starts: i64, version: i64 },
}

impl Place {
    pub fn is_alone(&self) -> bool {
        matches!(self, Self::Alone)
    }
}

/// Connects, once there is a server, and takes a place. The tables are there and current then.
pub(super) fn enter(address: &Address) -> std::result::Result<(Client, Place), OpenError> {
    let (deadline, mut waits) = (Instant::now() + START_PATIENCE, false);
    loop {
        let error = match try_to_enter(address) {
            Err(error @ (OpenError::Unreachable { .. } | OpenError::InUse(_))) => error,
            entered => return entered,
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

fn try_to_enter(address: &Address) -> std::result::Result<(Client, Place), OpenError> {
    let name = address.name();
    let failed = |error: Error| match error {
        Error::Lost(reason) => OpenError::Unreachable { name: name.clone(), reason },
        error => OpenError::Unexpected(format!("{name}: {error}")),
    };
    let mut client = Client::connect(address).map_err(failed)?;
    let no_schema = || OpenError::Address("the search_path names no schema that exists".into());
    if alone(&mut client).map_err(failed)?.ok_or_else(no_schema)? {
        schema::bring_up(&mut client, &name)?;
        return Ok((client, Place::Alone));
    }
    if lock(&mut client, TOGETHER).map_err(failed)? != Some(true) {
        return Err(OpenError::InUse(name));
    }
    schema::must_be_current(&mut client, &name)?;
    let place = present(&mut client).map_err(failed)?;
    Ok((client, place))
}

/// Connects again after the connection was lost.
///
/// # Errors
/// If somebody was alone meanwhile, this process's history may have ended, or the tables are newer than it knows.
pub(super) fn enter_again(address: &Address, place: &mut Place) -> Result<Client> {
    let mut client = Client::connect(address)?;
    let wanted = if place.is_alone() { ALONE } else { TOGETHER };
    let deadline = Instant::now() + LOST_PATIENCE;
    while lock(&mut client, wanted)? != Some(true) {
        if Instant::now() > deadline {
            return Err(Error::Damaged("another process took the database over".into()));
        }
        sleep(PAUSE);
    }
    if let Place::Beside { starts, version } = place {
        let Place::Beside { starts: now, version: current } = present(&mut client)? else { return Ok(client) };
        if (now, current) != (*starts, *version) {
            return Err(Error::Damaged("another process upgraded or took over the database".into()));
        }
    }
    Ok(client)
}

/// Ends being alone, after the first commit.
pub(super) fn let_others_in(client: &mut Client, place: &mut Place) -> Result<()> {
    if place.is_alone() {
        client.script("UPDATE schema_version SET starts = starts + 1")?;
        *place = present(client)?;
        client.script(LET_IN)?;
    }
    Ok(())
}

/// Keeps everyone else from the database until the connection ends; `false` where somebody uses it.
pub(super) fn alone(client: &mut Client) -> Result<Option<bool>> {
    lock(client, ALONE)
}

fn present(client: &mut Client) -> Result<Place> {
    let db: &mut dyn Db = client;
    let present = db.first("SELECT starts, version FROM schema_version", &[], |row| {
        Ok(Place::Beside { starts: row.get(0)?, version: row.get(1)? })
    })?;
    present.ok_or_else(|| Error::Other("the schema's version is missing".into()))
}

/// Whether the lock was taken; nothing where there is no schema to lock.
fn lock(client: &mut Client, lock: &'static str) -> Result<Option<bool>> {
    (client as &mut dyn Db).value(lock, &[])
}
