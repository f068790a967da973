//! The judge judged: a program with a mistake in it must not pass. All mistakes are put into one copy of the sources, which
//! is built once; the program's environment says which of them it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::checker::Verdict;
use super::mount::Mount;
use super::network::Trouble;
use super::world::{Serving, say};
use super::{kill, network, power};

/// What the program is built from.
const SOURCES: [&str; 9] =
    [".cargo", "Cargo.toml", "Cargo.lock", "build", "schema.sql", "src", "handlers", "templates", "public"];

/// A text that is once in this file, and what takes its place. `made("x")` asks whether mistake x is to be made.
const MISTAKES: [(&str, &str, &str); 7] = [
    // People hear of messages before they are on disk, long enough for a kill to come between.
    (
        "src/store/writer.rs",
        r#"run("COMMIT")?;"#,
        r#"if crate::made("notify-before-commit") {
            let events = std::mem::take(&mut change.events);
            let _ = self.answers.blocking_send(Group { events, jobs: Vec::new(), committed: Ok(()) });
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        run("COMMIT")?;"#,
    ),
    // Keys are not kept, so neither the look-up nor the unique index finds a repeat.
    (
        "src/actions/send.rs",
        r#"errors.push(("client_id", error.to_string()))).ok().flatten();"#,
        r#"errors.push(("client_id", error.to_string()))).ok().flatten();
        let client_key = client_key.filter(|_| !crate::made("no-unique-key"));"#,
    ),
    // What is committed between reading the last revision and subscribing is never told.
    (
        "handlers/socket/mod.rs",
        "let subscription = cx.app.hub.subscribe(",
        r#"let before = cx.app.store.revision().await?;
        if crate::made("subscribe-after-snapshot") { tokio::time::sleep(std::time::Duration::from_millis(100)).await; }
        let subscription = cx.app.hub.subscribe("#,
    ),
    (
        "handlers/socket/mod.rs",
        "let latest = cx.app.store.revision().await?;",
        r#"let mut latest = cx.app.store.revision().await?;
        if crate::made("subscribe-after-snapshot") { latest = before; }"#,
    ),
    // A queue that is soon full, and a socket that goes on as if it had missed nothing.
    (
        "src/hub.rs",
        "broadcast::Sender::new(CAPACITY)",
        r#"broadcast::Sender::new(if crate::made("dropped-overflow") { 1 } else { CAPACITY })"#,
    ),
    (
        "handlers/socket/send.rs",
        "return Box::pin(self.catch_up(stream)).await;",
        r#"if !crate::made("dropped-overflow") { Box::pin(self.catch_up(stream)).await?; }
                return Ok(());"#,
    ),
    // Commits are on disk after a while, or whenever the system likes.
    (
        "src/store/file.rs",
        "fn configure_writer(conn: &Connection) -> rusqlite::Result<()> {",
        r#"fn configure_writer(conn: &Connection) -> rusqlite::Result<()> {
            configure_well(conn)?;
            if crate::made("synchronous-off") { conn.execute_batch("PRAGMA synchronous = OFF")?; }
            if crate::made("synchronous-normal") { conn.execute_batch("PRAGMA synchronous = NORMAL")?; }
            Ok(())
        }
        fn configure_well(conn: &Connection) -> rusqlite::Result<()> {"#,
    ),
];

/// What asks; added to `src/lib.rs`.
const MADE: &str = r#"
fn made(mistake: &str) -> bool {
    std::env::var("MISTAKE").is_ok_and(|made| made == mistake)
}
"#;

/// The program with the mistakes in it. Everything but its own crate is taken as it was built for the tests.
async fn binary() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(async || spawn_blocking(build).await.unwrap()).await.clone()
}

