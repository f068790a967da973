//! A network that freezes, cuts and delays, and readers that do not read.

use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep};

use super::checker::Verdict;
use super::history::Outcome;
use super::proxy::{Mode, Proxy};
use super::world::{Serving, World, say};
use crate::support::listener::LIVE;
use crate::support::{Caller, Listener};

/// Longest time from the recovery of the network until every screen is complete.
const COMPLETE_WITHIN: Duration = Duration::from_secs(3);

/// Applies these network troubles between clients and server, each for its duration. Also returns how long it took
/// after the last one until every screen was complete.
pub async fn troubles(
    serving: &mut Serving,
    name: &str,
    max_pause: Duration,
    all: impl IntoIterator<Item = (Trouble, Duration)>,
) -> (Verdict, Duration) {
    let mut world = World::create(name, serving).await;
    let program = serving.start();
    let proxy = Proxy::start(program.address).await;
    world.at(program.address);
    world.through(proxy.address);
    world.begin(max_pause);
    for (trouble, time) in all {
        sleep(Duration::from_millis(100 + world.chance.below(200))).await;
        match trouble {
            Trouble::Cut => proxy.cut(),
            Trouble::Delay(by) => proxy.set(Mode::Delay(by)),
            Trouble::Freeze => proxy.set(Mode::Freeze),
        }
        sleep(time).await;
        proxy.set(Mode::Forward);
    }
    let (seed, complete_after) = (world.seed(), world.caught_up().await);
    let verdict = world.judge().await;
    say(&format!("{name}: seed {seed}, complete after {complete_after:?}"));
    drop(proxy);
    program.signal("TERM");
    program.ended().await;
    serving.log_text();
    (verdict, complete_after)
}

#[derive(Clone, Copy)]
pub enum Trouble {
    Cut,
    Delay(Duration),
    Freeze,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn network_freezes_cuts_and_delays_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    let time = Duration::from_millis;
    let all = [
        (Trouble::Cut, time(0)),
        (Trouble::Delay(time(50)), time(1_000)),
        (Trouble::Freeze, time(500)),
        (Trouble::Cut, time(200)),
        (Trouble::Delay(time(5)), time(1_000)),
        // Longer than the time-outs of the clients.
        (Trouble::Freeze, time(3_000)),
    ];
    let (verdict, complete_after) = troubles(&mut serving, "network", time(4), all.repeat(2)).await;
    verdict.expect_green("network");
    assert!(complete_after < COMPLETE_WITHIN, "{complete_after:?}");
}

/// Sockets of one person that never read, while all other clients continue.
const UNREAD: usize = 40;
/// Memory they may use together, in KiB: less than a megabyte each, with what the allocator keeps.
const COST: u64 = 40 * 1024;

/// Much less than the time-out for such sockets, and enough for a busy machine.
const DELAY: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_that_never_read_use_bounded_memory_and_delay_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    let mut world = World::create("unread", &serving).await;
    let program = serving.start();
    world.at(program.address);
    world.begin(Duration::from_millis(4));
    sleep(Duration::from_secs(2)).await;
    let (before, from) = (program.resident(), world.history.now());
    let bo = world.members[1].at(program.address).with(LIVE.0, LIVE.1);
    let mut unread = Vec::new();
    for _ in 0..UNREAD {
        // The whole history in addition to live events.
        unread.push(listener_that_never_reads(&bo, "/ws?since=0").await);
    }
    let end = Instant::now() + Duration::from_secs(4);
    let mut most = before;
    while Instant::now() < end {
        most = most.max(program.resident());
        sleep(Duration::from_millis(50)).await;
    }
    let slowest = slowest_answer(&world, from);
    say(&format!(
        "unread: {before} KiB before {UNREAD} sockets that never read, {most} KiB with them; slowest send {slowest:?}"
    ));
    assert!(most < before + COST, "{before} KiB before, {most} with {UNREAD} sockets that never read");
    assert!(slowest < DELAY, "a send took {slowest:?}");
    world.judge().await.expect_green("unread");
    drop(unread);
    program.stop().await;
    serving.log_text();
}

async fn listener_that_never_reads(caller: &Caller, path: &str) -> Listener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let stream = socket.connect(caller.address).await.unwrap();
    Listener::open_on(stream, caller, path).await.unwrap()
}

/// The longest time that an acknowledged send has taken since then.
fn slowest_answer(world: &World, since: u64) -> Duration {
    let log = world.history.log();
    let sends = log.attempts.iter().filter(|one| one.invoked > since && matches!(one.outcome, Outcome::Ok(_)));
    Duration::from_nanos(sends.map(|one| one.completed - one.invoked).max().expect("someone sends"))
}
