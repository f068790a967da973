//! Disks that fail, stall and fill up.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::clients::Connection;
use super::history::Outcome;
use super::mount::Mount;
use super::shim::Shim;
use super::world::{Serving, World, say};
use crate::support::{Program, until};

/// From the end of a fault until a send is acknowledged again.
pub const RECOVERY: Duration = Duration::from_secs(2);

/// Sends until a send is acknowledged; returns how long that took.
pub async fn recovery(world: &World, program: &Program) -> Duration {
    let start = Instant::now();
    let acknowledged = async || {
        let Some(mut connection) = Connection::open(world.members[0].at(program.address)).await else { return false };
        let note = r#"{"recipient": "al", "body": "0-0 well again", "client_id": "0-0"}"#.to_owned();
        matches!(connection.ask("POST", "/api/v1/message/", note).await, Some((200 | 201, _)))
    };
    until("a send is acknowledged", acknowledged).await;
    start.elapsed()
}

/// Starts clients around a program whose database can fail.
pub async fn begin(name: &str, serving: &Serving) -> World {
    let mut world = World::create(name, serving).await;
    world.begin(Duration::from_millis(4));
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_flush_acknowledges_nothing_and_ends_the_program() {
    let (folder, shim) = (tempfile::tempdir().unwrap(), Shim::make());
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    serving.env = shim.env();
    let mut world = begin("failed-flush", &serving).await;
    for _ in 0..10 {
        let program = serving.start();
        world.at(program.address);
        sleep(Duration::from_millis(30 + world.chance.below(150))).await;
        shim.turn("fail", true);
        // After a failed flush the page cache may differ from the disk, so the program cannot continue.
        assert_eq!(program.ended().await.0, Some(1));
        shim.turn("fail", false);
    }
    let program = serving.start();
    world.at(program.address);
    let took = recovery(&world, &program).await;
    assert!(took < RECOVERY, "{took:?}");
    assert!(serving.log_text().contains("can no longer be trusted"));
    world.judge().await.expect_green("failed flush, 10 times");
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stalling_disk_delays_sends_but_not_reads() {
    let (folder, shim) = (tempfile::tempdir().unwrap(), Shim::make());
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    serving.env = shim.env();
    let world = begin("slow-flush", &serving).await;
    let program = serving.start();
    world.at(program.address);
    sleep(Duration::from_millis(300)).await;
    shim.turn("slow", true);
    let end = Instant::now() + Duration::from_secs(3);
    let reader = world.members[0].at(program.address);
    let mut slowest = Duration::ZERO;
    while Instant::now() < end {
        let start = Instant::now();
        reader.get("/api/v1/sync/").await.expect(200);
        slowest = slowest.max(start.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
    shim.turn("slow", false);
    say(&format!("slow flush: slowest read {slowest:?}"));
    let took = recovery(&world, &program).await;
    assert!(took < RECOVERY, "{took:?}");
    world.judge().await.expect_green("slow flush");
    program.stop().await;
    serving.log_text();
}

/// Makes writes impossible repeatedly: sends are refused, reads are answered, and all works again as soon as it can.
pub async fn no_writes(name: &str, serving: &mut Serving, mut prevent: impl FnMut(bool)) {
    let world = begin(name, serving).await;
    let program = serving.start();
    world.at(program.address);
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        let refused = || world.history.log().attempts.iter().filter(|one| one.outcome == Outcome::Refused(503)).count();
        let before = refused();
        prevent(true);
        until("sends are refused", async || refused() > before).await;
        sleep(Duration::from_millis(200)).await;
        for member in &world.members {
            let page = timeout(RECOVERY, member.at(program.address).get("/api/v1/sync/")).await;
            page.expect("reads are answered").expect(200);
        }
        prevent(false);
        let took = recovery(&world, &program).await;
        assert!(took < RECOVERY, "{took:?}");
    }
    world.judge().await.expect_green(name);
    program.stop().await;
    serving.log_text();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_are_refused_while_writes_find_no_space() {
    let (folder, shim) = (tempfile::tempdir().unwrap(), Shim::make());
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    serving.env = shim.env();
    no_writes("no-room", &mut serving, |full| shim.turn("full", full)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_are_refused_while_the_file_system_is_full() {
    let Some(disk) = Mount::memory("the full file system", 64 * 1024) else { return };
    let log = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(disk.path(), &log.path().join("log"));
    let ballast = disk.path().join("ballast");
    no_writes("full-disk", &mut serving, |full| {
        if full {
            // Writes as much as fits; the write is expected to fail.
            let _ = std::fs::write(&ballast, vec![1; 64 * 1024 * 1024]);
        } else {
            std::fs::remove_file(&ballast).unwrap();
        }
    })
    .await;
}
