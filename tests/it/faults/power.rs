//! Power cuts: data that was not flushed is lost. SIGKILL alone does not show that, because the system keeps what a
//! killed process has written.

use std::time::Duration;

use tokio::time::sleep;

use super::checker::Verdict;
use super::mount::Mount;
use super::shim::Shim;
use super::world::{Serving, World, say};

const CUTS: usize = 30;
/// A program that loses acknowledged messages is detected within this many cuts.
pub const CUTS_TO_FIND: usize = 4;

/// Cuts the power of the program's disk this often under load.
pub async fn cuts(serving: &mut Serving, disk: &Mount, name: &str, cuts: usize) -> Verdict {
    let mut world = World::create(name, serving).await;
    world.begin(Duration::from_millis(4));
    for _ in 0..cuts {
        let mut program = serving.start();
        world.at(program.address);
        sleep(Duration::from_millis(50 + world.chance.below(350))).await;
        world.history.stop_recording();
        disk.cut_power();
        program.child.kill().unwrap();
        program.child.wait().unwrap();
        disk.power_up();
    }
    let program = serving.start();
    world.at(program.address);
    let seed = world.seed();
    let verdict = world.judge().await;
    program.signal("TERM");
    program.ended().await;
    serving.log_text();
    say(&format!("{name}: {cuts} power cuts, seed {seed}, slowest start {:?}", serving.slowest));
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_cuts_lose_nothing_that_was_acknowledged() {
    let Some(disk) = Mount::disk("power cuts") else { return };
    let log = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(disk.path(), &log.path().join("log"));
    cuts(&mut serving, &disk, "power", CUTS).await.expect_green("power");
}

/// Shows that the test can detect losses: a disk that reports a flush without doing it loses acknowledged messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_ignores_flushes_is_detected() {
    let Some(disk) = Mount::disk("the control of power cuts") else { return };
    let log = tempfile::tempdir().unwrap();
    let shim = Shim::make();
    shim.turn("lie", true);
    let mut serving = Serving::new(disk.path(), &log.path().join("log"));
    serving.env = shim.env();
    // Only the program uses the faulty flush; the file itself was created properly before.
    let verdict = cuts(&mut serving, &disk, "lying-disk", CUTS_TO_FIND).await;
    verdict.print("lying-disk");
    assert!(
        verdict.violations.iter().any(|found| found.starts_with("lost")),
        "nothing was lost, so this test detects nothing"
    );
}
