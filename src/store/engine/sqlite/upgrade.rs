//! Which schema a file has, and how an older one becomes the current one. Knows nothing of what the tables mean.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::backup::{self, BackupError};
use super::file::open_error;
use crate::store::engine::schema::{SCHEMA, STEPS, latest};
use crate::store::error::OpenError;

/// "Chin" in the file's application id (SQLite file format, section 1.3.17): this file is ours.
const APPLICATION_ID: i64 = 0x4368_696e;

/// Refuses a file of another program or of a newer Chinwag.
pub(super) fn recognise(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let (application, version) = identity(conn).map_err(|error| open_error(path, &error))?;
    let known = latest(STEPS);
    match application {
        APPLICATION_ID if version > known => {
            Err(OpenError::Newer { name: path.display().to_string(), found: version, known })
        }
        APPLICATION_ID => Ok(()),
        // A start cut short between creating the file and its first commit leaves an empty one.
        0 if is_empty(conn).map_err(|error| open_error(path, &error))? => Ok(()),
        _ => Err(OpenError::Foreign(path.display().to_string())),
    }
}

/// Gives the file the current schema: all of it when the file is new, the missing steps when it is older.
pub(super) fn bring_up(conn: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed =
        |error: rusqlite::Error| OpenError::Upgrade { name: path.display().to_string(), reason: error.to_string() };
    let (_, version) = identity(conn).map_err(failed)?;
    match usize::try_from(version) {
        Ok(0) => create(conn).map_err(failed),
        Ok(version) if version <= STEPS.len() => {
            let copy = copy_name(path, version);
            let not_copied =
                |error: BackupError| OpenError::Upgrade { name: path.display().to_string(), reason: error.to_string() };
            backup::keep_copy(conn, &copy).map_err(not_copied)?;
            tracing::info!(from = version, to = latest(STEPS), copy = %copy.display(), "upgrading the database");
            apply(conn, version, STEPS).map_err(failed)
        }
        _ => Ok(()),
    }
}

/// Whether a file that was recognised has the current schema.
pub(super) fn is_current(conn: &Connection) -> rusqlite::Result<bool> {
    Ok(identity(conn)?.1 == latest(STEPS))
}

/// Makes the current schema in a new file.
pub(super) fn create(conn: &mut Connection) -> rusqlite::Result<()> {
    create_as(conn, latest(STEPS))
}

fn create_as(conn: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let tx = conn.transaction()?;
    tx.execute_batch(SCHEMA)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", version)?;
    tx.commit()
}

/// An empty file in memory, for tests of what will be in it.
#[cfg(test)]
pub(super) fn in_memory() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(SCHEMA).unwrap();
    conn
}

/// Runs the steps that lead from `version` to the last, all or none.
fn apply(conn: &mut Connection, version: usize, steps: &[&str]) -> rusqlite::Result<()> {
    // A table that others refer to is replaced by dropping it, which would otherwise delete what refers to it
    // (sqlite.org/lang_altertable.html, section 7).
    conn.pragma_update(None, "foreign_keys", false)?;
    let tx = conn.transaction()?;
    for step in &steps[version - 1..] {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", latest(steps))?;
    tx.commit()?;
    conn.pragma_update(None, "foreign_keys", true)
}

/// The copy of a file of this version: `chat.db.v1.bak` beside `chat.db`.
fn copy_name(path: &Path, version: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".v{version}.bak"));
    name.into()
}

fn identity(conn: &Connection) -> rusqlite::Result<(i64, i64)> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get(0));
    Ok((number("application_id")?, number("user_version")?))
}

fn is_empty(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema as first released, kept as it was.
    const FIRST_SCHEMA: &str = include_str!("../../../../tests/fixtures/schema-1.sql");

    fn schema_of(conn: &Connection) -> Vec<(String, String)> {
        let mut query = conn
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| {
            let sql: String = row.get(1)?;
            // Adding a column changes the white space around it.
            let sql = sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let sql = sql.replace(" ,", ",").replace(" )", ")").replace("( ", "(");
            // And renaming a table puts its name in quotes.
            Ok((row.get(0)?, sql.replace('"', "")))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn an_upgraded_file_has_the_schema_of_a_new_one() {
        let mut new = Connection::open_in_memory().unwrap();
        create(&mut new).unwrap();

        let mut old = Connection::open_in_memory().unwrap();
        old.execute_batch(FIRST_SCHEMA).unwrap();
        apply(&mut old, 1, STEPS).unwrap();

        assert_eq!(schema_of(&old), schema_of(&new));
        assert_eq!(identity(&old).unwrap().1, identity(&new).unwrap().1);
    }

    #[test]
    fn steps_run_from_the_files_version_on_and_all_or_none() {
        let steps = ["CREATE TABLE two (x)", "CREATE TABLE three (x)", "CREATE TABLE four (x); nonsense"];
        let mut conn = Connection::open_in_memory().unwrap();
        create_as(&mut conn, 2).unwrap();

        assert!(apply(&mut conn, 2, &steps).is_err());
        assert_eq!(identity(&conn).unwrap(), (APPLICATION_ID, 2));
        assert!(conn.prepare("SELECT * FROM three").is_err());

        apply(&mut conn, 2, &steps[..2]).unwrap();
        assert_eq!(identity(&conn).unwrap(), (APPLICATION_ID, 3));
        assert!(conn.prepare("SELECT * FROM three").is_ok());
        assert!(conn.prepare("SELECT * FROM two").is_err());
    }
}
