//! The write-ahead log, seen from outside: however much is sent, it stays short, and after somebody read the file for long
//! it begins anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::database::look;
use crate::support::{Caller, Program};

/// Where a writer waits at the latest until the log can begin anew, in bytes (`src/store/engine/sqlite/checkpoint.rs`).
const LONGEST: u64 = 6144 * 4120;

/// One change at the most comes on top: a group of messages.
const ROOM: u64 = 4 * 1024 * 1024;

struct Log(PathBuf);

impl Log {
    fn of(folder: &Path) -> Self {
        Self(folder.join("chat.db-wal"))
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.0).unwrap().len()
    }

    /// A number that changes whenever it begins anew (sqlite.org/fileformat2.html, "WAL header": the checkpoint's number).
    fn beginnings(&self) -> u32 {
        u32::from_be_bytes(fs::read(&self.0).unwrap()[12..16].try_into().unwrap())
    }
}

/// Sends about so many bytes, from four who ask at the same time.
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
async fn the_log_stays_short_however_much_is_sent_and_begins_anew_after_a_long_reader() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    let log = Log::of(folder.path());

    send(&al, 2 * LONGEST).await;
    assert!(log.beginnings() >= 2, "it began anew {} times", log.beginnings());
    assert!(log.length() < LONGEST + ROOM, "{} bytes", log.length());

    // Such as a copy of the file that takes long. Nothing of the log can be given up, and everybody is served all the same.
    let reader = look(&folder.path().join("chat.db"));
    let view = reader.unchecked_transaction().unwrap();
    let messages = "SELECT count(*) FROM messages";
    let seen: i64 = view.query_row(messages, [], |row| row.get(0)).unwrap();
    let (before, sent) = (log.beginnings(), LONGEST + ROOM);
    send(&al, sent).await;
    assert_eq!(view.query_row(messages, [], |row| row.get::<_, i64>(0)).unwrap(), seen);
    assert!(log.beginnings() <= before + 1, "it began anew under its reader");
    assert!(log.length() < LONGEST + sent + ROOM, "{} bytes", log.length());

    drop(view);
    let before = log.beginnings();
    while log.beginnings() == before {
        send(&al, ROOM).await;
        assert!(log.length() < 2 * (LONGEST + sent), "{} bytes, and its reader has gone", log.length());
    }
    let longest = log.length();
    send(&al, LONGEST).await;
    assert_eq!(log.length(), longest);
    program.stop().await;
}
