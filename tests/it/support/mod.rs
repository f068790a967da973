//! What every test needs: a server (`server`), its HTTP clients (`caller`) and WebSocket clients (`listener`), the
//! program as a separate process (`program`), prepared accounts (`people`) and files (`database`), PostgreSQL databases
//! (`postgres`), Redis servers (`redis`), and low-level access to connections (`raw`) and to what is stored (`stored`).

pub mod caller;
pub mod database;
pub mod listener;
pub mod people;
pub mod postgres;
pub mod program;
pub mod raw;
pub mod redis;
pub mod server;
pub mod stored;

pub use caller::{Answer, Caller};
pub use listener::Listener;
pub use people::{Three, join};
pub use program::Program;
pub use server::Server;

use std::future::Future;
use std::time::Duration;

/// Longest wait for something that should happen at once; a test that reaches it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that should happen soon.
pub async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, happens).await {
        Ok(happened) => happened,
        Err(_) => panic!("did not happen in time: {what}"),
    }
}

/// Polls until the condition is true.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    soon(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
