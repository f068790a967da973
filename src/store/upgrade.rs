//! Which schema a file has, and how an older one becomes the current one. Knows nothing of what the tables mean.

use std::path::Path;

use rusqlite::Connection;

use super::error::OpenError;

/// The current schema, for a new file.
const SCHEMA: &str = include_str!("../../schema.sql");

/// The steps from each older schema to the next: the first entry makes version 2 of version 1. A step is never changed
/// once released; `schema.sql` is changed together with the step that is added here.
const STEPS: &[&str] = &[
    include_str!("steps/2.sql"),
    include_str!("steps/3.sql"),
    include_str!("steps/4.sql"),
    include_str!("steps/5.sql"),
    include_str!("steps/6.sql"),
    include_str!("steps/7.sql"),
    include_str!("steps/8.sql"),
];

/// "Chin" in the file's application id (SQLite file format, section 1.3.17): this file is ours.
const APPLICATION_ID: i64 = 0x4368_696e;

const fn latest(steps: &[&str]) -> i64 {
    1 + steps.len() as i64
}

/// Refuses a file of another program or of a newer Chinwag.
pub(super) fn recognise(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let (application, version) = identity(conn).map_err(|error| OpenError::named(path, &error))?;
    let known = latest(STEPS);
    match application {
        APPLICATION_ID if version > known => Err(OpenError::Newer { path: path.to_owned(), found: version, known }),
        APPLICATION_ID => Ok(()),
        // A start cut short between creating the file and its first commit leaves an empty one.
        0 if is_empty(conn).map_err(|error| OpenError::named(path, &error))? => Ok(()),
        _ => Err(OpenError::Foreign(path.to_owned())),
    }
}

/// Gives the file the current schema: all of it when the file is new, the missing steps when it is older.
pub(super) fn bring_up(conn: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let failed = |error: rusqlite::Error| OpenError::Upgrade { path: path.to_owned(), reason: error.to_string() };
    let (_, version) = identity(conn).map_err(failed)?;
    match usize::try_from(version) {
        Ok(0) => create(conn, latest(STEPS)).map_err(failed),
        Ok(version) if version <= STEPS.len() => {
            snapshot(conn, path, version).map_err(failed)?;
            apply(conn, version, STEPS).map_err(failed)
        }
        _ => Ok(()),
    }
}

