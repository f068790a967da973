//! `chinwag serve`: binds, opens the database, prints where it listens, and serves until it is stopped.

use std::io::{self, Write};

use anyhow::{Context, bail};
use tokio::net::TcpSocket;

use super::options::{Platform, ServeOptions};
use super::{log, signals::Signals};
use crate::app::App;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::server;

/// Threads for SQLite and hashing; small Heroku dynos allow 256 in all.
const BLOCKING_THREADS: usize = 32;

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

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

/// Takes the first address that can be had.
async fn bind(host: &str, port: u16) -> io::Result<TcpSocket> {
    let mut refused = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in tokio::net::lookup_host((host, port)).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // A server that was just stopped may have connections that still end.
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Ok(()) => return Ok(socket),
            Err(error) => refused = error,
        }
    }
    Err(refused)
}

async fn serve(host: &str, port: u16, config: Config) -> anyhow::Result<()> {
    // Before the first line of output: its reader may send a signal at once.
    let signals = Signals::take().context("cannot listen for signals")?;
    let ephemeral = config.ephemeral_disk;
    if config.redis.is_some() && matches!(config.database, Database::File(_)) {
        tracing::info!("REDIS_URL is not used: a database file has one process");
    }
    let cannot_listen = || format!("cannot listen on {host} port {port}");
    let socket = bind(host, port).await.with_context(cannot_listen)?;
    // It may wait for the database; until then connections are refused, and not kept waiting.
    let app = App::open(config, Clock::system()).await?;
    let listener = socket.listen(BACKLOG).with_context(cannot_listen)?;

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
