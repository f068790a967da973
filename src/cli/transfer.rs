//! `chinwag move`: moves everything to another database, shows how far it is on a terminal, prints what was moved, and
//! leaves nothing behind when it is stopped.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::options::MoveOptions;
use super::signals::Signals;
use crate::store::{self, Moved, Progress};

/// How often the line on the terminal changes.
const INTERVAL: Duration = Duration::from_millis(100);

pub fn run(options: MoveOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start threads")?;
    let begun = Instant::now();
    let Moved { people, conversations, messages } = runtime.block_on(move_all(options))?;
    let seconds = begun.elapsed().as_secs_f64();
    // A closed standard output does not undo it.
    let _ = writeln!(
        std::io::stdout(),
        "moved in {seconds:.1} s: people {people}, conversations {conversations}, messages {messages}"
    );
    Ok(())
}

async fn move_all(MoveOptions { from, to }: MoveOptions) -> anyhow::Result<Moved> {
    let signals = Signals::take().context("cannot listen for signals")?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut moving = tokio::task::spawn_blocking(move || {
        let mut line = Line { shown: std::io::stderr().is_terminal(), last: Instant::now() };
        let done = store::move_all(&from, &to, &stopped, &mut |progress| line.update(progress));
        line.clear();
        done
    });
    let done = tokio::select! {
        done = &mut moving => done,
        () = signals.stop() => {
            stop.store(true, Ordering::Relaxed);
            moving.await
        }
    };
    Ok(done.context("the moving thread panicked")??)
}

/// A line on the terminal that changes in place.
struct Line {
    shown: bool,
    last: Instant,
}

impl Line {
    fn update(&mut self, Progress { copies, done, all }: Progress) {
        // The time is not asked for at each row.
        let due = self.shown && (done % 256 == 0 || done == all) && self.last.elapsed() >= INTERVAL;
        if due {
            self.last = Instant::now();
            let does = if copies { "copied" } else { "checked" };
            eprint!("\r\x1b[K{does} {done} of {all} rows");
        }
    }

    fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
