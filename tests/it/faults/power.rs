//! The power is cut: what was not flushed is gone, however gently or not the program ended. SIGKILL alone does not show
//! that, because the system keeps what a dead process has written.

use std::time::Duration;

use tokio::time::sleep;

use super::checker::Verdict;
use super::mount::Mount;
use super::shim::Shim;
use super::world::{Serving, World, say};

const CUTS: usize = 30;
/// A program that loses what it acknowledged is found out within this many.
pub const CUTS_TO_FIND: usize = 4;

/// Cuts the power of the program's disk this often under load.
pub async fn cuts(serving: &mut Serving, disk: &Mount, name: &str, cuts: usize) -> Verdict {
    let mut world = World::create(name, &serving.folder.join("chat.db")).await;
    world.begin(Duration::from_millis(4));
    for _ in 0..cuts {
        let mut program = serving.start();
        world.at(program.address);
        sleep(Duration::from_millis(50 + world.chance.below(350))).await;
        world.history.stop_hearing();
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
    serving.said();
    say(&format!("{name}: {cuts} power cuts, seed {seed}, slowest start {:?}", serving.slowest));
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_power_cut_takes_nothing_that_was_acknowledged() {
    let Some(disk) = Mount::disk("power cuts") else { return };
    let log = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(disk.path(), &log.path().join("log"));
    cuts(&mut serving, &disk, "power", CUTS).await.expect_green("power");
}

/// The rig would see it: a disk that says "flushed" and has not loses what was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_lies_about_flushing_is_found_out() {
    let Some(disk) = Mount::disk("the control of power cuts") else { return };
    let log = tempfile::tempdir().unwrap();
    let shim = Shim::make();
    shim.turn("lie", true);
    let mut serving = Serving::new(disk.path(), &log.path().join("log"));
    serving.env = shim.env();
    // Only the program lies: its file is there from the start.
    let verdict = cuts(&mut serving, &disk, "lying-disk", CUTS_TO_FIND).await;
    verdict.print("lying-disk");
    assert!(verdict.wrongs.iter().any(|wrong| wrong.starts_with("lost")), "nothing was lost, so the rig is blind");
}
