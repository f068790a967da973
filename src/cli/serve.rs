//! `chinwag serve`: opens the database, binds, prints where it listens, and serves until it is stopped.

use std::io::Write;

use anyhow::{Context, bail};
use tokio::net::TcpListener;

use super::options::{Platform, ServeOptions};
use super::{log, signals::Signals};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::server;

/// Threads for SQLite and hashing; small Heroku dynos allow 256 in all.
const BLOCKING_THREADS: usize = 32;

pub fn run(options: ServeOptions) -> anyhow::Result<()> {
    let platform = Platform::detect();
    let max_files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let config = options.config(platform, max_files);
    // Dropped last, so that the last lines are written.
    let _log = log::start(&options.log_level, options.log_format(platform));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .context("cannot start threads")?;
    let done = runtime.block_on(serve(&options.host(platform), options.port, config));
    // Connections that were cut may still hold a blocking thread; the database is closed, so nothing is lost.
    runtime.shutdown_background();
    done
}

async fn serve(host: &str, port: u16, config: Config) -> anyhow::Result<()> {
    // Before the first line of output: its reader may send a signal at once.
    let signals = Signals::take().context("cannot listen for signals")?;
    let ephemeral = config.ephemeral_disk;
    if config.redis.is_some() && matches!(config.database, Database::File(_)) {
        tracing::info!("REDIS_URL is not used: a database file has one process");
    }
    // It may wait for the database; until it has it, connections are refused and not kept waiting.
    let app = App::open(config, Clock::system()).await?;
    let listener = TcpListener::bind((host, port)).await;
    let listener = listener.with_context(|| format!("cannot listen on {host} port {port}"))?;

    let address = listener.local_addr().context("cannot determine the port")?;
    // A closed standard output is no reason not to serve.
    let _ = writeln!(std::io::stdout(), "Chinwag is ready at http://{address}");
    if ephemeral {
        tracing::warn!(
            "THE DISK OF THIS DYNO IS EMPTIED AT EVERY RESTART, AT LEAST DAILY: ACCOUNTS AND MESSAGES WILL BE LOST. \
             No durable home for the database is configured."
        );
    }
    let store = app.store.clone();
    // A task, since this thread does not belong to the runtime: each connection would have to wake it.
    let serving = tokio::spawn(server::run(listener, app, signals.stop()));
    tokio::select! {
        served = serving => served.context("the server failed"),
        reason = store.broken() => bail!("stopped: the database can no longer be trusted: {reason}"),
    }
}
