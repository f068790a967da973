//! Which schema a database has, and how it gets the current one.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::client::Client;
use crate::store::engine::schema::{SCHEMA, STEPS, latest};
use crate::store::engine::{Db, Error, Result};
use crate::store::error::OpenError;

/// Whether there are tables, and whether they are ours. Only the schema that new tables are made in is looked at.
const IDENTITY: &str = "SELECT count(*), coalesce(bool_or(relname = 'schema_version'), false)
     FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind = 'r'";

/// What a file does not need. `schema_version` has one row: the version, for which a file has another place, and how
/// often a process was the first to use the database. `commits` has what each process has committed, with the
/// last revision before it and a note on whom it concerns; only the latest are kept. `processes` has a row for each
/// process that uses the database, or did: how many transactions it has committed.
const OWN: &str = "CREATE TABLE schema_version (version BIGINT NOT NULL, starts BIGINT NOT NULL);
     CREATE TABLE commits (
         revision BIGINT PRIMARY KEY, previous BIGINT NOT NULL, node BIGINT NOT NULL, note TEXT NOT NULL);
     CREATE TABLE processes (node BIGINT PRIMARY KEY, commits BIGINT NOT NULL);
     INSERT INTO schema_version (version, starts) VALUES ";

/// The version of the schema in the database; 0 where there are no tables.
pub(super) fn found(client: &mut Client, name: &str) -> std::result::Result<i64, OpenError> {
    let failed = |error: Error| OpenError::Upgrade { name: name.to_owned(), reason: error.to_string() };
    let db: &mut dyn Db = client;
    let identity = db.first(IDENTITY, &[], |row| Ok((row.get::<i64>(0)?, row.get::<bool>(1)?))).map_err(failed)?;
    match identity.unwrap_or_default() {
        (0, _) => Ok(0),
        (_, false) => Err(OpenError::Foreign(name.to_owned())),
        (_, true) => db.value("SELECT version FROM schema_version", &[]).map_err(failed),
    }
}

/// Gives the database the current schema: all of it when it is new, the missing steps when it is older. Nobody else may
/// do so at the same time.
pub(super) fn bring_up(client: &mut Client, name: &str) -> std::result::Result<(), OpenError> {
    let failed = |error: Error| OpenError::Upgrade { name: name.to_owned(), reason: error.to_string() };
    let (version, known) = (found(client, name)?, latest(STEPS));
    match usize::try_from(version) {
        Ok(0) => client.script(&format!("BEGIN; {}; COMMIT", creation())).map_err(failed),
        Ok(version) if version <= STEPS.len() => {
            tracing::info!(from = version, to = known, "upgrading the database");
            apply(client, version, STEPS).map_err(failed)
        }
        _ if version > known => Err(OpenError::Newer { name: name.to_owned(), found: version, known }),
        _ => Ok(()),
    }
}

/// Refuses tables of another version: other processes use them, so they cannot be upgraded now.
pub(super) fn must_be_current(client: &mut Client, name: &str) -> std::result::Result<(), OpenError> {
    let failed = |error: Error| OpenError::Upgrade { name: name.to_owned(), reason: error.to_string() };
    let db: &mut dyn Db = client;
    let (found, known) = (db.value("SELECT version FROM schema_version", &[]).map_err(failed)?, latest(STEPS));
    match known.cmp(&found) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(OpenError::Newer { name: name.to_owned(), found, known }),
        // By older programs, which keep it as it is until they end.
        Ordering::Greater => Err(OpenError::InUse(name.to_owned())),
    }
}

/// What makes the current schema where there are no tables.
pub(super) fn creation() -> String {
    format!("{} {OWN} ({}, 0)", translated(SCHEMA), latest(STEPS))
}

/// Runs the steps that lead from `version` to the last, all or none.
fn apply(client: &mut Client, version: usize, steps: &[&str]) -> Result<()> {
    let missing: Vec<_> = steps[version - 1..].iter().map(|step| translated(step)).collect();
    let (missing, version) = (missing.join("\n"), latest(steps));
    let done = client.script(&format!("BEGIN; {missing}; UPDATE schema_version SET version = {version}; COMMIT"));
    done.inspect_err(|_| drop(client.script("ROLLBACK")))
}

/// A schema or step in PostgreSQL's words. `COLLATE "C"` compares texts by their bytes, as SQLite does.
fn translated(sql: &str) -> Cow<'_, str> {
    let words = [
        (") STRICT, WITHOUT ROWID;", ");"),
        (") STRICT;", ");"),
        ("INTEGER", "BIGINT"),
        ("BLOB", "BYTEA"),
        (" TEXT", " TEXT COLLATE \"C\""),
    ];
    words.iter().fold(Cow::Borrowed(sql), |sql, (from, to)| sql.replace(from, to).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::engine::postgres::scratch;

    #[test]
    fn steps_run_from_the_version_on_and_all_or_none() {
        let Some((mut client, _)) = scratch::database() else { return };
        client.script("UPDATE schema_version SET version = 2").unwrap();
        let table =
            |name: &str| format!("CREATE TABLE {name} (key INTEGER PRIMARY KEY, text TEXT, bytes BLOB) STRICT;");
        let (two, three, four) = (table("two"), table("three"), table("four"));
        let broken = format!("{four} nonsense;");
        assert!(apply(&mut client, 2, &[&two, &three, &broken]).is_err());
        assert_eq!(found(&mut client, "").unwrap(), 2);
        assert!(client.script("SELECT * FROM three").is_err());
        apply(&mut client, 2, &[&two, &three, &four]).unwrap();
        assert_eq!(found(&mut client, "").unwrap(), 4);
        client.script("SELECT key, text, bytes FROM three").unwrap();
        assert!(client.script("SELECT * FROM two").is_err());
    }

    #[test]
    fn tables_of_others_and_of_newer_programs_are_refused_unchanged() {
        let Some((mut client, _)) = scratch::database() else { return };
        client.script("UPDATE schema_version SET version = 99").unwrap();
        assert!(matches!(bring_up(&mut client, ""), Err(OpenError::Newer { found: 99, .. })));
        assert!(matches!(must_be_current(&mut client, ""), Err(OpenError::Newer { found: 99, .. })));
        client.script("UPDATE schema_version SET version = 1").unwrap();
        assert!(matches!(must_be_current(&mut client, ""), Err(OpenError::InUse(_))));
        client.script("DROP TABLE schema_version").unwrap();
        assert!(matches!(bring_up(&mut client, ""), Err(OpenError::Foreign(_))));
    }
}
