//! The command line as a person uses it: its settings, and one clear line for each error.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use rusqlite::Connection;

use crate::support::program::{command, refusal, run};
use crate::support::{Program, database, until};

/// All settings: flag, variable, and values that are refused.
const SETTINGS: [(&str, &str, &[&str]); 11] = [
    ("--host", "HOST", &[]),
    ("--port", "PORT", &["http", "65536", "-1"]),
    ("--database", "DATABASE_URL", &["redis://host/chat", "mysql://host/chat", "sqlite::memory:"]),
    ("--redis", "REDIS_URL", &["http://host", "host:6379", ""]),
    ("--messages-to-load", "MESSAGES_TO_LOAD", &["0", "101", "many"]),
    ("--signup", "SIGNUP", &["maybe", "OPEN"]),
    ("--trusted-proxies", "TRUSTED_PROXIES", &["some", "-1"]),
    ("--force-https", "FORCE_HTTPS", &["perhaps"]),
    ("--max-connections", "MAX_CONNECTIONS", &["0", "lots"]),
    ("--log-level", "LOG_LEVEL", &["loud", "info,loud", "chinwag=loud"]),
    ("--log-format", "LOG_FORMAT", &["xml"]),
];

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn serve(folder: &Path, database: impl AsRef<OsStr>) -> Output {
    let options = ["serve", "--port", "0", "--log-level", "off", "--database"].map(OsStr::new);
    run(folder, options.into_iter().chain([database.as_ref()]))
}

#[test]
fn help_mentions_every_setting() {
    let folder = tempfile::tempdir().unwrap();
    for args in [["--help"].as_slice(), &["serve", "--help"], &["help", "serve"], &["-h"]] {
        let output = run(folder.path(), args);
        assert!(output.status.success() && output.stderr.is_empty());
        let help = text(output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
        for (flag, variable, _) in SETTINGS {
            assert!(help.contains(flag) && help.contains(&format!("[env: {variable}")), "{args:?} lacks {flag}");
        }
    }
    assert!(text(run(folder.path(), ["--version"]).stdout).starts_with("chinwag "));
}

#[test]
fn an_invalid_value_prints_one_line_and_exits_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    // If a value is accepted by mistake, the database makes it exit with another code instead of serving for ever.
    let chinwag = || {
        let mut chinwag = command(folder.path());
        chinwag.envs([("DATABASE_URL", "/proc/chat.db"), ("PORT", "0")]);
        chinwag
    };
    for (flag, variable, values) in SETTINGS {
        for value in values {
            let as_flag = format!("{flag}={value}");
            for mut wrong in [chinwag(), chinwag(), chinwag()].into_iter().enumerate().map(|(way, mut chinwag)| {
                match way {
                    0 => chinwag.arg(&as_flag),
                    1 => chinwag.args(["serve", &as_flag]),
                    _ => chinwag.env(variable, value),
                };
                chinwag
            }) {
                let stderr = refusal(wrong.output().unwrap(), 2);
                assert!(stderr.contains(flag), "{stderr}");
            }
        }
    }
    for args in [["--colour"], ["dance"], ["--port"]] {
        refusal(run(folder.path(), args), 2);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_password_in_a_database_address_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    for (address, code) in [
        ("mysql://chat:canary@host/chat", 2),
        ("postgres://chat:canary@host:port/chat", 1),
        ("postgres://chat:canary@host/chat?sslmode=maybe", 1),
    ] {
        let stderr = refusal(command(folder.path()).env("DATABASE_URL", address).output().unwrap(), code);
        let (scheme, _) = address.split_once(':').unwrap();
        assert!(stderr.contains("address") || stderr.contains(scheme), "{stderr}");
        assert!(!stderr.contains("canary"), "{stderr}");
    }
    let address = "postgres://chat:canary@host/chat";
    let help = command(folder.path()).env("DATABASE_URL", address).arg("--help").output().unwrap();
    assert!(!text(help.stdout).contains("canary"));
}

#[test]
fn a_password_in_the_address_of_redis_is_not_printed() {
    let folder = tempfile::tempdir().unwrap();
    for (address, code) in [
        ("http://:canary@host", 2),
        (":canary@host", 2),
        ("redis://:canary@host:port", 1),
        ("redis://:canary@host/zero", 1),
        ("redis://:canary@host?sslmode=require", 1),
        ("rediss://:canary@host?sslmode=maybe", 1),
    ] {
        // It is looked at before the database is.
        let settings = [("DATABASE_URL", "postgres://127.0.0.1:1/chat"), ("REDIS_URL", address), ("PORT", "0")];
        let stderr = refusal(command(folder.path()).envs(settings).output().unwrap(), code);
        assert!(stderr.contains("edis") && !stderr.contains("canary"), "{stderr}");
    }
    let help = command(folder.path()).env("REDIS_URL", "redis://:canary@host").arg("--help").output().unwrap();
    assert!(!text(help.stdout).contains("canary"));
}

#[tokio::test]
async fn redis_beside_a_file_is_not_used_and_a_line_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = command(folder.path());
    program.args(["serve", "--port", "0"]).env("REDIS_URL", "redis://:canary@127.0.0.1:1");
    let program = Program::spawn(program);
    program.signal("TERM");
    let (code, log) = program.ended().await;
    assert_eq!(code, Some(0));
    assert_eq!(log.lines().filter(|line| line.contains("REDIS_URL is not used")).count(), 1, "{log}");
    assert!(!log.contains("canary") && !log.contains("WARN"), "{log}");
}

