//! No file descriptors left: connected clients are served, new ones have to wait, and the server recovers.

use std::time::Duration;

use rlimit::{Resource, prlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::disk::{RECOVERY, recovery};
use super::history::Outcome;
use super::world::{Serving, World};
use crate::support::{Program, until};

/// Sets how many files the program may have open; returns the previous limit.
fn limit_files(program: &Program, soft: u64) -> u64 {
    let (mut before, mut hard) = (0, 0);
    let process = program.child.id().try_into().unwrap();
    prlimit(process, Resource::NOFILE, None, Some((&mut before, &mut hard))).unwrap();
    prlimit(process, Resource::NOFILE, Some((soft, hard)), None).unwrap();
    before
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_file_descriptors_connected_clients_are_served_and_new_ones_wait() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    let mut world = World::create("descriptors", &serving).await;
    let program = serving.start();
    world.at(program.address);
    world.begin(Duration::from_millis(4));
    for _ in 0..3 {
        sleep(Duration::from_millis(300)).await;
        let acknowledged =
            || world.history.log().attempts.iter().filter(|one| matches!(one.outcome, Outcome::Ok(_))).count();
        let usual = limit_files(&program, 3);
        let (before, start) = (acknowledged(), Instant::now());
        until("connected clients are served", async || acknowledged() > before + 20).await;
        assert!(start.elapsed() < RECOVERY, "20 sends took {:?}", start.elapsed());
        let mut late = TcpStream::connect(program.address).await.unwrap();
        late.write_all(b"GET /healthz HTTP/1.1\r\nHost: chat.test\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        let waited = timeout(Duration::from_millis(300), late.read_exact(&mut answer)).await;
        assert!(waited.is_err(), "there were descriptors left");
        limit_files(&program, usual);
        timeout(RECOVERY, late.read_exact(&mut answer)).await.expect("an answer").unwrap();
        assert_eq!(answer, *b"HTTP/1.1 200");
        let took = recovery(&world, &program).await;
        assert!(took < RECOVERY, "{took:?}");
    }
    world.judge().await.expect_green("descriptors");
    program.stop().await;
    serving.log_text();
}
