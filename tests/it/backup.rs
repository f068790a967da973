//! Backups: complete and consistent even during writes; no file is overwritten, and no temporary file stays.

use std::fs;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::support::database::{self, look};
use crate::support::program::{command, printed, refusal, run};
use crate::support::{Caller, Program, until};

const IDS: &str = "SELECT id FROM messages ORDER BY id";

fn back_up(folder: &Path, database: &str, copy: &str) -> Output {
    run(folder, ["backup", "--database", database, copy])
}

/// Asserts that the backup fails with one line that says why, and changes nothing in the folder.
#[track_caller]
fn is_refused(folder: &Path, database: &str, copy: &str, because: &str) {
    let before = files(folder);
    let reason = refusal(back_up(folder, database, copy), 1);
    assert!(reason.contains(because), "{reason}");
    assert_eq!(files(folder), before);
}

/// The files in a folder, except those that SQLite creates when it reads a database.
fn files(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.map(|path| (path.display().to_string(), fs::read(path).ok()));
    let mut files: Vec<_> = files.filter(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
    files.sort();
    files
}

/// Sends one message after the other until `stop` is set. Returns the ids in the order of the answers.
async fn send(from: Caller, stop: Arc<AtomicBool>) -> Vec<i64> {
    let mut ids = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        ids.push(from.send("bo", &"a word ".repeat(50)).await["id"].as_i64().unwrap());
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_during_writes_is_consistent_and_can_be_served() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    let members = database::create(&file, &["al", "bo", "cy", "dee"]).await;
    let program = Program::start(folder.path());
    let stop = Arc::new(AtomicBool::new(false));
    let sending = members.iter().map(|member| tokio::spawn(send(member.at(program.address), Arc::clone(&stop))));
    let sending: Vec<_> = sending.collect();
    until("many messages are stored", async || database::numbers(&file, "SELECT count(*) FROM messages")[0] > 100)
        .await;
    let al = members[0].at(program.address);
    let answered = al.send("bo", "the last before the copy").await["id"].as_i64().unwrap();

    let place = folder.path().to_owned();
    let output = tokio::task::spawn_blocking(move || back_up(&place, "chat.db", "copy.db")).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    let mut sent = vec![answered, al.send("bo", "the first after the copy").await["id"].as_i64().unwrap()];
    for one in sending {
        sent.extend(one.await.unwrap());
    }
    sent.sort_unstable();
    let known = al.get("/api/v1/sync/").await.json();
    program.stop().await;

    let copy = folder.path().join("copy.db");
    let mib = fs::metadata(&copy).unwrap().len() as f64 / f64::from(1 << 20);
    assert_eq!(printed(output), format!("copied {mib:.1} MiB to copy.db\n"));
    let check: String = look(&copy).query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let (all, copied) = (database::numbers(&file, IDS), database::numbers(&copy, IDS));
    assert_eq!(all, sent);
    assert_eq!(copied, all[..copied.len()]);
    assert!(copied.contains(&answered));

    let mut served = command(folder.path());
    served.args(["serve", "--port", "0", "--database", "copy.db", "--log-level", "warn"]);
    let program = Program::spawn(served);
    let al = Caller { address: program.address, ..al };
    assert!(al.send("bo", "and on from there").await["id"].as_i64() > copied.last().copied());
    // A client that has changes from after the copy gets a resync.
    let (since, epoch) = (known["revision"].as_i64().unwrap(), known["epoch"].as_str().unwrap());
    let answer = al.get(&format!("/api/v1/sync/?since={since}&epoch={epoch}")).await.json();
    assert_eq!(answer["resync"], true);
    program.stop().await;
}

#[tokio::test]
async fn a_file_that_is_not_served_can_be_backed_up_and_nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al", "bo"]).await;
    database::fill(&file, 300);
    fs::create_dir(folder.path().join("kept")).unwrap();
    printed(back_up(folder.path(), "sqlite:chat.db", "kept/copy.db"));
    assert_eq!(database::numbers(&folder.path().join("kept/copy.db"), IDS), database::numbers(&file, IDS));

    let kept = folder.path().join("kept");
    let file = file.to_str().unwrap();
    is_refused(&kept, file, "copy.db", "copy.db is there already");
    is_refused(&kept, file, file, "chat.db is there already");
    is_refused(&kept, file, "missing/copy.db", "cannot write the copy missing/copy.db");
    is_refused(&kept, file, "..", "is there already");
}

#[test]
fn files_that_are_no_chinwag_database_are_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("notes", "not a database, and longer than the first bytes of one");
    write("short", "short");
    write("named", "SQLite format 3\0 in name only");
    write("empty", "");
    Connection::open(folder.path().join("other")).unwrap().execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    for (database, because) in [
        ("missing.db", "there is no database missing.db"),
        (".", "cannot read the database"),
        ("notes", "notes is not a database"),
        ("short", "short is not a database"),
        ("named", "named is not a database"),
        ("empty", "there is nothing in empty"),
        ("other", "other is the database of another program"),
    ] {
        is_refused(folder.path(), database, "copy.db", because);
    }
}

#[tokio::test]
async fn a_stopped_backup_leaves_no_file_and_a_killed_one_does_not_block_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al"]).await;
    // So large that copying it takes a while.
    let large = "PRAGMA synchronous = OFF; CREATE TABLE zeros (piece BLOB);
         WITH n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO zeros SELECT zeroblob(16000000) FROM n;
         PRAGMA wal_checkpoint(TRUNCATE);";
    Connection::open(&file).unwrap().execute_batch(large).unwrap();
    let kept = folder.path().join("kept");
    fs::create_dir(&kept).unwrap();
    let parts = || fs::read_dir(&kept).unwrap().count();
    for (signal, code, before, left) in [("KILL", None, 0, 1), ("TERM", Some(1), 1, 1), ("INT", Some(1), 1, 1)] {
        let mut backup = command(folder.path());
        backup.args(["backup", "--database", "chat.db", "kept/copy.db"]).stderr(Stdio::piped());
        let backup = Program { address: ([127, 0, 0, 1], 0).into(), child: backup.spawn().unwrap() };
        until("it copies", async || parts() > before).await;
        backup.signal(signal);
        assert_eq!(backup.ended().await.0, code, "{signal}");
        assert_eq!(parts(), left, "{signal}");
    }
}
