//! A test of every query that reads lists or looks things up: none walks a whole table, none sorts.

use rusqlite::Connection;

use super::{messages, people, sessions, users};

const QUERIES: &[(&str, &str)] = &[
    ("user by name", users::BY_KEY),
    ("session by token", sessions::BY_TOKEN),
    ("sessions beyond the newest", sessions::BEYOND_NEWEST),
    ("one message", messages::ONE),
    ("message by client key", messages::BY_CLIENT_KEY),
    ("conversation of two", messages::CONVERSATION),
    ("conversation, older", messages::CONVERSATION_DOWN),
    ("conversation, newer", messages::CONVERSATION_UP),
    ("message at a place", messages::ID_AT),
    ("count of all messages", messages::COUNT_ALL),
    ("all messages, older", messages::ALL_DOWN),
    ("all messages, newer", messages::ALL_UP),
    ("people written with", people::WRITTEN_WITH),
    ("people not written with", people::NOT_WRITTEN_WITH),
];

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = query.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get("detail").unwrap());
    }
    lines
}

fn is_costly(line: &str) -> bool {
    line.starts_with("SCAN") || line.contains("TEMP B-TREE")
}

#[test]
fn no_query_scans_a_table_or_sorts() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../../schema.sql")).unwrap();
    for (name, sql) in QUERIES {
        let plan = plan(&conn, sql);
        assert!(!plan.is_empty() && !plan.iter().any(|line| is_costly(line)), "{name}: {plan:#?}");
    }
    assert!(plan(&conn, "SELECT * FROM messages ORDER BY body").iter().any(|line| is_costly(line)));
}
