//! Copies the database into another file while a server works on it, so that nobody who is served has to wait. A reader who
//! stays makes the log grow, and commits wait for the disk longer; so the file is first copied as it is, gently and without
//! a view of it, and then one view is compared with that and what differs is written. Must not know what is in the file.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use tempfile::NamedTempFile;

use super::error::OpenError;
use super::{file, upgrade};

/// Bytes copied at once, and the rest after them: 16 MiB a second, a gigabyte a minute.
const PIECE: usize = 256 << 10;
const REST: Duration = Duration::from_millis(15);

/// Bytes written after which they are flushed, so that no flush is long: those of others may have to wait for it.
const FLUSH: u64 = 1 << 20;

/// The comparison works and rests in turns, each as long as this.
const TURN: Duration = Duration::from_millis(2);

/// One statement has one view of the file; this one has its pages as they are (sqlite.org/dbpage.html).
const PAGES: &str = "SELECT data FROM sqlite_dbpage ORDER BY pgno";

/// Why there is no copy. Each is one line for the person who asked for it.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no database {}", .0.display())]
    Missing(PathBuf),
    #[error("there is nothing in {}", .0.display())]
    Empty(PathBuf),
    #[error("cannot read the database {}: {reason}", path.display())]
    NotReadable { path: PathBuf, reason: io::Error },
    #[error(transparent)]
    Refused(#[from] OpenError),
    #[error("{} is there already; name another file", .0.display())]
    Exists(PathBuf),
    #[error("cannot write the copy {}: {reason}", path.display())]
    NotWritable { path: PathBuf, reason: io::Error },
    #[error("stopped before the copy was whole; nothing is left of it")]
    Stopped,
}

/// Copies the database file at `path` to `copy`, which is there once it is whole and on disk. Returns its length.
///
/// # Errors
/// A file that is not ours is refused, and so is a `copy` that is there already. Nothing is left behind then, nor where
/// `stop` becomes true.
pub fn back_up(path: &Path, copy: &Path, stop: &AtomicBool) -> Result<u64, BackupError> {
    // Opened first, so that it is closed last: closing it drops SQLite's locks (sqlite.org/howtocorrupt.html, 2.2).
    let original = open(path)?;
    let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    upgrade::recognise(&conn, path)?;
    let not_readable = |reason| BackupError::NotReadable { path: path.to_owned(), reason };
    let rights = original.metadata().map_err(not_readable)?.permissions();

    let mut draft = Draft::beside(copy)?;
    let mut piece = vec![0; PIECE];
    let mut length = 0;
    while let read @ 1.. = original.read_at(&mut piece, length).map_err(not_readable)? {
        draft.write(&piece[..read], length)?;
        length += read as u64;
        sleep(REST);
        go_on(stop)?;
    }
    let length = correct(&mut draft, &conn, stop).map_err(|error| OpenError::named(path, &error))??;
    draft.publish(length, rights)?;
    Ok(length)
}

/// The file, with something in it.
fn open(path: &Path) -> Result<File, BackupError> {
    let not_readable = |reason: io::Error| match reason.kind() {
        ErrorKind::NotFound => BackupError::Missing(path.to_owned()),
        _ => BackupError::NotReadable { path: path.to_owned(), reason },
    };
    let file = File::open(path).map_err(not_readable)?;
    // What SQLite would take for an empty database.
    match file.read_at(&mut [0], 0).map_err(not_readable)? {
        0 => Err(BackupError::Empty(path.to_owned())),
        _ => Ok(file),
    }
}

/// Writes where the draft differs from what is committed now. Returns the length of that.
fn correct(draft: &mut Draft, conn: &Connection, stop: &AtomicBool) -> rusqlite::Result<Result<u64, BackupError>> {
    let mut query = conn.prepare(PAGES)?;
    let mut pages = query.query([])?;
    let mut length = 0;
    let mut begun = Instant::now();
    while let Some(row) = pages.next()? {
        let page = row.get_ref(0)?.as_blob()?;
        if let Err(error) = draft.correct(page, length).and_then(|()| go_on(stop)) {
            return Ok(Err(error));
        }
        length += page.len() as u64;
        if begun.elapsed() >= TURN {
            sleep(TURN);
            begun = Instant::now();
        }
    }
    Ok(Ok(length))
}

