//! `chinwag backup`: copies the database, prints the copy's size, and leaves nothing behind when it is stopped.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail};

use super::options::BackupOptions;
use super::signals::Signals;
use crate::config::Database;
use crate::store;

pub fn run(options: BackupOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start threads")?;
    let shown = options.copy.display().to_string();
    let bytes = runtime.block_on(back_up(options))?;
    // A closed standard output does not undo the copy.
    let _ = writeln!(std::io::stdout(), "copied {:.1} MiB to {shown}", bytes as f64 / f64::from(1 << 20));
    Ok(())
}

async fn back_up(BackupOptions { copy, database }: BackupOptions) -> anyhow::Result<u64> {
    let database = match database {
        Database::File(path) => path,
        Database::Postgres(_) => bail!("a PostgreSQL database is copied with its own pg_dump"),
    };
    let signals = Signals::take().context("cannot listen for signals")?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut copying = tokio::task::spawn_blocking(move || store::back_up(&database, &copy, &stopped));
    let done = tokio::select! {
        done = &mut copying => done,
        () = signals.stop() => {
            stop.store(true, Ordering::Relaxed);
            copying.await
        }
    };
    Ok(done.context("the copying thread panicked")??)
}
