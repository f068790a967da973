//! Moves between a file and PostgreSQL: everything arrives as it was (`rows`), also after a move that was killed or
//! stopped (`interrupted`), browsers go on as if nothing had happened, and what must not be moved is refused.

mod interrupted;
mod rows;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Output;

use chinwag::config::Database;
use rusqlite::Connection;

use crate::support::database::{self, numbers};
use crate::support::program::{command, printed, refusal, run};
use crate::support::{Caller, Program, postgres, stored};

/// The address of an empty PostgreSQL database; nothing, and a line that says so, where there is no server.
fn new_postgres() -> Option<String> {
    let Some(Database::Postgres(url)) = postgres::database() else {
        let _ = writeln!(std::io::stderr(), "PostgreSQL: SKIPPED, since this does not run under tests/postgres");
        return None;
    };
    Some(url)
}

fn try_move(folder: &Path, from: &str, to: &str) -> Output {
    run(folder, ["move", "--from", from, "--to", to])
}

/// Moves everything and returns what the program says about it.
#[track_caller]
fn moves(folder: &Path, from: &str, to: &str) -> String {
    printed(try_move(folder, from, to))
}

/// Asserts that it fails with one line that says why, and changes no file in the folder.
#[track_caller]
fn is_refused(folder: &Path, from: &str, to: &str, because: &str) {
    let before = files(folder);
    let reason = refusal(try_move(folder, from, to), 1);
    assert!(reason.contains(because), "{reason}");
    assert_eq!(files(folder), before);
}

/// The files in a folder, except the empty log and its index that SQLite creates when it reads a database.
fn files(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.map(|path| (path.display().to_string(), fs::read(path).ok()));
    let by_reading = |(name, bytes): &(String, Option<Vec<u8>>)| {
        name.ends_with("-shm") || name.ends_with("-wal") && bytes.as_ref().is_some_and(Vec::is_empty)
    };
    let mut files: Vec<_> = files.filter(|file| !by_reading(file)).collect();
    files.sort();
    files
}

/// How many tables are in a PostgreSQL database.
fn tables(url: &str) -> usize {
    stored::content(&Database::Postgres(url.into())).lines().filter(|line| !line.starts_with('[')).count()
}

/// The program, serving this database.
fn serve(folder: &Path, database: &str) -> Program {
    let mut serve = command(folder);
    serve.args(["serve", "--port", "0", "--log-level", "warn", "--database", database]);
    Program::spawn(serve)
}

/// Moves the database of a server on which one of two people missed something.
async fn goes_on(from: &str, to: &str, folder: &Path) {
    let server = serve(folder, from);
    let al = server.stranger().sign_up("al").await;
    let bo = server.stranger().sign_up("bo").await;
    al.send("bo", "known").await;
    let known = bo.get("/api/v1/sync/").await.expect(200).json();
    let missed = [al.send("bo", "missed").await, al.send("bo", "missed too").await];
    server.stop().await;

    moves(folder, from, to);
    let server = serve(folder, to);
    let [al, bo] = [al, bo].map(|caller| Caller { address: server.address, ..caller });
    let (since, epoch) = (known["revision"].as_i64().unwrap(), known["epoch"].as_str().unwrap());
    let answer = bo.get(&format!("/api/v1/sync/?since={since}&epoch={epoch}")).await.expect(200).json();
    let messages: Vec<_> =
        answer["changes"].as_array().unwrap().iter().map(|change| &change["message"]["id"]).collect();
    assert_eq!(messages, [&missed[0]["id"], &missed[1]["id"]], "{answer}");
    let next = al.send("bo", "and on from there").await;
    assert!(next["id"].as_i64() > missed[1]["id"].as_i64());
    server.stranger().log_in("al").await.get("/").await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn browsers_go_on_after_a_move_as_if_nothing_had_happened() {
    let folder = tempfile::tempdir().unwrap();
    goes_on("sqlite:chat.db", "sqlite:moved.db", folder.path()).await;
    let (Some(to), Some(from)) = (new_postgres(), new_postgres()) else { return };
    goes_on("sqlite:other.db", &to, folder.path()).await;
    goes_on(&from, "sqlite:back.db", folder.path()).await;
}

#[tokio::test]
async fn while_a_server_uses_either_database_nothing_is_moved() {
    let folder = tempfile::tempdir().unwrap();
    database::create(&folder.path().join("idle.db"), &["al"]).await;
    let in_use = "is in use by another chinwag";
    let server = serve(folder.path(), "chat.db");
    is_refused(folder.path(), "chat.db", "moved.db", "the database chat.db is in use by another chinwag");
    is_refused(folder.path(), "idle.db", "chat.db", in_use);
    server.stop().await;

    let Some(url) = new_postgres() else { return };
    let server = serve(folder.path(), &url);
    is_refused(folder.path(), &url, "moved.db", in_use);
    is_refused(folder.path(), "idle.db", &url, in_use);
    server.stop().await;
}

#[tokio::test]
async fn everything_is_moved_only_to_where_nothing_is() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    for name in ["chat.db", "other.db"] {
        database::create(&folder.path().join(name), &["al"]).await;
    }
    write("notes", "not a database, and longer than the first bytes of one");
    write("logged.db-wal", "a log");
    for (to, because) in [
        ("other.db", "other.db is not empty"),
        ("notes", "notes is not a database"),
        (".", "cannot write the database ."),
        ("missing/moved.db", "cannot write the database missing/moved.db"),
        ("logged.db", "logged.db-wal is not empty"),
        ("chat.db", "chat.db"),
    ] {
        is_refused(folder.path(), "chat.db", to, because);
    }
    write("empty", "");
    moves(folder.path(), "chat.db", "empty");

    let Some(url) = new_postgres() else { return };
    postgres::run(&url, "CREATE TABLE recipes (name TEXT)");
    is_refused(folder.path(), "chat.db", &url, "is not empty");
    postgres::run(&url, "DROP TABLE recipes");
    moves(folder.path(), "chat.db", &url);
    is_refused(folder.path(), "chat.db", &url, "is not empty");
    is_refused(folder.path(), &url, &url, "is in use");
    is_refused(folder.path(), "chat.db", &format!("{url}_missing"), "names no schema that exists");
}