fn build() -> PathBuf {
    let start = Instant::now();
    let (root, temporary) = (Path::new(env!("CARGO_MANIFEST_DIR")), Path::new(env!("CARGO_TARGET_TMPDIR")));
    let (copy, target) = (temporary.join("seeded"), temporary.parent().unwrap());
    // The folder is called as the profile is, but for one.
    let built = Path::new(env!("CARGO_BIN_EXE_chinwag")).parent().unwrap().file_name().unwrap().to_str().unwrap();
    let _ = fs::remove_dir_all(&copy);
    fs::create_dir_all(&copy).unwrap();
    for source in SOURCES {
        copy_all(&root.join(source), &copy.join(source));
    }
    for (file, text, instead) in MISTAKES {
        rewrite(&copy.join(file), text, instead);
    }
    let lib = copy.join("src/lib.rs");
    fs::write(&lib, fs::read_to_string(&lib).unwrap() + MADE).unwrap();
    // A name of its own, so that it does not take the place of the real one.
    rewrite(&copy.join("Cargo.lock"), "name = \"chinwag\"", "name = \"chinwag-seeded\"");
    rewrite(&copy.join("Cargo.toml"), "name = \"chinwag\"", "name = \"chinwag-seeded\"");
    let test = "[[test]]\nname = \"it\"\npath = \"tests/it/main.rs\"";
    rewrite(&copy.join("Cargo.toml"), test, "[lib]\nname = \"chinwag\"\n\n[workspace]");
    let mut cargo = Command::new(env!("CARGO"));
    // With `--examples`, of which there are none, packages have the features they are built with for tests.
    cargo.args(["build", "--quiet", "--locked", "--offline", "--bins", "--examples", "--target-dir"]).arg(target);
    cargo.args(["--profile", if built == "debug" { "dev" } else { built }]);
    let status = cargo.current_dir(&copy).status().unwrap();
    assert!(status.success(), "the program with mistakes cannot be built: see MISTAKES in {}", file!());
    say(&format!("seeded: built in {:?}", start.elapsed()));
    target.join(built).join("chinwag-seeded")
}

fn copy_all(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy_all(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

fn rewrite(file: &Path, text: &str, instead: &str) {
    let all = fs::read_to_string(file).unwrap();
    let times = all.matches(text).count();
    assert!(
        times == 1,
        "{} has this {times} times, not once, so the mistake cannot be put there: {text}",
        file.display()
    );
    fs::write(file, all.replace(text, instead)).unwrap();
}

/// The program that makes one mistake, in a folder.
async fn serving(mistake: &str, folder: &Path, log: &Path) -> Serving {
    let mut serving = Serving::new(folder, &log.join("log"));
    serving.binary = binary().await;
    serving.env = vec![("MISTAKE", mistake.to_owned())];
    serving
}

/// The judge must have seen it, and as what it is.
#[track_caller]
fn expect_red(verdict: &Verdict, mistake: &str, kinds: &[&str]) {
    verdict.print(mistake);
    let seen = verdict.wrongs.iter().any(|wrong| kinds.iter().any(|kind| wrong.starts_with(kind)));
    assert!(seen, "{mistake} was not found out; all that was wrong: {:#?}", verdict.wrongs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_tells_before_it_commits_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving("notify-before-commit", folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, "notify-before-commit", 10).await;
    expect_red(&verdict, "notify-before-commit", &["untrue", "hole"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_forgets_keys_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving("no-unique-key", folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, "no-unique-key", 10).await;
    expect_red(&verdict, "no-unique-key", &["doubled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_takes_the_seat_too_late_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving("subscribe-after-snapshot", folder.path(), folder.path()).await;
    // With time between two sends, so that screens come back to where nothing was missed.
    let (leisure, cuts) = (Duration::from_millis(200), [(Trouble::Cut, Duration::ZERO); 30]);
    let (verdict, _) = network::troubles(&mut serving, "subscribe-after-snapshot", leisure, cuts).await;
    expect_red(&verdict, "subscribe-after-snapshot", &["hole", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_drops_what_overflows_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving("dropped-overflow", folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, "dropped-overflow", 5).await;
    expect_red(&verdict, "dropped-overflow", &["hole", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_does_not_wait_for_the_disk_is_found_out() {
    for mistake in ["synchronous-off", "synchronous-normal"] {
        let Some(disk) = Mount::disk(mistake) else { return };
        let log = tempfile::tempdir().unwrap();
        let mut serving = serving(mistake, disk.path(), log.path()).await;
        let verdict = power::cuts(&mut serving, &disk, mistake, power::CUTS_TO_FIND).await;
        expect_red(&verdict, mistake, &["lost"]);
    }
}
