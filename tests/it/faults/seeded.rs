//! Tests of the checker: a program with a deliberate mistake must not pass. It is the normal program, built with the
//! feature `mistakes`; an environment variable selects the mistake (`src/mistakes.rs`).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use chinwag::mistakes::Mistake;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::checker::Verdict;
use super::mount::Mount;
use super::network::Trouble;
use super::world::{Serving, say};
use super::{kill, network, power};

/// The program that can make mistakes. Only its own crate is compiled; its dependencies are those built for the tests.
async fn binary() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(async || spawn_blocking(build).await.unwrap()).await.clone()
}

fn build() -> PathBuf {
    let start = Instant::now();
    let built = Path::new(env!("CARGO_BIN_EXE_chinwag")).parent().unwrap();
    let target = built.parent().unwrap();
    // The folder is named after the profile, except for `dev`, whose folder is `debug`.
    let profile = built.file_name().unwrap().to_str().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--offline", "--features", "mistakes", "--bin", "chinwag-mistakes"]);
    // There are no examples, but `--examples` gives dependencies the same features as in the build for tests.
    cargo.args(["--examples", "--profile", if profile == "debug" { "dev" } else { profile }]);
    let status = cargo.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(status.success(), "the program with mistakes cannot be built");
    say(&format!("seeded: built in {:?}", start.elapsed()));
    built.join("chinwag-mistakes")
}

/// Serves a folder with the program that makes this mistake.
async fn serving(mistake: Mistake, folder: &Path, log: &Path) -> Serving {
    let mut serving = Serving::new(folder, &log.join("log"));
    serving.binary = binary().await;
    serving.env = vec![("MISTAKE", name(mistake))];
    serving
}

fn name(mistake: Mistake) -> String {
    format!("{mistake:?}")
}

/// Asserts that the checker found the mistake and reported one of these kinds.
#[track_caller]
fn expect_red(verdict: &Verdict, mistake: Mistake, kinds: &[&str]) {
    verdict.print(&name(mistake));
    let seen = verdict.violations.iter().any(|found| kinds.iter().any(|kind| found.starts_with(kind)));
    assert!(seen, "{mistake:?} was not found; all violations: {:#?}", verdict.violations);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checker_detects_notifications_before_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::NotifyBeforeCommit, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::NotifyBeforeCommit), 10).await;
    expect_red(&verdict, Mistake::NotifyBeforeCommit, &["untrue", "gap"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checker_detects_forgotten_client_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::ForgetClientKeys, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::ForgetClientKeys), 10).await;
    expect_red(&verdict, Mistake::ForgetClientKeys, &["doubled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checker_detects_late_subscriptions() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::SubscribeLate, folder.path(), folder.path()).await;
    // Pauses between sends, so that screens reconnect when nothing was missed.
    let (max_pause, cuts) = (Duration::from_millis(200), [(Trouble::Cut, Duration::ZERO); 30]);
    let (verdict, _) = network::troubles(&mut serving, &name(Mistake::SubscribeLate), max_pause, cuts).await;
    expect_red(&verdict, Mistake::SubscribeLate, &["gap", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checker_detects_ignored_lag() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::IgnoreLag, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::IgnoreLag), 5).await;
    expect_red(&verdict, Mistake::IgnoreLag, &["gap", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checker_detects_commits_that_are_not_flushed() {
    for mistake in [Mistake::SynchronousOff, Mistake::SynchronousNormal] {
        let Some(disk) = Mount::disk(&name(mistake)) else { return };
        let log = tempfile::tempdir().unwrap();
        let mut serving = serving(mistake, disk.path(), log.path()).await;
        let verdict = power::cuts(&mut serving, &disk, &name(mistake), power::CUTS_TO_FIND).await;
        expect_red(&verdict, mistake, &["lost"]);
    }
}