fn create(conn: &mut Connection, version: i64) -> rusqlite::Result<()> {
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
    // A table that others refer to is made anew by dropping it, which would otherwise drop what refers to it
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

/// Leaves a copy beside the file before it is changed: `chat.db` becomes `chat.db.v1.bak`. A copy that is already there
/// is from an upgrade that did not succeed, so it is as good.
fn snapshot(conn: &Connection, path: &Path, version: usize) -> rusqlite::Result<()> {
    let mut copy = path.as_os_str().to_owned();
    copy.push(format!(".v{version}.bak"));
    if Path::new(&copy).exists() {
        return Ok(());
    }
    conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).map(drop)
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
    use super::super::{filing, keys};
    use super::*;
    use crate::model::{ClientKey, MessageId, UserId};

    /// The schema as first released, kept as it was.
    const FIRST_SCHEMA: &str = include_str!("../../tests/fixtures/schema-1.sql");

    fn schema_of(conn: &Connection) -> Vec<(String, String)> {
        let mut query = conn
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| {
            let sql: String = row.get(1)?;
            // Adding a column leaves the space around it as it likes.
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
        create(&mut new, latest(STEPS)).unwrap();

        let mut old = Connection::open_in_memory().unwrap();
        old.execute_batch(FIRST_SCHEMA).unwrap();
        apply(&mut old, 1, STEPS).unwrap();

        assert_eq!(schema_of(&old), schema_of(&new));
        assert_eq!(identity(&old).unwrap().1, identity(&new).unwrap().1);
    }

    #[test]
    fn what_was_sent_before_is_kept_and_listed() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(FIRST_SCHEMA).unwrap();
        conn.execute_batch(
            "INSERT INTO users (id, username, username_key, email, email_key, password, created_at, revision)
             VALUES (1, 'al', 'al', 'a', 'a', '!', 0, 0), (2, 'bo', 'bo', 'b', 'b', '!', 0, 0);
             INSERT INTO conversations (id, low_user_id, high_user_id, last_seq, created_at, revision)
             VALUES (1, 1, 2, 3, 0, 1);
             INSERT INTO members (conversation_id, user_id, last_message_id, revision, read_seq)
             VALUES (1, 1, 3, 1, 2), (1, 2, 3, 1, 0);
             INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
             VALUES (1, 1, 1, 1, 2, 'a', 'k', 0, 1), (2, 1, 2, 2, 1, 'b', 'k', 0, 2), (3, 1, 3, 1, 2, 'c', NULL, 0, 3);
             UPDATE state SET revision = 30000;",
        )
        .unwrap();
        apply(&mut conn, 1, STEPS).unwrap();
        filing::catch_up(&mut conn).unwrap();
        let found = |sql| conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(found("SELECT group_concat(id || body || seq, ' ') FROM messages"), "1a1 2b2 3c3");
        let ids = |id: i64| format!("{id:016X}");
        let mail = found("SELECT group_concat(user_id || ':' || last_id || ':' || hex(ids), ' ') FROM mail");
        let all = [1, 2, 3].map(ids).concat();
        assert_eq!(mail, format!("1:3:{all} 2:3:{all}"));
        assert_eq!(
            found("SELECT conversation_id || ':' || last_seq || ':' || hex(ids) FROM places"),
            format!("1:3:{all}")
        );
        let mut entered = conn.prepare(keys::ENTERED).unwrap();
        for id in [1, 2] {
            let mark = keys::Mark::of(UserId(id), &ClientKey::from_stored("k".into()));
            assert_eq!(keys::find_entered(&mut entered, mark).unwrap(), [MessageId(id)]);
        }
        assert_eq!(found("SELECT 'all ' || count(*) FROM client_keys"), "all 2");
        assert_eq!(
            found("SELECT group_concat(user_id || ':' || last_seq || ':' || unread, ' ') FROM members"),
            "1:3:0 2:3:2"
        );
        assert_eq!(
            found("SELECT concat_ws(' ', mail_filed, places_filed, keys_filed, members_filed) FROM state"),
            "30000 30000 30000 30000"
        );
    }

    #[test]
    fn marks_of_another_kind_are_made_anew() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(FIRST_SCHEMA).unwrap();
        apply(&mut conn, 1, &STEPS[..6]).unwrap();
        conn.execute_batch("INSERT INTO client_keys VALUES (17, 1); UPDATE state SET keys_filed = 1;").unwrap();
        apply(&mut conn, 7, STEPS).unwrap();
        let left = "SELECT (SELECT count(*) FROM client_keys) + keys_filed FROM state";
        assert_eq!(conn.query_row(left, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }

    #[test]
    fn steps_run_from_the_files_version_on_and_all_or_none() {
        let steps = ["CREATE TABLE two (x)", "CREATE TABLE three (x)", "CREATE TABLE four (x); nonsense"];
        let mut conn = Connection::open_in_memory().unwrap();
        create(&mut conn, 2).unwrap();

        assert!(apply(&mut conn, 2, &steps).is_err());
        assert_eq!(identity(&conn).unwrap(), (APPLICATION_ID, 2));
        assert!(conn.prepare("SELECT * FROM three").is_err());

        apply(&mut conn, 2, &steps[..2]).unwrap();
        assert_eq!(identity(&conn).unwrap(), (APPLICATION_ID, 3));
        assert!(conn.prepare("SELECT * FROM three").is_ok());
        assert!(conn.prepare("SELECT * FROM two").is_err());
    }

    #[test]
    fn a_snapshot_is_left_beside_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chat.db");
        let mut conn = Connection::open(&path).unwrap();
        create(&mut conn, 1).unwrap();
        conn.execute("UPDATE state SET revision = 7", []).unwrap();

        snapshot(&conn, &path, 1).unwrap();
        conn.execute("UPDATE state SET revision = 8", []).unwrap();
        snapshot(&conn, &path, 1).unwrap();

        let copy = Connection::open(folder.path().join("chat.db.v1.bak")).unwrap();
        let revision: i64 = copy.query_row("SELECT revision FROM state", [], |row| row.get(0)).unwrap();
        assert_eq!(revision, 7);
    }
}
