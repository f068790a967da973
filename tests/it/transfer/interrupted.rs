//! SIGKILL at random moments of a move leaves nothing that counts, or all of it; the same command then starts again. A
//! move that is stopped leaves nothing.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use chinwag::config::Database;
use tokio::time::sleep;

use super::{moves, new_postgres, tables};
use crate::faults::chance::Chance;
use crate::faults::world::say;
use crate::support::program::command;
use crate::support::{Program, database, postgres, stored, until};

const MESSAGES: i64 = 20_000;
const KILLS: usize = 8;

fn start(folder: &Path, to: &str) -> Child {
    let mut moving = command(folder);
    moving.args(["move", "--from", "chat.db", "--to", to]).stdout(Stdio::null()).stderr(Stdio::piped());
    moving.spawn().unwrap()
}

/// Kills moves to the same place, and to the next one when that has everything.
async fn kill(folder: &Path, places: impl Fn(usize) -> String, is_there: impl Fn(&str) -> bool) {
    let begun = Instant::now();
    moves(folder, "chat.db", &places(0));
    let (mut span, seed) = (begun.elapsed(), Chance::seed());
    let (mut chance, mut place, mut interrupted) = (Chance::new(seed), 1, 0);
    for _ in 0..KILLS {
        let mut child = start(folder, &places(place));
        sleep(span.mul_f64(chance.below(1_000) as f64 / 1_000.0)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        if is_there(&places(place)) {
            (place, span) = (place + 1, span.mul_f64(0.7));
        } else {
            interrupted += 1;
        }
    }
    if !is_there(&places(place)) {
        moves(folder, "chat.db", &places(place));
    }
    assert!(is_there(&places(place)));
    say(&format!("{KILLS} kills during a move: {interrupted} before its end, seed {seed}"));
    assert!(interrupted > 0, "nothing was interrupted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_leave_nothing_or_everything() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al", "bo"]).await;
    database::fill(&file, MESSAGES);
    let content = stored::content(&file.clone().into());

    let moved = |place: &str| {
        let path = folder.path().join(place);
        let there = fs::metadata(&path).is_ok_and(|file| file.len() > 0);
        assert!(!there || stored::content(&path.into()) == content, "a part has the final name");
        there
    };
    kill(folder.path(), |n| format!("moved-{n}.db"), moved).await;

    let urls: Vec<_> = (0..KILLS + 3).map_while(|_| new_postgres()).collect();
    if urls.is_empty() {
        return;
    }
    let moved = |url: &str| {
        let there = tables(url) > 0;
        assert!(!there || stored::content(&Database::Postgres(url.into())) == content, "only a part was moved");
        there
    };
    kill(folder.path(), |n| urls[n].clone(), moved).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_move_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    database::create(&file, &["al", "bo"]).await;
    database::fill(&file, 5 * MESSAGES);
    let names = || {
        let names = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !name.starts_with("chat.db")).collect::<Vec<_>>()
    };
    for signal in ["TERM", "INT"] {
        let moving = started(folder.path(), "moved.db");
        until("it moves", async || names().contains(&"moved.db.part".into())).await;
        stop(moving, signal).await;
        assert!(names().is_empty(), "{:?}", names());
    }

    let Some(url) = new_postgres() else { return };
    let locked = "SELECT objid FROM pg_locks WHERE locktype = 'advisory'
        AND objid = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";
    let moving = started(folder.path(), &url);
    // A row, and the number of rows.
    until("it moves", async || postgres::run(&url, locked).len() > 1).await;
    stop(moving, "TERM").await;
    assert_eq!(tables(&url), 0);
    moves(folder.path(), "chat.db", &url);
}

fn started(folder: &Path, to: &str) -> Program {
    Program { address: ([127, 0, 0, 1], 0).into(), child: start(folder, to) }
}

async fn stop(moving: Program, signal: &str) {
    moving.signal(signal);
    let said = "chinwag: stopped before everything was moved; nothing is left of it\n";
    assert_eq!(moving.ended().await, (Some(1), said.into()), "{signal}");
}
