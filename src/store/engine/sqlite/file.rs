//! From a path to a connection that may be trusted: every check comes before the first write.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::upgrade;
use crate::mistakes::{Mistake, made};
use crate::store::error::OpenError;
use crate::store::fault::Fault;

/// A file of no more bytes is checked before anything is served, in about 10 ms; a larger one while it serves.
const CHECKED_AT_START: i64 = 8 << 20;

/// The check of a larger file works and rests in turns, so that it takes at most half a core from requests.
const TURN: Duration = Duration::from_millis(2);

/// How long a statement waits for another process's lock before it fails.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The first bytes of every SQLite file (SQLite file format, section 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// First version without the WAL-reset corruption.
const OLDEST_SAFE_SQLITE: i32 = 3_051_003;

/// The read-write connection, with the lock that keeps a second process from the same file.
pub(super) struct DatabaseFile {
    // Declared first, so that SQLite closes the file before the lock's descriptor is closed: closing any descriptor of
    // a file drops all POSIX locks this process holds on it (sqlite.org/howtocorrupt.html, 2.2).
    pub conn: Connection,
    pub lock: Arc<Lock>,
}

/// Keeps other processes from the file while it lives.
pub(super) struct Lock(File);

impl Lock {
    /// The database file.
    pub fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that was just forked has this descriptor too until it becomes another
        // program.
        let _ = self.0.unlock();
    }
}

pub(super) fn open(path: &Path, fault: &Fault) -> Result<DatabaseFile, OpenError> {
    if rusqlite::version_number() < OLDEST_SAFE_SQLITE {
        return Err(OpenError::OldSqlite(rusqlite::version()));
    }
    let exists = has_content(path)?;
    let lock = lock(path)?;
    // Kept until there is another connection: after the last has gone the next one reads the whole log again.
    let inspected = if exists { Some(inspect(path)?) } else { None };
    let mut conn = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    configure_writer(&conn).map_err(|error| open_error(path, &error))?;
    upgrade::bring_up(&mut conn, path)?;
    if let Some(Inspected { conn, checked: false }) = inspected {
        check_in_background(conn, path.to_owned(), fault.clone());
    }
    Ok(DatabaseFile { conn, lock: Arc::new(lock) })
}

/// Opens a connection with the settings every connection shares.
pub(super) fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| open_error(path, &error))?;
    configure(&conn).map_err(|error| open_error(path, &error))?;
    Ok(conn)
}

/// Settings of every connection: nothing in the file is trusted more than needed, and statements stay prepared, also
/// when another value might have another plan (sqlite.org/queryplanner-ng.html, "Query Planner Stability Guarantee").
pub(super) fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;
         PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
    )
}

/// `synchronous = FULL` makes a commit survive a power cut; without it, acknowledged messages were lost in trials.
/// `secure_delete` overwrites what is deleted: a message deleted for everyone is not left in the file's free space.
/// `checkpoint` copies the log into the file. The cache holds the pages that many conversations at once write to.
fn configure_writer(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
         PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -8192;",
    )?;
    for (mistake, level) in [(Mistake::SynchronousOff, "OFF"), (Mistake::SynchronousNormal, "NORMAL")] {
        if made(mistake) {
            conn.pragma_update(None, "synchronous", level)?;
        }
    }
    Ok(())
}

/// Describes an SQLite error met while opening `path`.
pub(super) fn open_error(path: &Path, error: &rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => OpenError::Damaged { path, finding: error.to_string() },
        Some(ErrorCode::NotADatabase) => OpenError::NotADatabase(path),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::DiskFull) => {
            OpenError::NotWritable { path, reason: std::io::Error::other(error.to_string()) }
        }
        _ => OpenError::Unexpected(format!("{}: {error}", path.display())),
    }
}

/// Whether there is a file with something in it; if so it must begin like a database.
pub(super) fn has_content(path: &Path) -> Result<bool, OpenError> {
    let not_writable = |reason| OpenError::NotWritable { path: path.to_owned(), reason };
    let mut head = Vec::with_capacity(MAGIC.len());
    match File::open(path) {
        Ok(file) => file.take(MAGIC.len() as u64).read_to_end(&mut head).map_err(not_writable)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(not_writable(error)),
    };
    match head.as_slice() {
        [] => Ok(false),
        head if head == MAGIC => Ok(true),
        _ => Err(OpenError::NotADatabase(path.to_owned())),
    }
}

pub(super) fn lock(path: &Path) -> Result<Lock, OpenError> {
    let not_writable = |reason| OpenError::NotWritable { path: path.to_owned(), reason };
    let file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(not_writable)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.display().to_string())),
        Err(TryLockError::Error(reason)) => Err(not_writable(reason)),
    }
}

/// An existing file that is ours, and whether it was checked.
pub(super) struct Inspected {
    pub conn: Connection,
    checked: bool,
}

/// Looks at an existing file without changing it.
pub(super) fn inspect(path: &Path) -> Result<Inspected, OpenError> {
    let conn = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    upgrade::recognise(&conn, path)?;
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let size = number("page_count").and_then(|pages| Ok(pages * number("page_size")?));
    let checked = size.map_err(|error| open_error(path, &error))? <= CHECKED_AT_START;
    if checked {
        check(&conn, path)?;
    }
    Ok(Inspected { conn, checked })
}

/// SQLite's own integrity check, without the comparison of indexes against tables.
fn check(conn: &Connection, path: &Path) -> Result<(), OpenError> {
    let finding = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
    match finding.map_err(|error| open_error(path, &error))?.as_str() {
        "ok" => Ok(()),
        finding => Err(OpenError::Damaged { path: path.to_owned(), finding: finding.replace('\n', " ") }),
    }
}

/// Checks a large file on a separate thread; a finding stops the program.
fn check_in_background(conn: Connection, path: PathBuf, fault: Fault) {
    let mut begun = Instant::now();
    let rest = move || {
        if begun.elapsed() >= TURN {
            std::thread::sleep(TURN);
            begun = Instant::now();
        }
        false
    };
    let check = move || {
        let rests = conn.progress_handler(200, Some(rest)).map_err(|error| open_error(&path, &error));
        if let Err(finding) = rests.and_then(|()| check(&conn, &path)) {
            fault.end(finding.to_string());
        }
    };
    // Without the thread the file stays unchecked, which is not worse than a check that has not ended yet.
    let _ = std::thread::Builder::new().name("integrity-check".into()).spawn(check);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_file_can_be_opened_although_a_fork_has_its_descriptors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chat.db");
        let fault = Fault::new();
        let file = open(&path, &fault).unwrap();
        let of_fork = file.lock.0.try_clone().unwrap();
        assert!(matches!(open(&path, &fault), Err(OpenError::InUse(_))));
        drop(file);
        open(&path, &fault).unwrap();
        drop(of_fork);
    }
}
