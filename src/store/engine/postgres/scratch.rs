//! A database for one test: a new schema on the server that `tests/postgres` runs.

use super::address::Address;
use super::client::Client;
use super::schema;

/// A connection to a database with the current schema, and its URL; nothing, and a line that says so, where there is no
/// server.
pub(super) fn database() -> Option<(Client, String)> {
    let Ok(server) = std::env::var("CHINWAG_TEST_POSTGRES") else {
        eprintln!("PostgreSQL: SKIPPED, since this does not run under tests/postgres");
        return None;
    };
    let name = format!("t{}", uuid::Uuid::now_v7().simple());
    let mut client = Client::connect(&Address::parse(&server).unwrap()).unwrap();
    client.script(&format!("CREATE SCHEMA {name}")).unwrap();
    let url = format!("{server}?options=-c%20search_path%3D{name}");
    let mut client = Client::connect(&Address::parse(&url).unwrap()).unwrap();
    schema::bring_up(&mut client, "a test's").unwrap();
    Some((client, url))
}