#[test]
fn a_port_in_use_prints_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let stderr = refusal(run(folder.path(), ["--port", &port]), 1);
    assert!(stderr.contains(&port) && stderr.contains("in use"), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_path_that_cannot_be_a_file_prints_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let in_no_folder = folder.path().join("missing/chat.db");
    for place in [Path::new("/proc/chat.db"), &in_no_folder, folder.path()] {
        let stderr = refusal(serve(folder.path(), place), 1);
        assert!(stderr.contains("cannot write the database") && stderr.contains(place.to_str().unwrap()), "{stderr}");
    }
}

/// Asserts that the program refuses to serve the file, says why, and does not change it.
#[track_caller]
fn is_refused_unchanged(file: &Path, because: &str) {
    let before = fs::read(file).unwrap();
    let stderr = refusal(serve(file.parent().unwrap(), file), 1);
    assert!(stderr.contains(because) && stderr.contains(file.to_str().unwrap()), "{stderr}");
    assert!(fs::read(file).unwrap() == before, "the file was changed");
}

#[test]
fn a_file_that_is_no_database_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    for content in ["not a database, and longer than the first bytes of one", "short", "SQLite format 3\0 in name only"]
    {
        fs::write(&file, content).unwrap();
        is_refused_unchanged(&file, "not a database");
    }
}

#[test]
fn the_database_of_another_program_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    for (name, set) in [("plain", ""), ("named", "PRAGMA application_id = 7;"), ("wal", "PRAGMA journal_mode = WAL;")] {
        let file = folder.path().join(name);
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch(&format!("{set} CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')"))
            .unwrap();
        drop(conn);
        is_refused_unchanged(&file, "another program");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al"]).await;
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    is_refused_unchanged(&file, "newer chinwag (schema 99,");
}

#[tokio::test]
async fn a_damaged_database_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al", "bo"]).await;
    // Small enough to be checked whole before the first request.
    database::fill(&file, 300);
    database::smash(&file, 50);
    is_refused_unchanged(&file, "damaged");
}

#[tokio::test]
async fn a_truncated_database_is_refused_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al", "bo"]).await;
    database::fill(&file, 300);
    let half = fs::metadata(&file).unwrap().len() / 2;
    fs::File::options().write(true).open(&file).unwrap().set_len(half).unwrap();
    is_refused_unchanged(&file, "damaged");
}

#[tokio::test]
async fn without_a_subcommand_it_serves_and_prints_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let mut chinwag = command(folder.path());
    chinwag.env("PORT", "0").stdout(fs::File::create(&said).unwrap()).stderr(std::process::Stdio::piped());
    let child = chinwag.spawn().unwrap();
    let ready = async || fs::read_to_string(&said).unwrap().ends_with('\n');
    until("it is ready", ready).await;
    let line = fs::read_to_string(&said).unwrap();
    let address = line.trim_end().strip_prefix("Chinwag is ready at http://").expect("the ready line");
    let program = Program { address: address.parse().unwrap(), child };
    assert!(program.address.ip().is_loopback());
    program.stranger().get("/healthz").await.expect(200);
    program.stranger().get("/no/such/page").await.expect(404);
    assert!(folder.path().join("chinwag.db").exists());
    program.signal("TERM");
    assert_eq!(program.ended().await.0, Some(0));
    assert_eq!(fs::read_to_string(&said).unwrap(), line);
}

#[tokio::test]
async fn it_keeps_serving_when_nobody_reads_its_output() {
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut chinwag = command(folder.path());
    chinwag.args(["--port", "0", "--log-level", "off"]).stdout(writer).stderr(std::process::Stdio::piped());
    let program = Program { address: "127.0.0.1:0".parse().unwrap(), child: chinwag.spawn().unwrap() };
    // Signal handlers are installed before the database is opened.
    until("it has started", async || folder.path().join("chinwag.db-wal").exists()).await;
    program.stop().await;
}

#[tokio::test]
async fn settings_come_from_the_environment_and_flags_take_precedence() {
    let folder = tempfile::tempdir().unwrap();
    let mut chinwag = command(folder.path());
    chinwag.envs([("PORT", "1"), ("DATABASE_URL", "sqlite:other.db"), ("SIGNUP", "closed"), ("LOG_LEVEL", "error")]);
    chinwag.args(["serve", "--port", "0"]);
    let program = Program::spawn(chinwag);
    assert!(folder.path().join("other.db").exists());
    let fields = [("username", "al"), ("email", "al@e.test"), ("password1", "pw-x-long"), ("password2", "pw-x-long")];
    let closed = program.stranger().post_form("/signup/", &fields).await;
    assert_eq!((closed.status.as_u16(), closed.cookie()), (403, None));
    assert_eq!(program.stranger().post_form("/login/", &fields[..1]).await.cookie(), None);
    program.stop().await;
    assert_eq!(database::numbers(&folder.path().join("other.db"), "SELECT count(*) FROM users"), [0]);
}
