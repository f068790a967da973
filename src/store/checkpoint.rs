//! Copies the write-ahead log into the file, in small pieces, on a thread and a connection of its own, so that no send waits
//! for that. Where a commit finds all of it copied, SQLite begins the log anew. Where something was written meanwhile each
//! time, the writer copies that at last: only between two commits can the last one be copied. Must not know what is written.

use std::cell::Cell;
use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use rusqlite::hooks::Wal;
use rusqlite::{Connection, OpenFlags, ffi};
use tokio::sync::watch;

use super::error::{OpenError, is_fatal};
use super::file::{self, DatabaseFile, Lock};

/// Pages written after which they are copied: so few that those who answer, with whom the thread may share a core, hardly
/// wait for it.
const PIECE: c_int = 256;

/// Pages from which on the log is made to begin anew: 12 MiB, since after a kill the next start reads all of it. Where a
/// reader prevents that, it is tried again when the log is longer by half, so that one who reads for long seldom makes the
/// writer wait.
const EVERY: c_int = 3072;

/// Pages in the log from which on the writer waits for the copying, should the disk be slower than what is written. A log
/// that has become longer beside a reader may grow by half while it is copied.
const MOST: c_int = 6144;

/// Pages that are few enough for the writer to copy them itself, or an eighth of a log that is longer than usual. Where a
/// reader keeps more from being copied, it has been there for long, and the writer does not wait for it.
const FEW: c_int = 128;

/// How long the writer waits for readers that look at the log. Most are done within a millisecond.
const PATIENCE: Duration = Duration::from_millis(10);
const RETRY: Duration = Duration::from_micros(500);

thread_local! {
    /// Pages in the log after the last commit on this thread: a hook can be no more than a plain function.
    static LOG: Cell<c_int> = const { Cell::new(0) };
}

/// The writer's side: knows how long the log is and what is to be done about it.
pub(super) struct Checkpointer {
    /// Closed to end the thread.
    ask: Option<SyncSender<()>>,
    /// Hears when it has copied what there was; nothing where it failed.
    done: Receiver<Option<Progress>>,
    thread: Option<JoinHandle<()>>,
    under_way: bool,
    /// Pages in the log after the last commit, those at which it is copied next, and those at which that is waited for.
    log: c_int,
    due: c_int,
    most: c_int,
}

impl Checkpointer {
    pub fn start(file: &DatabaseFile, report: watch::Sender<Option<String>>) -> Result<Self, OpenError> {
        let path = Path::new(file.conn.path().unwrap_or_default());
        let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let configured = conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;");
        configured.map_err(|error| OpenError::named(path, &error))?;
        let (ask, asked) = sync_channel(1);
        let (tell, done) = sync_channel(1);
        let copier = Copier { conn, lock: Arc::clone(&file.lock), report };
        let thread = std::thread::Builder::new().name("checkpointer".into()).spawn(move || copier.run(&asked, &tell));
        let thread = thread.map_err(|error| OpenError::Unexpected(error.to_string()))?;
        file.conn.wal_hook(Some(|_: &Wal, pages| {
            LOG.set(pages);
            Ok(())
        }));
        Ok(Self { ask: Some(ask), done, thread: Some(thread), under_way: false, log: 0, due: PIECE, most: MOST })
    }

    /// To be called by the writer's thread after each commit.
    pub fn look(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let before = std::mem::replace(&mut self.log, LOG.get());
        if self.log < before {
            (self.due, self.most) = (PIECE, MOST);
        }
        if !self.under_way && self.log >= self.due {
            self.under_way = self.ask.as_ref().is_some_and(|ask| ask.try_send(()).is_ok());
        }
        if self.under_way
            && let Some(progress) = self.progress()
        {
            self.under_way = false;
            return self.go_on(progress, conn);
        }
        Ok(())
    }

    /// Says when to copy next, now that some was copied or, with nothing, could not be. Has a long log begin anew.
    fn go_on(&mut self, progress: Option<Progress>, conn: &Connection) -> rusqlite::Result<()> {
        let few = FEW.max(self.log / 8);
        let Some(Progress { log, copied }) = progress.filter(|progress| progress.left() < few) else {
            self.wait_for_readers(PIECE.max(few));
            return Ok(());
        };
        if self.log < log {
            // It began anew meanwhile.
            self.due = PIECE;
        } else if self.log < EVERY {
            self.due = copied + PIECE;
        } else if self.log - copied >= few {
            self.due = self.log;
        } else {
            self.wait_for_readers(EVERY.max(self.log / 2));
            begin_anew(conn)?;
        }
        Ok(())
    }

