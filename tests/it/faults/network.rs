//! A network that freezes, cuts and delays, and readers that do not read.

use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::time::{Instant, sleep};

use super::checker::Verdict;
use super::history::Outcome;
use super::proxy::{Mood, Proxy};
use super::world::{Serving, World, say};
use crate::support::listener::LIVE;
use crate::support::{Caller, Listener};

/// From the network's return until every screen is whole.
const WHOLE_AGAIN: Duration = Duration::from_secs(3);

/// Lets these troubles happen between a world and its server, each for its time. Also says how long
/// it took after the last of them until every screen was whole.
pub async fn troubles(
    serving: &mut Serving,
    name: &str,
    leisure: Duration,
    all: impl IntoIterator<Item = (Trouble, Duration)>,
) -> (Verdict, Duration) {
    let mut world = World::create(name, &serving.folder.join("chat.db")).await;
    let program = serving.start();
    let proxy = Proxy::start(program.address).await;
    world.at(program.address);
    world.through(proxy.address);
    world.begin(leisure);
    for (trouble, time) in all {
        sleep(Duration::from_millis(100 + world.chance.below(200))).await;
        match trouble {
            Trouble::Cut => proxy.cut(),
            Trouble::Delay(by) => proxy.set(Mood::Delay(by)),
            Trouble::Freeze => proxy.set(Mood::Freeze),
        }
        sleep(time).await;
        proxy.set(Mood::Carry);
    }
    let (seed, whole_after) = (world.seed(), world.caught_up().await);
    let verdict = world.judge().await;
    say(&format!("{name}: seed {seed}, whole again after {whole_after:?}"));
    drop(proxy);
    program.signal("TERM");
    program.ended().await;
    serving.said();
    (verdict, whole_after)
}

#[derive(Clone, Copy)]
pub enum Trouble {
    Cut,
    Delay(Duration),
    Freeze,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_freezes_cuts_and_delays_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    let time = Duration::from_millis;
    let all = [
        (Trouble::Cut, time(0)),
        (Trouble::Delay(time(50)), time(1_000)),
        (Trouble::Freeze, time(500)),
        (Trouble::Cut, time(200)),
        (Trouble::Delay(time(5)), time(1_000)),
        // Longer than clients are patient.
        (Trouble::Freeze, time(3_000)),
    ];
    let (verdict, whole_after) = troubles(&mut serving, "network", time(4), all.repeat(2)).await;
    verdict.expect_green("network");
    assert!(whole_after < WHOLE_AGAIN, "{whole_after:?}");
}

/// Sockets of one person that never read, while everyone else goes on.
const DEAF: usize = 40;
/// What they may cost together, in KiB: under a megabyte each, with what the allocator keeps.
const COST: u64 = 40 * 1024;

/// Much less than the server's patience with them, and enough for a busy machine.
const DELAY: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_never_read_cost_little_and_delay_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    let mut world = World::create("deaf", &serving.folder.join("chat.db")).await;
    let program = serving.start();
    world.at(program.address);
    world.begin(Duration::from_millis(4));
    sleep(Duration::from_secs(2)).await;
    let (before, from) = (program.resident(), world.history.now());
    let bo = world.members[1].at(program.address).with(LIVE.0, LIVE.1);
    let mut deaf = Vec::new();
    for _ in 0..DEAF {
        // Everything there is on top of what happens now.
        deaf.push(deaf_listener(&bo, "/ws?since=0").await);
    }
    let end = Instant::now() + Duration::from_secs(4);
    let mut most = before;
    while Instant::now() < end {
        most = most.max(program.resident());
        sleep(Duration::from_millis(50)).await;
    }
    let slowest = slowest_answer(&world, from);
    say(&format!("deaf: {before} KiB before {DEAF} deaf readers, {most} KiB with them; slowest send {slowest:?}"));
    assert!(most < before + COST, "{before} KiB before, {most} with {DEAF} deaf readers");
    assert!(slowest < DELAY, "a send took {slowest:?}");
    world.judge().await.expect_green("deaf");
    drop(deaf);
    program.stop().await;
    serving.said();
}

async fn deaf_listener(caller: &Caller, path: &str) -> Listener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let stream = socket.connect(caller.address).await.unwrap();
    Listener::open_on(stream, caller, path).await.unwrap()
}

/// Of the sends since then that were acknowledged.
fn slowest_answer(world: &World, since: u64) -> Duration {
    let log = world.history.log();
    let sends = log.attempts.iter().filter(|one| one.invoked > since && matches!(one.outcome, Outcome::Ok(_)));
    Duration::from_nanos(sends.map(|one| one.completed - one.invoked).max().expect("someone sends"))
}
