//! Connections: accepts them, bounds their number and duration, and closes them. Knows no route.
//!
//! Not warp's accept loop, because that has no timeouts, no limit, speaks cleartext HTTP/2 and waits forever for stuck
//! clients when it should stop.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use futures_util::FutureExt;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::actions::presence;
use crate::app::App;
use crate::assets::VERSION;
use crate::handlers;
use crate::web::layer::Site;
use crate::web::request::Connection;

/// Largest request head, in bytes. It has 100 headers at most: hyper's own limit, without which it would allocate room
/// for as many with each request.
const MAX_HEAD: usize = 16 * 1024;

/// Bytes read at once from a connection, at most. Hyper may read sixteen times in a turn, and half a mebibyte takes
/// half a millisecond.
const MAX_READ: usize = 32 * 1024;

/// Pause after a failed accept: out of descriptors, the next one would fail as well.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The answer to a connection that is one too many.
static FULL: LazyLock<String> = LazyLock::new(|| {
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nChinwag-Version: {VERSION}\r\nRetry-After: 5\r\nContent-Length: 0\r\n\
         Connection: close\r\n\r\n"
    )
});

/// Serves until `shutdown` completes; then stops accepting, finishes what is in flight, closes sockets, cuts
/// what is left after the configured time, and closes the database.
pub async fn run(listener: TcpListener, app: App, shutdown: impl Future<Output = ()>) {
    let site = Arc::new(Site::new(app.clone(), handlers::all(&app)));
    let permits = Arc::new(Semaphore::new(app.config.max_connections));
    let connections = TaskTracker::new();
    let stopping = CancellationToken::new();
    let keeper = tokio::spawn({
        let app = app.clone();
        async move { tokio::join!(presence::keep_last_seen(&app), presence::notify_other_processes(&app)) }
    });
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            // It fits into the empty send buffer of a new connection, so this does not wait.
            let _ = stream.try_write(FULL.as_bytes());
            continue;
        };
        let connection = Connection { peer: peer.ip(), permit: Arc::new(permit) };
        let timeouts = app.config.timeouts;
        let task = serve(stream, peer, connection, Arc::clone(&site), timeouts, stopping.clone());
        connections.spawn(task);
        // One at a time where many come at once, so that open connections do not wait for all of them.
        yield_now().await;
    }
    drop(listener);
    stopping.cancel();
    app.sockets.closing.cancel();
    connections.close();
    let drained = async {
        connections.wait().await;
        app.sockets.tasks.close();
        app.sockets.tasks.wait().await;
    };
    if timeout(app.config.timeouts.drain, drained).await.is_err() {
        tracing::info!(connections = connections.len(), sockets = app.sockets.tasks.len(), "cut stuck connections");
    }
    keeper.abort();
    presence::store_last_seen(&app).await;
    app.store.close().await;
}

/// Serves one connection until it ends, is idle too long, or should stop.
async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    connection: Connection,
    site: Arc<Site>,
    timeouts: crate::config::Timeouts,
    stopping: CancellationToken,
) {
    // Both are best effort: a connection works without them, only more slowly or until a later timeout.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(timeouts.unread));
    let received = Arc::new(AtomicBool::new(false));
    let receiving = Arc::clone(&received);
    let service = service_fn(move |request| {
        receiving.store(true, Ordering::Relaxed);
        Arc::clone(&site).respond(connection.clone(), request).map(Ok::<_, Infallible>)
    });
    let conversation = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(timeouts.idle)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_READ)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut conversation = pin!(conversation);
    let first_head = async {
        sleep(timeouts.first_head).await;
        if received.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    };
    // In order: a random start would cost a random number each time, and no branch can starve another.
    let end = tokio::select! {
        biased;
        end = conversation.as_mut() => end,
        () = first_head => Ok(()),
        () = stopping.cancelled() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = end {
        tracing::debug!(%peer, %error, "connection failed");
    }
}
