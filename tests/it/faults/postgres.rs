//! PostgreSQL below the program: the program is killed, its connections are cut, the server crashes or only reads.
//! These tests run under `tests/postgres`.

use std::net::SocketAddr;
use std::time::Duration;

use chinwag::config::Database;
use tempfile::TempDir;
use tokio::time::sleep;

use super::cluster::Cluster;
use super::disk::{begin, no_writes, recovery};
use super::kill;
use super::proxy::{Mode, Proxy};
use super::world::{Serving, say};
use crate::support::Program;
use crate::support::postgres::{run, separate_database, separate_database_on};

/// Kills of the program, half of them in each of two worlds.
const KILLS: usize = 20;
/// Cuts of its connections, half of them by the server and half by the network.
const CUTS: usize = 100;
/// Crashes of the server.
const CRASHES: usize = 6;
/// From the end of a fault until a send is acknowledged: connections that read are made again after pauses of up to
/// 2.5 s, and a busy machine takes as long again.
const RECONNECTED: Duration = Duration::from_secs(10);

/// Ends all other connections to a database.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// The program on a database of its own, in a folder for its log.
pub fn serving(url: &str) -> (Serving, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::new(folder.path(), &folder.path().join("log"));
    serving.database = Database::Postgres(url.to_owned());
    (serving, folder)
}

/// An empty database; nothing, and a line that says so, where there is no server.
pub fn database(test: &str) -> Option<String> {
    let url = separate_database();
    if url.is_none() {
        say(&format!("SKIPPED {test}: this does not run under tests/postgres"));
    }
    url
}

#[track_caller]
fn assert_runs(program: &mut Program, serving: &Serving) {
    assert!(program.child.try_wait().unwrap().is_none(), "the program ended: {}", serving.log_text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_the_program_lose_nothing_on_postgres() {
    let world = async |name: &str| {
        let Some(url) = database(name) else { return };
        let (mut serving, _folder) = serving(&url);
        kill::rounds(&mut serving, name, KILLS / 2).await.expect_green(name);
    };
    tokio::join!(world("postgres-kill-1"), world("postgres-kill-2"));
}

/// Cuts the connections of the program to its database this often under load.
async fn cuts(name: &str, serving: &mut Serving, cuts: usize, cut: impl AsyncFn()) {
    let mut world = begin(name, serving).await;
    let mut program = serving.start();
    world.at(program.address);
    let mut slowest = Duration::ZERO;
    for _ in 0..cuts {
        sleep(Duration::from_millis(20 + world.chance.below(200))).await;
        cut().await;
        slowest = slowest.max(recovery(&world, &program).await);
        assert_runs(&mut program, serving);
    }
    say(&format!("{name}: {cuts} cuts, seed {}, a send at most {slowest:?} after one", world.seed()));
    assert!(slowest < RECONNECTED, "{slowest:?}");
    world.judge().await.expect_green(name);
    program.stop().await;
    serving.log_text();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_server_ends_lose_nothing() {
    let Some(url) = database("connections that the server ends") else { return };
    let (mut serving, _folder) = serving(&url);
    cuts("postgres-ended", &mut serving, CUTS / 2, async || drop(run(&url, CUT))).await;
}

/// A cut network also loses the answers to commits that the server has done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_network_cuts_lose_nothing() {
    let Some(url) = database("connections that the network cuts") else { return };
    let (proxy, url) = network(&url).await;
    let (mut serving, _folder) = serving(&url);
    let cut = async || {
        // A commit that is under way may be done, though nobody hears of it.
        proxy.set(Mode::NoAnswers);
        sleep(Duration::from_millis(30)).await;
        proxy.cut();
        proxy.set(Mode::Forward);
    };
    cuts("postgres-cut", &mut serving, CUTS / 2, cut).await;
}

/// Longer than the program waits for an answer, so that it gives up connections which the server still has.
const SILENCE: Duration = Duration::from_secs(24);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_silent_for_long_loses_nothing() {
    let Some(url) = database("a silent network") else { return };
    let (proxy, url) = network(&url).await;
    let (mut serving, _folder) = serving(&url);
    let silent = async || {
        sleep(Duration::from_secs(2)).await;
        proxy.set(Mode::Freeze);
        sleep(SILENCE).await;
        proxy.set(Mode::Forward);
    };
    cuts("postgres-silent", &mut serving, 1, silent).await;
}

/// A network in front of the server, and the database's URL there.
async fn network(url: &str) -> (Proxy, String) {
    let (before, place) = url.rsplit_once('@').unwrap();
    let (server, name) = place.split_once('/').unwrap();
    let proxy = Proxy::start(server.parse::<SocketAddr>().unwrap()).await;
    let url = format!("{before}@{}/{name}", proxy.address);
    (proxy, url)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crashes_of_the_server_lose_nothing() {
    if database("crashes of the server").is_none() {
        return;
    }
    let mut cluster = Cluster::create();
    let (mut serving, _folder) = serving(&separate_database_on(&cluster.url()));
    let mut world = begin("postgres-crash", &serving).await;
    let mut program = serving.start();
    world.at(program.address);
    let mut slowest = Duration::ZERO;
    for _ in 0..CRASHES {
        sleep(Duration::from_millis(200 + world.chance.below(800))).await;
        cluster.crash();
        sleep(Duration::from_millis(world.chance.below(1_500))).await;
        assert_runs(&mut program, &serving);
        cluster.start_again();
        slowest = slowest.max(recovery(&world, &program).await);
    }
    assert_runs(&mut program, &serving);
    say(&format!("postgres-crash: {CRASHES} crashes, seed {}, a send at most {slowest:?} after one", world.seed()));
    assert!(slowest < RECONNECTED, "{slowest:?}");
    world.judge().await.expect_green("postgres-crash");
    program.stop().await;
    serving.log_text();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_are_refused_while_the_server_only_reads() {
    let Some(url) = database("a server that only reads") else { return };
    let (mut serving, _folder) = serving(&url);
    let (server, name) = url.rsplit_once('/').unwrap();
    no_writes("postgres-read-only", &mut serving, |only_reads| {
        // As after a switch to a replica: connections end, and new ones cannot write.
        let set = format!("ALTER DATABASE {name} SET default_transaction_read_only = {only_reads}");
        run(&format!("{server}/postgres"), &set);
        if only_reads {
            run(&url, CUT);
        }
    })
    .await;
}
