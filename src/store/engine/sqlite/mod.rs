//! SQLite: one file, one connection that writes, a few that read. `$1` is the name of a parameter there, numbered in
//! the order of first appearance, so the store's SQL runs as it stands.

mod backup;
mod checkpoint;
mod file;
#[cfg(test)]
mod flat;
#[cfg(test)]
mod plans;
mod transfer;
mod upgrade;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef as SqliteValue};
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, ffi};
use scheduled_thread_pool::ScheduledThreadPool;

use super::{Commit, Db, Error, Question, Result, Row, Take, Value, ValueRef};
use crate::store::error::OpenError;
use crate::store::fault::Fault;
use checkpoint::Checkpointer;
use file::DatabaseFile;

pub use backup::{BackupError, back_up};
pub(in crate::store) use transfer::{source, tables, target};

/// Connections that read, at most: reads are short, and more at once than there are cores only take turns.
const MOST_READERS: usize = 4;

/// How long the last checkpoint waits for readers; without it the next opening does its work.
const LAST_CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(500);

/// Opens the file at `path`, creating it when there is none and upgrading an older one.
pub(in crate::store) fn open(
    path: &Path,
    fault: &Fault,
) -> std::result::Result<(SqliteWriter, SqliteReaders), OpenError> {
    let file = file::open(path, fault)?;
    let readers = SqliteReaders::open(path)?;
    let checkpointer = Checkpointer::start(&file, fault.clone())?;
    Ok((SqliteWriter { checkpointer: Some(checkpointer), file }, readers))
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match (error.sqlite_error_code(), error.sqlite_error().map(|error| error.extended_code)) {
            (_, Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY)) => Self::Unique(text),
            (Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked), _) => Self::Retry(text),
            // After a failed fsync Linux may have dropped the pages, so going on could acknowledge what is not there.
            (Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::SystemIoFailure), _) => {
                Self::Damaged(text)
            }
            _ => Self::Other(text),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => SqliteValue::Null,
            Value::Int(number) => SqliteValue::Integer(number),
            Value::Text(text) => SqliteValue::Text(text.as_bytes()),
            Value::Blob(bytes) => SqliteValue::Blob(bytes),
        }))
    }
}

impl Row for rusqlite::Row<'_> {
    fn value(&self, index: usize) -> Result<ValueRef<'_>> {
        Ok(match self.get_ref(index)? {
            SqliteValue::Null => ValueRef::Null,
            SqliteValue::Integer(number) => ValueRef::Int(number),
            SqliteValue::Text(text) => {
                ValueRef::Text(std::str::from_utf8(text).map_err(|error| Error::Other(error.to_string()))?)
            }
            SqliteValue::Blob(bytes) => ValueRef::Blob(bytes),
            SqliteValue::Real(_) => return Err(Error::Other("no column is a floating point number".into())),
        })
    }
}

/// Prepares a statement, once for each connection.
fn prepare<'c>(conn: &'c Connection, sql: &str) -> Result<CachedStatement<'c>> {
    let statement = conn.prepare_cached(sql)?;
    if cfg!(debug_assertions) {
        let number = |name: &str| name.strip_prefix('$')?.parse::<usize>().ok();
        let in_order = |n| statement.parameter_name(n).and_then(number) == Some(n);
        assert!((1..=statement.parameter_count()).all(in_order), "parameters in another order: {sql}");
    }
    Ok(statement)
}

fn bind(statement: &mut CachedStatement<'_>, params: &[Value<'_>]) -> Result<()> {
    debug_assert_eq!(statement.parameter_count(), params.len());
    for (index, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(())
}

/// In a transaction.
impl Db for Connection {
    fn rows(
        &mut self,
        sql: &'static str,
        params: &[Value<'_>],
        each: &mut dyn FnMut(&dyn Row) -> Result<()>,
    ) -> Result<()> {
        let mut statement = prepare(self, sql)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    fn execute(&mut self, sql: &'static str, params: &[Value<'_>]) -> Result<usize> {
        let mut statement = prepare(self, sql)?;
        bind(&mut statement, params)?;
        Ok(statement.raw_execute()?)
    }

    fn ask(&mut self, question: &Question<'_>, take: &mut dyn FnMut(usize, &dyn Row) -> Result<()>) -> Result<()> {
        if question.each.is_empty() {
            return Ok(());
        }
        let mut statement = prepare(self, question.sql)?;
        for (index, params) in question.each.iter().enumerate() {
            bind(&mut statement, params)?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                take(index, row)?;
            }
        }
        Ok(())
    }

    fn post(&mut self, sql: &'static str, each: &[Vec<Value<'_>>]) -> Result<()> {
        if each.is_empty() {
            return Ok(());
        }
        let mut statement = prepare(self, sql)?;
        for params in each {
            bind(&mut statement, params)?;
            statement.raw_execute()?;
        }
        Ok(())
    }
}

