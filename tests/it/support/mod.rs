//! What every test needs: a server (`server`), those who call it (`caller`), those who listen (`listener`), and the
//! program as a process of its own (`program`).

pub mod caller;
pub mod listener;
pub mod program;
pub mod server;

pub use caller::{Answer, Caller};
pub use listener::Listener;
pub use program::Program;
pub use server::Server;

use std::future::Future;
use std::time::Duration;

/// Longest wait for something that should happen at once; a test that reaches it has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for what should happen soon.
pub async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, happens).await {
        Ok(happened) => happened,
        Err(_) => panic!("did not happen in time: {what}"),
    }
}

/// Asks again and again until the answer is yes.
pub async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    soon(what, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
