//! Databases on the PostgreSQL server that `tests/postgres` runs.

use std::sync::atomic::{AtomicU32, Ordering};

use chinwag::config::Database;
use tokio::runtime::Builder;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Whether the tests use it instead of files.
pub fn is_used() -> bool {
    std::env::var_os("CHINWAG_TEST_POSTGRES").is_some()
}

/// An empty database there; nothing where the tests use files.
pub fn database() -> Option<Database> {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("CHINWAG_TEST_POSTGRES").ok()?;
    let name = format!("t{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    run(&server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"));
    Some(Database::Postgres(format!("{server}?options=-c%20search_path%3D{name}")))
}

/// The URL of an empty database there that no other test connects to.
pub fn separate_database() -> Option<String> {
    let server = std::env::var("CHINWAG_TEST_POSTGRES").ok()?;
    Some(separate_database_on(&server))
}

/// The same on the server with this URL.
pub fn separate_database_on(server: &str) -> String {
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    run(server, &format!("CREATE DATABASE {name}"));
    let (place, _) = server.rsplit_once('/').unwrap();
    format!("{place}/{name}")
}

/// Runs statements on a connection of their own.
pub fn run(url: &str, sql: &str) -> Vec<SimpleQueryMessage> {
    let running = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        client.simple_query(sql).await.unwrap()
    };
    // On another thread, since this one may belong to a runtime.
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(running));
        thread.join().unwrap()
    })
}