/// The connection that writes.
pub(in crate::store) struct SqliteWriter {
    // Before the file: its connection ends first.
    checkpointer: Option<Checkpointer>,
    file: DatabaseFile,
}

impl SqliteWriter {
    fn run(&self, sql: &str) -> Result<()> {
        self.file.conn.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

impl super::Writer for SqliteWriter {
    fn begin(&mut self, questions: &[Question<'_>], take: &mut Take<'_>) -> Result<i64> {
        self.run("BEGIN IMMEDIATE")?;
        for (number, question) in questions.iter().enumerate() {
            self.file.conn.ask(question, &mut |index, row| take(number, index, row))?;
        }
        Ok(self.file.conn.prepare_cached("SELECT revision FROM state")?.query_row([], |row| row.get(0))?)
    }

    fn commit(&mut self, revision: i64, _note: impl FnOnce() -> String) -> Result<()> {
        let note = "UPDATE state SET revision = ?1 WHERE revision <> ?1";
        self.file.conn.prepare_cached(note)?.execute([revision])?;
        self.run("COMMIT")?;
        if let Some(checkpointer) = &mut self.checkpointer {
            checkpointer.after_commit(&self.file.conn);
        }
        Ok(())
    }

    fn rollback(&mut self) {
        if !self.file.conn.is_autocommit() {
            // A transaction that cannot be undone now is undone by the next opening of the file.
            let _ = self.run("ROLLBACK");
        }
    }

    fn savepoint(&mut self) -> Result<()> {
        self.run("SAVEPOINT job")
    }

    fn release(&mut self, keep: bool) -> Result<()> {
        if !keep {
            self.run("ROLLBACK TO job")?;
        }
        self.run("RELEASE job")
    }

    fn is_alone(&self) -> bool {
        true
    }

    fn db(&mut self) -> &mut dyn Db {
        &mut self.file.conn
    }

    fn close(mut self) {
        self.checkpointer = None;
        // A reader that is still at work, such as the check of a large file, must not delay the end for long.
        let _ = self.file.conn.busy_timeout(LAST_CHECKPOINT_TIMEOUT);
        // Without statistics (`PRAGMA optimize`): those of a small table stay in use when it has grown, and lists then
        // scan all people.
        if let Err(error) = self.file.conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);") {
            tracing::warn!(%error, "WAL checkpoint at shutdown failed (no data lost)");
        }
    }
}

/// A pool of read-only connections. Readers see the last commit and never wait for the writer.
pub(in crate::store) struct SqliteReaders {
    pool: Pool<SqliteConnectionManager>,
}

impl SqliteReaders {
    fn open(path: &Path) -> std::result::Result<Self, OpenError> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let access = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(path).with_flags(access).with_init(|conn| file::configure(conn));
        let pool = Pool::builder()
            .max_size(cores.min(MOST_READERS) as u32)
            .min_idle(Some(1))
            // A local file needs neither a test query at every checkout nor renewed connections.
            .test_on_check_out(false)
            .max_lifetime(None)
            .idle_timeout(None)
            .connection_timeout(Duration::from_secs(5))
            .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
            .build(manager)
            .map_err(|error| OpenError::Unexpected(error.to_string()))?;
        Ok(Self { pool })
    }
}

impl super::Readers for SqliteReaders {
    fn most(&self) -> usize {
        self.pool.max_size() as usize
    }

    fn read(&self, query: &mut dyn FnMut(&mut dyn Db) -> Result<()>) -> Result<()> {
        let mut conn = self.pool.get().map_err(|error| Error::Retry(error.to_string()))?;
        conn.prepare_cached("BEGIN")?.execute([])?;
        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| query(&mut *conn)));
        // An error that ended the transaction by itself leaves nothing to end.
        let _ = conn.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        answer.unwrap_or_else(|_| Err(Error::Other("a query panicked".into())))
    }

    fn commits(&self, _after: i64) -> Result<Vec<Commit>> {
        // All are this process's own.
        Ok(Vec::new())
    }
}

/// An empty database in memory with the current schema, for tests of what will be in it.
#[cfg(test)]
pub(in crate::store) fn in_memory() -> Connection {
    let conn = upgrade::in_memory();
    file::configure(&conn).unwrap();
    conn
}
