//! `/readyz`: whether a balancer should send requests here.

use chinwag::config::Database;

use crate::support::{Server, postgres, until};

/// Ends the connection on which this server hears others.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query =
     'LISTEN chinwag_' || (SELECT oid FROM pg_namespace WHERE nspname = current_schema())";

async fn says(server: &Server, expected: &str) {
    let ready = async || server.stranger().get("/readyz").await.expect(200).text() == expected;
    until(expected, ready).await;
}

#[tokio::test]
async fn a_server_is_ready_until_it_stops() {
    let server = Server::start().await;
    says(&server, if postgres::is_used() { "ready: listening\n" } else { "ready\n" }).await;
    // The first thing at a stop after which an open connection can still ask.
    server.app.sockets.closing.cancel();
    let answer = server.stranger().get("/readyz").await.expect(503);
    assert_ne!(answer.header("retry-after"), "");
    server.stranger().get("/healthz").await.expect(200);
    server.stop().await;
}

#[tokio::test]
async fn a_server_that_must_ask_for_others_changes_is_ready_too() {
    let server = Server::start().await;
    let Database::Postgres(url) = &server.app.config.database else {
        eprintln!("ready: SKIPPED, since a file has one server; run this under tests/postgres");
        return;
    };
    says(&server, "ready: listening\n").await;
    postgres::run(url, CUT);
    says(&server, "ready: polling\n").await;
    says(&server, "ready: listening\n").await;
    server.stop().await;
}
