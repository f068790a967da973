//! Copies of the file, also while a server writes to it: a snapshot by SQLite's own backup, written under another name
//! and renamed once it is whole and on disk. Must not know what is in the file.

use std::fs::{File, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use tempfile::NamedTempFile;

use super::file::open_error;
use super::{file, upgrade};
use crate::store::error::OpenError;

/// Pages of 4 KiB copied between two checks whether to stop.
const PIECE: i32 = 256;

/// The name of a copy until it is whole: its own, some random characters, and this.
const PART: &str = ".part";
const RANDOM: usize = 6;

/// Rights of an automatic copy: its owner's alone.
const PRIVATE: u32 = 0o600;

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

/// Copies the database file at `path` to `copy`, which is there once it is whole and on disk. Returns its length in
/// bytes.
///
/// # Errors
/// A file that is not ours is refused, and so is a `copy` that is there already. Nothing is left behind then, nor where
/// `stop` becomes true.
pub fn back_up(path: &Path, copy: &Path, stop: &AtomicBool) -> Result<u64, BackupError> {
    // Opened first, so that it is closed last: closing it drops SQLite's locks (sqlite.org/howtocorrupt.html, 2.2).
    let original = open(path)?;
    let not_readable = |reason| BackupError::NotReadable { path: path.to_owned(), reason };
    let rights = original.metadata().map_err(not_readable)?.permissions();
    if copy.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let conn = file::connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    upgrade::recognise(&conn, path)?;
    let draft = Draft::beside(copy, RANDOM)?;
    draft.fill(&conn, stop)?.map_err(|error| open_error(path, &error))?;
    draft.publish(rights, Existing::Kept)
}

/// Copies the file behind `conn` to `copy` and replaces any that is there, which may be incomplete.
pub(super) fn keep_copy(conn: &Connection, copy: &Path) -> Result<(), BackupError> {
    let draft = Draft::again(copy)?;
    draft.fill(conn, &AtomicBool::new(false))?.map_err(|error| open_error(copy, &error))?;
    draft.publish(Permissions::from_mode(PRIVATE), Existing::Replaced).map(drop)
}

/// The file, with something in it.
pub(super) fn open(path: &Path) -> Result<File, BackupError> {
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

/// What happens to a file that has the copy's name already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    Kept,
    Replaced,
}

/// The copy while it is made: under another name in the same folder, and gone unless it is published.
pub(super) struct Draft {
    name: PathBuf,
    folder: File,
    file: NamedTempFile,
}

impl Draft {
    /// Under a name where a killed run may have left its part; the database is locked, so nobody else writes it.
    pub fn again(name: &Path) -> Result<Self, BackupError> {
        let mut part = name.as_os_str().to_owned();
        part.push(PART);
        let _ = std::fs::remove_file(part);
        Self::beside(name, 0)
    }

    /// Where it is until it is published.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// `random`: how many characters of its name are chosen at random.
    fn beside(name: &Path, random: usize) -> Result<Self, BackupError> {
        let place = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let prefix = name.file_name().unwrap_or_default();
        let opened = File::open(place).and_then(|folder| {
            let file = tempfile::Builder::new().prefix(prefix).rand_bytes(random).suffix(PART).tempfile_in(place)?;
            Ok(Self { name: name.to_owned(), folder, file })
        });
        opened.map_err(|reason| BackupError::NotWritable { path: name.to_owned(), reason })
    }

    /// Copies a snapshot of what is committed now.
    fn fill(&self, conn: &Connection, stop: &AtomicBool) -> Result<rusqlite::Result<()>, BackupError> {
        let copy = || {
            let mut target = Connection::open(self.file.path())?;
            // It counts only once it is whole, and is flushed then.
            target.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
            // Without a read transaction each write meanwhile would restart the copying.
            let view = conn.unchecked_transaction()?;
            view.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            let copying = Backup::new(conn, &mut target)?;
            while !stop.load(Ordering::Relaxed) {
                if copying.step(PIECE)? == StepResult::Done {
                    return Ok(Ok(()));
                }
            }
            Ok(Err(BackupError::Stopped))
        };
        match copy() {
            Ok(Ok(())) => Ok(Ok(())),
            Ok(Err(stopped)) => Err(stopped),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Gives it its name, once it is whole and on disk. Returns its length.
    pub fn publish(self, rights: Permissions, existing: Existing) -> Result<u64, BackupError> {
        let not_writable = |reason| BackupError::NotWritable { path: self.name.clone(), reason };
        let file = self.file.as_file();
        file.set_permissions(rights).and_then(|()| file.sync_all()).map_err(not_writable)?;
        let length = file.metadata().map_err(not_writable)?.len();
        let named = match existing {
            Existing::Kept => self.file.persist_noclobber(&self.name),
            Existing::Replaced => self.file.persist(&self.name),
        };
        match named {
            Ok(_) => self.folder.sync_all().map_err(not_writable).map(|()| length),
            Err(refused) if refused.error.kind() == ErrorKind::AlreadyExists => Err(BackupError::Exists(self.name)),
            Err(refused) => Err(not_writable(refused.error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::AtomicI64;

    use tempfile::TempDir;

    use super::*;

    /// A database in a temporary folder, with a log.
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

    /// The last round in a file; each round changes all of it, so a whole file is of one round.
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
