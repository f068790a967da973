//! The checker checked: a program with a mistake in it must not pass. It is the program as it is, built with the feature
//! `mistakes`; its environment says which of them it makes (`src/mistakes.rs`).

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

/// The program that can make mistakes. Everything but its own crate is taken as it was built for the tests.
async fn binary() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(async || spawn_blocking(build).await.unwrap()).await.clone()
}

fn build() -> PathBuf {
    let start = Instant::now();
    let built = Path::new(env!("CARGO_BIN_EXE_chinwag")).parent().unwrap();
    let target = built.parent().unwrap();
    // The folder has the profile's name, but for one.
    let profile = built.file_name().unwrap().to_str().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--offline", "--features", "mistakes", "--bin", "chinwag-mistakes"]);
    // With `--examples`, of which there are none, packages have the features they are built with for tests.
    cargo.args(["--examples", "--profile", if profile == "debug" { "dev" } else { profile }]);
    let status = cargo.arg("--target-dir").arg(target).current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(status.success(), "the program with mistakes cannot be built");
    say(&format!("seeded: built in {:?}", start.elapsed()));
    built.join("chinwag-mistakes")
}

/// The program that makes one mistake, in a folder.
async fn serving(mistake: Mistake, folder: &Path, log: &Path) -> Serving {
    let mut serving = Serving::new(folder, &log.join("log"));
    serving.binary = binary().await;
    serving.env = vec![("MISTAKE", name(mistake))];
    serving
}

fn name(mistake: Mistake) -> String {
    format!("{mistake:?}")
}

/// The checker must have found it, and as what it is.
#[track_caller]
fn expect_red(verdict: &Verdict, mistake: Mistake, kinds: &[&str]) {
    verdict.print(&name(mistake));
    let seen = verdict.wrongs.iter().any(|wrong| kinds.iter().any(|kind| wrong.starts_with(kind)));
    assert!(seen, "{mistake:?} was not found; all that was wrong: {:#?}", verdict.wrongs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn notifying_before_the_commit_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::NotifyBeforeCommit, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::NotifyBeforeCommit), 10).await;
    expect_red(&verdict, Mistake::NotifyBeforeCommit, &["untrue", "hole"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgetting_client_keys_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::ForgetClientKeys, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::ForgetClientKeys), 10).await;
    expect_red(&verdict, Mistake::ForgetClientKeys, &["doubled"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscribing_late_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::SubscribeLate, folder.path(), folder.path()).await;
    // With time between two sends, so that screens come back to where nothing was missed.
    let (leisure, cuts) = (Duration::from_millis(200), [(Trouble::Cut, Duration::ZERO); 30]);
    let (verdict, _) = network::troubles(&mut serving, &name(Mistake::SubscribeLate), leisure, cuts).await;
    expect_red(&verdict, Mistake::SubscribeLate, &["hole", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ignoring_lag_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serving(Mistake::IgnoreLag, folder.path(), folder.path()).await;
    let verdict = kill::rounds(&mut serving, &name(Mistake::IgnoreLag), 5).await;
    expect_red(&verdict, Mistake::IgnoreLag, &["hole", "screen"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_waiting_for_the_disk_is_found() {
    for mistake in [Mistake::SynchronousOff, Mistake::SynchronousNormal] {
        let Some(disk) = Mount::disk(&name(mistake)) else { return };
        let log = tempfile::tempdir().unwrap();
        let mut serving = serving(mistake, disk.path(), log.path()).await;
        let verdict = power::cuts(&mut serving, &disk, &name(mistake), power::CUTS_TO_FIND).await;
        expect_red(&verdict, mistake, &["lost"]);
    }
}
