//! Repeated SIGKILL at random moments.

use std::time::Duration;

use tokio::time::sleep;

use super::checker::Verdict;
use super::world::{Serving, World, say};

/// Kills in all; half of them in each of two worlds that run at the same time, because a world mostly waits for the
/// disk.
const KILLS: usize = 100;

/// Kills the program this often under load.
pub async fn rounds(serving: &mut Serving, name: &str, kills: usize) -> Verdict {
    let mut world = World::create(name, serving).await;
    world.begin(Duration::from_millis(4));
    for _ in 0..kills {
        let mut program = serving.start();
        world.at(program.address);
        sleep(Duration::from_millis(20 + world.chance.below(280))).await;
        program.child.kill().unwrap();
        program.child.wait().unwrap();
    }
    let program = serving.start();
    world.at(program.address);
    let seed = world.seed();
    let verdict = world.judge().await;
    program.stop().await;
    serving.log_text();
    say(&format!("{name}: {kills} kills, seed {seed}, slowest start {:?}", serving.slowest));
    verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_random_moments_lose_duplicate_and_reorder_nothing() {
    let world = async |name: &str| {
        let folder = tempfile::tempdir().unwrap();
        let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
        rounds(&mut serving, name, KILLS / 2).await.expect_green(name);
        assert!(serving.slowest < Duration::from_secs(5), "a start took {:?}", serving.slowest);
    };
    tokio::join!(world("kill-1"), world("kill-2"));
}