#[tokio::test]
async fn only_databases_of_the_current_schema_are_moved() {
    let folder = tempfile::tempdir().unwrap();
    let change =
        |name: &str, sql: &str| Connection::open(folder.path().join(name)).unwrap().execute_batch(sql).unwrap();
    for name in ["older.db", "newer.db", "loose.db"] {
        database::create(&folder.path().join(name), &["al"]).await;
    }
    change("older.db", "PRAGMA user_version = 8");
    change("newer.db", "PRAGMA user_version = 99");
    change("foreign.db", "CREATE TABLE recipes (name TEXT)");
    change("loose.db", "PRAGMA foreign_keys = OFF; INSERT INTO avatars (user_id, image) VALUES (77, x'')");
    fs::write(folder.path().join("empty.db"), "").unwrap();
    for (from, because) in [
        ("older.db", "older.db was made by an older chinwag; start this program with it once to upgrade it"),
        ("newer.db", "newer.db was made by a newer chinwag"),
        ("foreign.db", "foreign.db is the database of another program"),
        ("empty.db", "there is nothing in empty.db"),
        ("missing.db", "there is no database missing.db"),
        ("loose.db", "cannot move everything: a row of avatars refers to none"),
    ] {
        is_refused(folder.path(), from, "moved.db", because);
    }

    let (Some(url), Some(empty)) = (new_postgres(), new_postgres()) else { return };
    is_refused(folder.path(), "loose.db", &empty, "cannot move avatars: ");
    is_refused(folder.path(), &empty, "moved.db", "there is nothing in ");
    change("older.db", "PRAGMA user_version = 9");
    moves(folder.path(), "older.db", &url);
    for (sql, because) in [
        ("UPDATE schema_version SET version = 8", "was made by an older chinwag"),
        ("UPDATE schema_version SET version = 99", "was made by a newer chinwag"),
        ("DROP TABLE schema_version", "is the database of another program"),
    ] {
        postgres::run(&url, sql);
        is_refused(folder.path(), &url, "moved.db", because);
    }
}

#[test]
fn no_password_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let url = "postgres://al:secret@127.0.0.1:1/chat";
    for args in [
        &["move", "--from", url, "--to", "chat.db"][..],
        &["move", "--from", url, "--to", url],
        &["move", url, "chat.db"],
        &["move", "--from", url],
        &[url],
    ] {
        let output = run(folder.path(), args);
        let shown = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && shown.starts_with("chinwag: ") && !shown.contains("secret"), "{shown}");
    }
}
