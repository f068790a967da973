//! A file as the source or the target of a move. It becomes a target under another name and gets its own once it is whole
//! and on disk; until then an empty file has its name, whose lock keeps others away.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::backup::{self, Draft, Existing};
use super::file::{self, Lock, open_error};
use super::upgrade;
use crate::store::engine::schema::SCHEMA;
use crate::store::engine::transfer::{Feed, MoveError, Source, Stop, Table, Take, Target};
use crate::store::engine::{Error, Result};
use crate::store::error::OpenError;

/// Instructions of SQLite between two checks whether to stop.
const PIECE: i32 = 10_000;

/// The schema's tables in its order: one that refers to another comes after it.
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid";
const COLUMNS: &str = "SELECT name FROM pragma_table_info(?1) ORDER BY cid";
const KEY: &str = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";

/// The tables of the current schema, for all engines.
pub(in crate::store) fn tables() -> Result<Vec<Table>> {
    let conn = Connection::open_in_memory()?;
    conn.execute_batch(SCHEMA)?;
    let names = |sql, of: &[&str]| {
        let mut query = conn.prepare(sql)?;
        query.query_map(params_from_iter(of), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    let mut tables = Vec::new();
    for name in names(TABLES, &[])? {
        let (columns, key) = (names(COLUMNS, &[&name])?, names(KEY, &[&name])?);
        tables.push(Table { name, columns, key });
    }
    Ok(tables)
}

/// A file that is read and not changed. The connection is closed before the lock (see `DatabaseFile`).
struct Original {
    conn: Connection,
    _lock: Lock,
}

/// Opens a file of the current schema, which nobody may use meanwhile.
pub(in crate::store) fn source(path: &Path, stop: &Stop) -> std::result::Result<Box<dyn Source>, MoveError> {
    drop(backup::open(path)?);
    let lock = file::lock(path)?;
    file::has_content(path)?;
    let conn = file::inspect(path)?.conn;
    if !upgrade::is_current(&conn).map_err(|error| open_error(path, &error))? {
        return Err(MoveError::Older(path.display().to_string()));
    }
    // One view of it, whatever another program does.
    let begun = conn.execute_batch("BEGIN").and_then(|()| stops(&conn, stop));
    begun.map_err(|error| open_error(path, &error))?;
    Ok(Box::new(Original { conn, _lock: lock }))
}

/// Lets `stop` interrupt what the connection does.
fn stops(conn: &Connection, stop: &Stop) -> rusqlite::Result<()> {
    let stop = Stop::clone(stop);
    conn.progress_handler(PIECE, Some(move || stop.load(Ordering::Relaxed)))
}

impl Source for Original {
    fn count(&mut self, table: &Table) -> Result<i64> {
        count(&self.conn, table)
    }

    fn rows(&mut self, table: &Table, each: &mut Take<'_>) -> Result<()> {
        rows(&self.conn, table, each)
    }
}

fn count(conn: &Connection, table: &Table) -> Result<i64> {
    Ok(conn.query_row(&table.count(), [], |row| row.get(0))?)
}

fn rows(conn: &Connection, table: &Table, each: &mut Take<'_>) -> Result<()> {
    let mut query = conn.prepare(&table.select())?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        each(row)?;
    }
    Ok(())
}

/// A file while it is filled.
struct NewFile {
    conn: Connection,
    draft: Draft,
    place: Place,
}

/// The name that the file will have, kept from others by the lock of what has it now: an empty file.
struct Place {
    path: PathBuf,
    /// Whether the empty file was made here, and goes again unless it is replaced.
    made: bool,
    lock: Lock,
}

impl Place {
    fn take(path: &Path) -> std::result::Result<Self, MoveError> {
        let made = path.symlink_metadata().is_err();
        let place = Self { path: path.to_owned(), made, lock: file::lock(path)? };
        // A log would be taken for the new file's.
        let log = |ending| PathBuf::from(format!("{}{ending}", path.display()));
        let logs =
            ["-wal", "-journal"].map(log).into_iter().filter(|log| log.metadata().is_ok_and(|log| log.len() > 0));
        match logs.chain(file::has_content(path)?.then(|| path.to_owned())).next() {
            Some(full) => Err(MoveError::NotEmpty(full.display().to_string())),
            None => Ok(place),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.made {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Begins a file where there is none, or an empty one.
pub(in crate::store) fn target(path: &Path, stop: &Stop) -> std::result::Result<Box<dyn Target>, MoveError> {
    let place = Place::take(path)?;
    let draft = Draft::again(path)?;
    let conn = begin(draft.path(), stop).map_err(|error| open_error(path, &error))?;
    Ok(Box::new(NewFile { conn, draft, place }))
}

/// A new file in the current schema, in one transaction. It counts only once it is whole, and is flushed then.
fn begin(path: &Path, stop: &Stop) -> rusqlite::Result<Connection> {
    let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, access)?;
    file::configure(&conn)?;
    // The references are checked at the end, all at once.
    conn.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -16384;",
    )?;
    upgrade::create(&mut conn)?;
    conn.execute_batch("BEGIN")?;
    stops(&conn, stop)?;
    Ok(conn)
}

impl Source for NewFile {
    fn count(&mut self, table: &Table) -> Result<i64> {
        count(&self.conn, table)
    }

    fn rows(&mut self, table: &Table, each: &mut Take<'_>) -> Result<()> {
        rows(&self.conn, table, each)
    }
}

impl Target for NewFile {
    fn fill(&mut self, table: &Table, feed: &mut Feed<'_>) -> Result<()> {
        self.conn.execute(&table.clear(), [])?;
        let values = vec!["?"; table.columns.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({values})", table.name, table.columns.join(", "));
        let mut insert = self.conn.prepare(&sql)?;
        feed(&mut |row| {
            insert.execute(params_from_iter(table.values(row)?))?;
            Ok(())
        })
    }

    fn complete(&mut self) -> Result<()> {
        self.conn.execute_batch("COMMIT")?;
        match self.conn.prepare("PRAGMA foreign_key_check")?.query([])?.next()? {
            Some(row) => Err(Error::Other(format!("a row of {} refers to none", row.get::<_, String>(0)?))),
            None => Ok(()),
        }
    }

    fn finish(self: Box<Self>) -> std::result::Result<(), MoveError> {
        let Self { conn, draft, mut place } = *self;
        conn.close().map_err(|(_, error)| open_error(&place.path, &error))?;
        let rights = place.lock.file().metadata().map(|now| now.permissions());
        let not_writable = |reason| OpenError::NotWritable { path: place.path.clone(), reason };
        draft.publish(rights.map_err(not_writable)?, Existing::Replaced)?;
        place.made = false;
        Ok(())
    }
}
