//! Several processes on one PostgreSQL database, under load: they come and go, are killed in the middle of a change, and
//! freeze. Half of the clients use one of two processes and half the other, as behind a balancer. These tests run under
//! `tests/postgres`.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::disk::{begin, recovery};
use super::postgres::{database, serving};
use super::world::{World, say};
use crate::support::Program;

/// Processes that end and are replaced, one after the other.
const ROUNDS: usize = 30;

/// How long a process stands still. It is given up after five seconds if it is in the middle of a change.
const FROZEN: Duration = Duration::from_secs(8);

/// From then on the other one must go on.
const GIVEN_UP: Duration = Duration::from_secs(7);

/// Sends the clients to these processes.
fn at(world: &World, programs: &[Program; 2]) {
    world.at(programs[0].address);
    world.through(programs[1].address);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_come_and_go_lose_nothing() {
    let Some(url) = database("processes that come and go") else { return };
    let (mut serving, _folder) = serving(&url);
    let mut world = begin("processes", &serving).await;
    let mut programs = [serving.start(), serving.start()];
    at(&world, &programs);
    for round in 0..ROUNDS {
        sleep(Duration::from_millis(50 + world.chance.below(250))).await;
        let old = &mut programs[round % 2];
        if round % 3 == 0 {
            old.child.kill().unwrap();
        } else {
            old.signal("TERM");
        }
        // The next one starts while the old one still stops.
        let new = serving.start();
        std::mem::replace(old, new).child.wait().unwrap();
        at(&world, &programs);
    }
    say(&format!("processes: {ROUNDS} rounds, seed {}, slowest start {:?}", world.seed(), serving.slowest));
    assert!(serving.slowest < Duration::from_secs(10), "a start took {:?}", serving.slowest);
    world.judge().await.expect_green("processes");
    for program in programs {
        program.stop().await;
    }
    serving.log_text();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_process_holds_up_the_other_only_for_seconds() {
    let Some(url) = database("a frozen process") else { return };
    let (mut serving, _folder) = serving(&url);
    let world = begin("frozen", &serving).await;
    let programs = [serving.start(), serving.start()];
    at(&world, &programs);
    let mut slowest = Duration::ZERO;
    for frozen in [0, 1, 0] {
        sleep(Duration::from_millis(500)).await;
        programs[frozen].signal("STOP");
        let since = Instant::now();
        slowest = slowest.max(recovery(&world, &programs[1 - frozen]).await);
        sleep(FROZEN.saturating_sub(since.elapsed())).await;
        programs[frozen].signal("CONT");
        recovery(&world, &programs[frozen]).await;
    }
    say(&format!("frozen: a send at most {slowest:?} after one of two processes froze, seed {}", world.seed()));
    assert!(slowest < GIVEN_UP, "{slowest:?}");
    world.judge().await.expect_green("frozen");
    for program in programs {
        program.stop().await;
    }
    serving.log_text();
}
