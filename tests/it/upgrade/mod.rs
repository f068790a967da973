//! Upgrades of files of earlier schema versions. The fixtures were made by the released programs
//! (`tests/fixtures/make.py`) and are as SIGKILL left them: with a write-ahead log, and with rows that those programs
//! indexed late. Beside each are the answers that its program gave. After the upgrade the answers (`answers`) and the
//! rows (`rows`) are the same, even if it is interrupted (`interrupted`), and the old file is kept as a backup (`backup`).

mod answers;
mod backup;
mod interrupted;
pub mod rows;

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use serde_json::Value;
use tempfile::TempDir;

/// A file of an earlier version in a folder.
struct Fixture {
    version: i64,
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

impl Fixture {
    fn unpack(version: i64) -> Self {
        let fixture = Self::empty(version);
        for part in ["db", "db-wal"] {
            fs::write(fixture.folder.join(format!("chat.{part}")), unpack(version, part)).unwrap();
        }
        // Otherwise the logins would have expired by the time this runs.
        fixture.change("UPDATE sessions SET expires_at = 9000000000000000");
        fixture
    }

    fn empty(version: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { version, folder: folder.path().to_owned(), _temporary: Some(folder) }
    }

    /// A copy in a separate folder.
    fn copy(&self) -> Self {
        let copy = Self::empty(self.version);
        self.copy_into(&copy.folder);
        copy
    }

    /// A copy in this folder.
    fn copy_to(&self, folder: &Path) -> Self {
        self.copy_into(folder);
        Self { version: self.version, folder: folder.to_owned(), _temporary: None }
    }

    fn copy_into(&self, folder: &Path) {
        for name in self.names() {
            fs::copy(self.folder.join(&name), folder.join(&name)).unwrap();
        }
    }

    fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> PathBuf {
        self.folder.join("chat.db")
    }

    /// The backup that an upgrade leaves.
    fn backup(&self) -> PathBuf {
        self.folder.join(format!("chat.db.v{}.bak", self.version))
    }

    /// The names of all files in the folder but the index of the log, which reading a database creates.
    fn names(&self) -> BTreeSet<String> {
        let names = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "chat.db-shm").collect()
    }

    /// Runs SQL in the file's own schema and leaves the result in the log.
    fn change(&self, sql: &str) {
        open(&self.file()).execute_batch(sql).unwrap();
    }

    /// Adds messages between the first two people, which are not in any list yet, so that an upgrade takes a while.
    fn enlarge(&self, count: i64) {
        self.change(&format!(
            "INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, client_key, created_at, revision)
             WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < {count})
             SELECT revision + n, 1, (SELECT max(seq) FROM messages WHERE conversation_id = 1) + n, 1 + n % 2, 2 - n % 2,
                    'one of many: ' || n, 'bulk-' || n, 0, revision + n
             FROM state, number ORDER BY n;
             UPDATE state SET revision = revision + {count};"
        ));
        if self.version == 1 {
            // This version stored at once what later ones computed on request.
            self.change(&format!(
                "UPDATE conversations SET last_seq = last_seq + {count}, revision = (SELECT revision FROM state) WHERE id = 1;
                 UPDATE members SET last_message_id = (SELECT revision FROM state) WHERE conversation_id = 1;"
            ));
        }
    }

    fn schema_version(&self) -> i64 {
        open(Path::new(&address(&self.file()))).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }
}

/// A connection that never checkpoints.
fn open(file: &Path) -> Connection {
    let conn = Connection::open(file).unwrap();
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    conn.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    conn
}

/// The address of a database for reading; without a log, reading leaves no files beside it.
fn address(file: &Path) -> String {
    let file = file.display();
    let has_log = Path::new(&format!("{file}-wal")).exists();
    format!("file:{file}{}", if has_log { "" } else { "?immutable=1" })
}

fn unpack(version: i64, part: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/chat-v{version}.{part}.gz", env!("CARGO_MANIFEST_DIR"));
    let mut bytes = Vec::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// What the old program answered before it was killed, and what was sent to it with client ids.
fn story(version: i64) -> Value {
    serde_json::from_slice(&unpack(version, "json")).unwrap()
}