fn go_on(stop: &AtomicBool) -> Result<(), BackupError> {
    if stop.load(Ordering::Relaxed) { Err(BackupError::Stopped) } else { Ok(()) }
}

/// The copy while it is made: under another name in the same folder, and gone unless it is published.
struct Draft {
    name: PathBuf,
    folder: File,
    file: NamedTempFile,
    /// Bytes that may not be on disk.
    unflushed: u64,
    /// What is compared with a page.
    written: Vec<u8>,
}

impl Draft {
    fn beside(name: &Path) -> Result<Self, BackupError> {
        if name.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(name.to_owned()));
        }
        let place = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut prefix = name.file_name().unwrap_or_default().to_owned();
        prefix.push(".");
        let opened = File::open(place).and_then(|folder| {
            let file = tempfile::Builder::new().prefix(&prefix).suffix(".part").tempfile_in(place)?;
            Ok(Self { name: name.to_owned(), folder, file, unflushed: 0, written: Vec::new() })
        });
        opened.map_err(|reason| BackupError::NotWritable { path: name.to_owned(), reason })
    }

    fn not_writable(&self, reason: io::Error) -> BackupError {
        BackupError::NotWritable { path: self.name.clone(), reason }
    }

    fn write(&mut self, bytes: &[u8], at: u64) -> Result<(), BackupError> {
        let file = self.file.as_file();
        file.write_all_at(bytes, at).map_err(|reason| self.not_writable(reason))?;
        self.unflushed += bytes.len() as u64;
        if self.unflushed >= FLUSH {
            file.sync_data().map_err(|reason| self.not_writable(reason))?;
            self.unflushed = 0;
        }
        Ok(())
    }

    /// Writes a page where something else stands.
    fn correct(&mut self, page: &[u8], at: u64) -> Result<(), BackupError> {
        self.written.resize(page.len(), 0);
        match self.file.as_file().read_exact_at(&mut self.written, at) {
            Ok(()) if self.written == page => Ok(()),
            Err(reason) if reason.kind() != ErrorKind::UnexpectedEof => Err(self.not_writable(reason)),
            _ => self.write(page, at),
        }
    }

    /// Gives it its name, once it is whole and on disk.
    fn publish(self, length: u64, rights: Permissions) -> Result<(), BackupError> {
        let not_writable = |reason| BackupError::NotWritable { path: self.name.clone(), reason };
        let file = self.file.as_file();
        file.set_len(length).and_then(|()| file.set_permissions(rights)).map_err(not_writable)?;
        file.sync_all().map_err(not_writable)?;
        match self.file.persist_noclobber(&self.name) {
            Ok(_) => self.folder.sync_all().map_err(not_writable),
            Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => Err(BackupError::Exists(self.name)),
            Err(refused) => Err(not_writable(refused.error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::atomic::AtomicI64;

    use tempfile::TempDir;

    use super::*;

    /// A database in a folder of its own, with a log.
    struct Site {
        folder: TempDir,
        conn: Connection,
    }

    impl Site {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let access = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            let conn = file::connect(&folder.path().join("chat.db"), access).unwrap();
            conn.execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA application_id = 0x4368696e;
                 CREATE TABLE texts (key INTEGER PRIMARY KEY, round INTEGER, text BLOB);",
            )
            .unwrap();
            change(&conn, 0);
            Self { folder, conn }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn back_up(&self, name: &str) -> Result<u64, BackupError> {
            back_up(&self.path("chat.db"), &self.path(name), &AtomicBool::new(false))
        }
    }

    /// Changes every page there is, and adds some.
    fn change(conn: &Connection, round: i64) {
        let every = "WITH keys (key) AS (SELECT 1 UNION ALL SELECT key + 1 FROM keys WHERE key < 100 + ?1 % 50)
             INSERT OR REPLACE INTO texts SELECT key, ?1, zeroblob(3000) FROM keys";
        conn.execute(every, [round]).unwrap();
    }

    /// The last round a whole file is of: each changes what is in it everywhere.
    fn round(path: &Path) -> i64 {
        let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let check: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
        let first = "SELECT min(round), max(round) FROM texts WHERE key <= 100";
        let (least, most): (i64, i64) = conn.query_row(first, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(least, most, "parts of several rounds");
        least
    }

    #[test]
    fn a_copy_is_one_view_of_a_file_that_is_always_written_to() {
        let Site { folder, conn } = Site::new();
        let path = |name| folder.path().join(name);
        let (committed, stop) = (&AtomicI64::new(0), &AtomicBool::new(false));
        let write = move || {
            for round in 1.. {
                change(&conn, round);
                committed.store(round, Ordering::SeqCst);
                if stop.load(Ordering::SeqCst) {
                    break;
                }
            }
        };
        let copies = std::thread::scope(|scope| {
            scope.spawn(write);
            let copies = ["one", "two", "three"].map(|name| {
                let before = committed.load(Ordering::SeqCst);
                let copied = back_up(&path("chat.db"), &path(name), &AtomicBool::new(false));
                // One more may be committed already.
                (name, copied, before..=committed.load(Ordering::SeqCst) + 1)
            });
            stop.store(true, Ordering::SeqCst);
            copies
        });
        for (name, copied, rounds) in copies {
            assert_eq!(copied.unwrap(), fs::metadata(path(name)).unwrap().len());
            let round = round(&path(name));
            assert!(rounds.contains(&round), "{round} is not of {rounds:?}");
        }
    }

    #[test]
    fn the_view_of_the_pages_stays_what_it_was_and_is_read_in_order() {
        let site = Site::new();
        let reader = file::connect(&site.path("chat.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut query = reader.prepare(PAGES).unwrap();
        let mut pages = query.query([]).unwrap();
        let mut copy = Vec::new();
        while let Some(row) = pages.next().unwrap() {
            copy.extend(row.get_ref(0).unwrap().as_blob().unwrap());
            change(&site.conn, 1);
            let checkpoint = "PRAGMA wal_checkpoint(PASSIVE)";
            site.conn.query_row(checkpoint, [], |_| Ok(())).unwrap();
        }
        fs::write(site.path("copy"), copy).unwrap();
        assert_eq!((round(&site.path("copy")), round(&site.path("chat.db"))), (0, 1));
        let plan = format!("EXPLAIN QUERY PLAN {PAGES}");
        let steps = reader.prepare(&plan).unwrap().query_map([], |_| Ok(())).unwrap().count();
        assert_eq!(steps, 1, "they are sorted, in memory");
    }

    #[test]
    fn a_copy_is_as_private_as_the_file() {
        let site = Site::new();
        for mode in [0o600, 0o644, 0o640] {
            fs::set_permissions(site.path("chat.db"), Permissions::from_mode(mode)).unwrap();
            let name = format!("{mode:o}");
            site.back_up(&name).unwrap();
            assert_eq!(fs::metadata(site.path(&name)).unwrap().permissions().mode() & 0o777, mode);
        }
    }

    #[test]
    fn nothing_is_left_of_a_copy_that_is_stopped() {
        let site = Site::new();
        let files = || fs::read_dir(site.folder.path()).unwrap().count();
        let before = files();
        let stopped = back_up(&site.path("chat.db"), &site.path("copy"), &AtomicBool::new(true));
        assert!(matches!(stopped, Err(BackupError::Stopped)));
        assert_eq!(files(), before);
    }
}
