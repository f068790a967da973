//! The write-ahead log, seen from outside: it stays short under load, and restarts after a long reader has finished.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::database::look;
use crate::support::{Caller, Program};

/// The size in bytes at which a writer waits until the log can restart (`src/store/engine/sqlite/checkpoint.rs`).
const LONGEST: u64 = 6144 * 4120;

/// At most one more transaction is added: a group of messages.
const ROOM: u64 = 4 * 1024 * 1024;

struct Log(PathBuf);

impl Log {
    fn of(folder: &Path) -> Self {
        Self(folder.join("chat.db-wal"))
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.0).unwrap().len()
    }

    /// The checkpoint sequence number, which changes with each restart (sqlite.org/fileformat2.html, "WAL header").
    fn restarts(&self) -> u32 {
        u32::from_be_bytes(fs::read(&self.0).unwrap()[12..16].try_into().unwrap())
    }
}

/// Sends about this many bytes over four concurrent connections.
async fn send(from: &Caller, bytes: u64) {
    let sending = (0..4).map(|_| {
        let from = from.clone();
        tokio::spawn(async move {
            let body = format!(r#"{{"recipient":"al","body":"{}"}}"#, "x".repeat(60_000));
            for _ in 0..bytes / 4 / body.len() as u64 {
                from.post_json("/api/v1/message/", body.clone()).await.expect(201);
            }
        })
    });
    for one in sending.collect::<Vec<_>>() {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn the_log_stays_bounded_under_load_and_restarts_after_a_long_reader() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    let log = Log::of(folder.path());

    send(&al, 2 * LONGEST).await;
    assert!(log.restarts() >= 2, "it restarted {} times", log.restarts());
    assert!(log.length() < LONGEST + ROOM, "{} bytes", log.length());

    // A long reader, such as a backup. The log cannot be reused meanwhile, and everybody is still served.
    let reader = look(&folder.path().join("chat.db"));
    let view = reader.unchecked_transaction().unwrap();
    let messages = "SELECT count(*) FROM messages";
    let seen: i64 = view.query_row(messages, [], |row| row.get(0)).unwrap();
    let (before, sent) = (log.restarts(), LONGEST + ROOM);
    send(&al, sent).await;
    assert_eq!(view.query_row(messages, [], |row| row.get::<_, i64>(0)).unwrap(), seen);
    assert!(log.restarts() <= before + 1, "it restarted while a reader used it");
    assert!(log.length() < LONGEST + sent + ROOM, "{} bytes", log.length());

    drop(view);
    let before = log.restarts();
    while log.restarts() == before {
        send(&al, ROOM).await;
        assert!(log.length() < 2 * (LONGEST + sent), "{} bytes, and its reader has finished", log.length());
    }
    let longest = log.length();
    send(&al, LONGEST).await;
    assert_eq!(log.length(), longest);
    program.stop().await;
}