    /// Lets the log grow by so many pages before it is copied again.
    fn wait_for_readers(&mut self, pages: c_int) {
        self.due = self.log + pages;
        self.most = MOST.max(self.due / 2 * 3);
    }

    /// What was copied, once that is done; where the log grows faster than that, waits for it.
    fn progress(&self) -> Option<Option<Progress>> {
        // An error means that the thread has ended.
        if self.log >= self.most {
            return Some(self.done.recv().unwrap_or(None));
        }
        match self.done.try_recv() {
            Err(TryRecvError::Empty) => None,
            progress => Some(progress.unwrap_or(None)),
        }
    }
}

impl Drop for Checkpointer {
    /// Ends the thread and its connection, which must be gone before the file is let go.
    fn drop(&mut self) {
        self.ask = None;
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Copies the little that is left, so that the next commit begins the log anew.
fn begin_anew(conn: &Connection) -> rusqlite::Result<()> {
    let start = Instant::now();
    // Tried again and again rather than with RESTART at once, which waits for the place of a reader to be free: others take
    // it in turns, with a newer view each. Once all is copied, none of them needs the log any more.
    while checkpoint(conn, "PRAGMA wal_checkpoint(PASSIVE)")?.left() > 0 {
        if start.elapsed() > PATIENCE {
            return Ok(());
        }
        sleep(RETRY);
    }
    conn.busy_timeout(PATIENCE)?;
    let done = checkpoint(conn, "PRAGMA wal_checkpoint(RESTART)");
    conn.busy_timeout(file::BUSY_TIMEOUT)?;
    done.map(drop)
}

/// Pages in the log, and how many of them are copied into the file.
struct Progress {
    log: c_int,
    copied: c_int,
}

impl Progress {
    fn left(&self) -> c_int {
        self.log - self.copied
    }
}

/// Copies from the log into the file. It is no error that readers keep it from copying all.
fn checkpoint(conn: &Connection, sql: &str) -> rusqlite::Result<Progress> {
    conn.prepare_cached(sql)?.query_row([], |row| Ok(Progress { log: row.get(1)?, copied: row.get(2)? }))
}

/// The thread's side.
struct Copier {
    // Before the lock, for the same reason as in `DatabaseFile`.
    conn: Connection,
    lock: Arc<Lock>,
    report: watch::Sender<Option<String>>,
}

impl Copier {
    fn run(self, asked: &Receiver<()>, tell: &SyncSender<Option<Progress>>) {
        while asked.recv().is_ok() {
            let copied = self.copy().inspect_err(|error| {
                tracing::error!(%error, "the write-ahead log could not be copied into the file");
                if is_fatal(error) {
                    self.report.send_replace(Some(error.to_string()));
                }
            });
            // The writer has gone only where the thread is about to end.
            let _ = tell.send(copied.ok());
        }
    }

    fn copy(&self) -> rusqlite::Result<Progress> {
        let progress = checkpoint(&self.conn, "PRAGMA wal_checkpoint(PASSIVE)")?;
        self.flush()?;
        Ok(progress)
    }

    /// Has on disk what was copied. SQLite itself does it only where nothing was written meanwhile, and the writer, who
    /// does the last piece, shall not have to wait for all.
    fn flush(&self) -> rusqlite::Result<()> {
        self.lock.file().sync_data().map_err(|error| {
            rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), Some(error.to_string()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Written {
        file: DatabaseFile,
        checkpointer: Checkpointer,
        _folder: tempfile::TempDir,
    }

    impl Written {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let report = watch::Sender::new(None);
            let file = file::open(&folder.path().join("chat.db"), &report).unwrap();
            file.conn.execute_batch("CREATE TABLE pages (number INTEGER PRIMARY KEY, body BLOB)").unwrap();
            let checkpointer = Checkpointer::start(&file, report).unwrap();
            Self { file, checkpointer, _folder: folder }
        }

        /// Writes about so many pages, in small commits. Returns the longest the log was.
        fn write(&mut self, pages: c_int) -> c_int {
            let mut longest = 0;
            for number in 0..pages / 64 {
                let sql = "INSERT OR REPLACE INTO pages VALUES (?1 % 100, zeroblob(250000))";
                self.file.conn.execute(sql, [number]).unwrap();
                self.checkpointer.look(&self.file.conn).unwrap();
                longest = longest.max(self.checkpointer.log);
            }
            longest
        }

        /// The same, and waits until nothing is being copied.
        fn write_and_wait(&mut self, pages: c_int) -> c_int {
            let longest = self.write(pages);
            while self.checkpointer.under_way {
                self.checkpointer.look(&self.file.conn).unwrap();
            }
            longest
        }

        fn reader(&self) -> Connection {
            let path = Path::new(self.file.conn.path().unwrap());
            file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
        }
    }

    #[test]
    fn the_log_is_copied_in_small_pieces() {
        let mut written = Written::new();
        for _ in 0..EVERY / 64 {
            assert!(written.write_and_wait(64) < PIECE + 128);
        }
        // Beside readers of whom one is always there, so that the log cannot begin anew.
        let readers = [written.reader(), written.reader()];
        let mut view = None;
        for number in 0..EVERY / 2 / 64 {
            let next = readers[number as usize % 2].unchecked_transaction().unwrap();
            next.query_row("SELECT count(*) FROM pages", [], |_| Ok(())).unwrap();
            view = Some(next);
            written.write_and_wait(64);
            assert!(written.checkpointer.due <= written.checkpointer.log + PIECE);
        }
        assert!(view.is_some() && written.checkpointer.log >= EVERY / 4);
    }

    #[test]
    fn the_log_begins_anew_while_readers_come_and_go() {
        let mut written = Written::new();
        let reader = written.reader();
        let (stop, stopped) = sync_channel::<()>(0);
        let reading = std::thread::spawn(move || {
            while let Err(TryRecvError::Empty) = stopped.try_recv() {
                reader.query_row("SELECT max(body) FROM pages WHERE number < 2", [], |_| Ok(())).unwrap();
                // Gone for a moment: who is always there, on a busy machine, is one that stays.
                sleep(Duration::from_millis(1));
            }
        });
        let longest = written.write(8 * MOST);
        drop(stop);
        reading.join().unwrap();
        // On a busy machine a reader may now and then be too slow.
        assert!((PIECE..4 * MOST).contains(&longest), "{longest} pages");
    }

    #[test]
    fn a_reader_that_stays_holds_nobody_up_and_the_log_begins_anew_when_it_goes() {
        let mut written = Written::new();
        let reader = written.reader();
        let view = reader.unchecked_transaction().unwrap();
        view.query_row("SELECT count(*) FROM pages", [], |_| Ok(())).unwrap();
        assert!(written.write(2 * MOST) > 2 * MOST - EVERY);
        drop(view);
        written.write(2 * MOST);
        assert!(written.checkpointer.log < 2 * MOST, "{} pages", written.checkpointer.log);
    }

    #[test]
    fn the_writer_does_not_wait_for_a_reader_that_stays() {
        let mut written = Written::new();
        // Copied by the test alone.
        written.checkpointer.ask = None;
        written.write(EVERY / 2);
        let reader = written.reader();
        let view = reader.unchecked_transaction().unwrap();
        view.query_row("SELECT count(*) FROM pages", [], |_| Ok(())).unwrap();
        written.write(EVERY / 4);
        let conn = file::connect(Path::new(reader.path().unwrap()), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
        let copier = Copier { conn, lock: Arc::clone(&written.file.lock), report: watch::Sender::new(None) };
        assert!(copier.copy().unwrap().left() > FEW, "who hears that does not wait");
        drop(view);
        assert_eq!(copier.copy().unwrap().left(), 0);
    }

    #[test]
    fn everything_is_there_after_an_end_without_a_word() {
        let mut written = Written::new();
        written.write(2 * MOST);
        let Written { file, checkpointer, _folder: folder } = written;
        drop(checkpointer);
        drop(file);
        let file = file::open(&folder.path().join("chat.db"), &watch::Sender::new(None)).unwrap();
        let check: String = file.conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let pages: i64 = file.conn.query_row("SELECT count(*) FROM pages", [], |row| row.get(0)).unwrap();
        assert_eq!((check.as_str(), pages), ("ok", 100));
    }
}
