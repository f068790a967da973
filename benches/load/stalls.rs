//! Sends at a fixed rate while other things happen: what each does to the answers. Everything is observed from outside:
//! the files show when the log is copied.

use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::process::SERVER_CORE;
use super::scenarios::Site;
use super::stats::Spread;
use super::{Target, many, open};

/// Time between two of the activities.
const PHASE: Duration = Duration::from_secs(5);

/// Who sends, and who comes back.
const WRITERS: usize = 64;
const CROWD: usize = 1_000;

/// How often to check whether the log is being copied.
const POLL_INTERVAL: Duration = Duration::from_millis(1);

/// After this time without a change the copy counts as finished.
const FLUSHED: Duration = Duration::from_millis(10);

/// What the server may be doing; of two at once the first one here counts.
pub const ACTIVITIES: [&str; 4] =
    ["otherwise", "while the file is copied", "while 1,000 people come back", "while the log is copied"];

type Span = (Instant, Instant);

/// Answers to sends, by what the server was doing when they were due.
pub async fn phases(target: &Target, rate: f64) -> [Spread; ACTIVITIES.len()] {
    let site = Site::open(target, WRITERS + CROWD).await;
    let (writers, crowd) = site.people.split_at(WRITERS);
    let database = site.database();
    let watch = database.as_deref().map(Watch::start);
    let begin = Instant::now() + PHASE;
    let sending = open::run(&site.server, writers, rate, PHASE * 5);
    let happening = async {
        tokio::time::sleep_until((begin + PHASE).into()).await;
        let start = Instant::now();
        if let Some(database) = database.clone() {
            let program = target.program.clone();
            let backing_up = tokio::task::spawn_blocking(move || back_up(&program, &database));
            backing_up.await.expect("the file can be copied");
        }
        let copied = (start, Instant::now());
        tokio::time::sleep_until((begin + PHASE * 2).into()).await;
        let start = Instant::now();
        let storm = many::storm(&site.server, crowd).await;
        assert_eq!(storm.errors, 0, "everybody gets in");
        (storm, [copied, (start, Instant::now())])
    };
    let (outcome, (_stay, [copied, storm])) = tokio::join!(sending, happening);
    let logs = watch.map_or_else(Vec::new, Watch::stop);
    let mut phases = ACTIVITIES.map(|_| Spread::default());
    for (due, took) in outcome.timed {
        let within = |span: &Span| (span.0..span.1).contains(&due);
        let active = [within(&copied), within(&storm), logs.iter().any(within)];
        let index = active.iter().position(|happens| *happens).map_or(0, |index| index + 1);
        if index > 0 || due > begin {
            phases[index].add(took);
        }
    }
    phases
}

/// Has the program copy the file, as `README.md` says, on the server's core: many servers have only one.
fn back_up(program: &Path, database: &Path) {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", SERVER_CORE]).arg(program).arg("backup").arg("--database").arg(database);
    let status = command.arg(database.with_extension("copy")).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "the program copies its file");
}

/// Notes when the log is copied: from the first change of the file, which nothing else changes, until the log restarts,
/// when its first bytes change (sqlite.org/fileformat2.html, "WAL header"), or the file has not changed for a while: it
/// may still be flushed after its last change.
struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Vec<Span>>,
}

impl Watch {
    fn start(database: &Path) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, database) = (Arc::clone(&stop), database.to_owned());
        Self { stop, thread: std::thread::spawn(move || watch(&database, &stopped)) }
    }

    fn stop(self) -> Vec<Span> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the files are there")
    }
}

fn watch(database: &Path, stopped: &AtomicBool) -> Vec<Span> {
    let log = PathBuf::from(format!("{}-wal", database.display()));
    let (file, log) = (File::open(database).expect("the file is there"), File::open(log).expect("the log is there"));
    let changed = || file.metadata().map(|file| (file.mtime(), file.mtime_nsec())).ok();
    let beginning = || {
        let mut header = [0; 32];
        log.read_at(&mut header, 0).map(|_| header).ok()
    };
    let mut spans = Vec::new();
    let mut copying: Option<Span> = None;
    let mut before = (changed(), beginning());
    while !stopped.load(Ordering::Relaxed) {
        sleep(POLL_INTERVAL);
        let now = (changed(), beginning());
        let time = Instant::now();
        if now.0 != before.0 {
            let start = copying.map_or(time - POLL_INTERVAL, |span| span.0);
            copying = Some((start, time + FLUSHED));
        }
        if let Some((start, end)) = copying.take_if(|span| now.1 != before.1 || span.1 < time) {
            spans.push((start, end.min(time)));
        }
        before = now;
    }
    spans
}
