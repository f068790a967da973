//! What every test needs: a server (`server`), those who call it (`caller`), those who listen (`listener`), the program
//! as a process of its own (`program`), people to start with (`people`) and files to start from (`database`), and a look
//! at the bytes: those of a connection (`raw`) and those of the database (`file`).

pub mod caller;
pub mod database;
pub mod file;
pub mod listener;
pub mod people;
pub mod program;
pub mod raw;
pub mod server;

pub use caller::{Answer, Caller};
pub use listener::Listener;
pub use people::{Three, join};
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
