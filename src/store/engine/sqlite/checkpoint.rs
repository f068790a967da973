//! Copies the write-ahead log (WAL) into the file on a separate thread, so that hardly any commit waits for it. The
//! writer finishes what is left of a long log between two commits: only then can SQLite begin the log again from its
//! start. Must not know what is written.

use std::cell::Cell;
use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags};

use super::file::{self, DatabaseFile, Lock, open_error};
use crate::store::engine::{Error, Result};
use crate::store::error::OpenError;
use crate::store::fault::Fault;

/// Pages of 4 KiB in the log after which the thread copies what is new: a mebibyte, some milliseconds of work.
const PIECE: c_int = 256;

/// Pages from which on the writer copies what the thread left, so that the log begins again: 12 MiB, since after a kill
/// the next start reads all of it.
const LONG: c_int = 3072;

thread_local! {
    /// Pages in the log after the last commit on this thread: a hook can only be a plain function.
    static LOG: Cell<c_int> = const { Cell::new(0) };
}

/// The writer's side.
pub(super) struct Checkpointer {
    /// Closed to end the thread.
    ask: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages in the log at which the thread, and at which the writer copies next.
    due: c_int,
    long: c_int,
    fault: Fault,
}

impl Checkpointer {
    pub fn start(file: &DatabaseFile, fault: Fault) -> std::result::Result<Self, OpenError> {
        let path = Path::new(file.conn.path().unwrap_or_default());
        let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let configured = conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
        configured.map_err(|error| open_error(path, &error))?;
        let (ask, asked) = sync_channel(1);
        let copier = Copier { conn, lock: Arc::clone(&file.lock), fault: fault.clone() };
        let thread = std::thread::Builder::new().name("checkpointer".into()).spawn(move || copier.run(&asked));
        let thread = thread.map_err(|error| OpenError::Unexpected(error.to_string()))?;
        file.conn.wal_hook(Some(|_: &Wal, pages| {
            LOG.set(pages);
            Ok(())
        }));
        Ok(Self { ask: Some(ask), thread: Some(thread), due: PIECE, long: LONG, fault })
    }

    /// To be called by the writer's thread after each commit.
    pub fn after_commit(&mut self, conn: &Connection) {
        let log = LOG.get();
        if log < self.due - PIECE {
            // The log was restarted.
            (self.due, self.long) = (PIECE, LONG);
        }
        if log >= self.long {
            // If a reader prevents copying all of it, it retries soon.
            self.long = log + PIECE;
            // The commit is already on disk, so a failure here is only logged.
            if let Err(error) = checkpoint(conn) {
                tracing::warn!(%error, "WAL restart failed (no data lost)");
                self.fault.met_writing(&error);
            }
        } else if log >= self.due {
            self.due = log + PIECE;
            // If the thread is still busy, it is asked with the next piece.
            let _ = self.ask.as_ref().map(|ask| ask.try_send(()));
        }
    }
}

impl Drop for Checkpointer {
    /// Ends the thread and its connection, which must be closed before the file.
    fn drop(&mut self) {
        self.ask = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Copies as much from the log into the file as readers allow.
fn checkpoint(conn: &Connection) -> Result<()> {
    Ok(conn.prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?.query_row([], |_| Ok(()))?)
}

/// The thread's side.
struct Copier {
    // Before the lock, for the same reason as in `DatabaseFile`.
    conn: Connection,
    lock: Arc<Lock>,
    fault: Fault,
}

impl Copier {
    fn run(self, asked: &Receiver<()>) {
        while asked.recv().is_ok() {
            if let Err(error) = checkpoint(&self.conn).and_then(|()| self.flush()) {
                tracing::warn!(%error, "WAL checkpoint failed (no data lost)");
                self.fault.met_writing(&error);
            }
        }
    }

    /// Flushes what was copied. SQLite flushes only with the last piece, which the writer copies: the writer would wait
    /// for all of it.
    fn flush(&self) -> Result<()> {
        let failed = |error: std::io::Error| Error::Damaged(format!("cannot flush the database: {error}"));
        self.lock.file().sync_data().map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::*;

    struct Written {
        file: DatabaseFile,
        checkpointer: Checkpointer,
        folder: tempfile::TempDir,
    }

    impl Written {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let file = file::open(&folder.path().join("chat.db"), &Fault::new()).unwrap();
            file.conn.execute_batch("CREATE TABLE pages (number INTEGER PRIMARY KEY, body BLOB)").unwrap();
            let checkpointer = Checkpointer::start(&file, Fault::new()).unwrap();
            Self { file, checkpointer, folder }
        }

        /// Writes about so many pages, in small commits. Returns the longest the log was.
        fn write(&mut self, pages: c_int) -> c_int {
            let mut longest = 0;
            for number in 0..pages / 64 {
                let sql = "INSERT OR REPLACE INTO pages VALUES (?1 % 100, zeroblob(250000))";
                self.file.conn.execute(sql, [number]).unwrap();
                self.checkpointer.after_commit(&self.file.conn);
                longest = longest.max(LOG.get());
            }
            longest
        }

        fn reader(&self) -> Connection {
            let path = Path::new(self.file.conn.path().unwrap());
            file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
        }
    }

    #[test]
    fn the_log_restarts_while_readers_come_and_go() {
        let mut written = Written::new();
        let reader = written.reader();
        let (stop, stopped) = sync_channel::<()>(0);
        let reading = std::thread::spawn(move || {
            while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
                reader.query_row("SELECT max(body) FROM pages WHERE number < 2", [], |_| Ok(())).unwrap();
                sleep(Duration::from_millis(1));
            }
        });
        let longest = written.write(8 * LONG);
        drop(stop);
        reading.join().unwrap();
        assert!((PIECE..4 * LONG).contains(&longest), "{longest} pages");
    }

    #[test]
    fn a_long_read_blocks_nobody_and_the_log_restarts_after_it() {
        let mut written = Written::new();
        let reader = written.reader();
        let view = reader.unchecked_transaction().unwrap();
        view.query_row("SELECT count(*) FROM pages", [], |_| Ok(())).unwrap();
        assert!(written.write(2 * LONG) > LONG);
        drop(view);
        written.write(2 * LONG);
        assert!(LOG.get() < 2 * LONG, "{} pages", LOG.get());
    }

    #[test]
    fn everything_is_there_after_an_end_without_a_checkpoint() {
        let mut written = Written::new();
        written.write(2 * LONG);
        let Written { file, checkpointer, folder } = written;
        drop(checkpointer);
        drop(file);
        let file = file::open(&folder.path().join("chat.db"), &Fault::new()).unwrap();
        let check: String = file.conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let pages: i64 = file.conn.query_row("SELECT count(*) FROM pages", [], |row| row.get(0)).unwrap();
        assert_eq!((check.as_str(), pages), ("ok", i64::from(2 * LONG / 64)));
    }
}
