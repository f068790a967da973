//! The plan of every statement of the store: none reads a whole table, also with the statistics of empty tables, and
//! also in the form that runs for many sets of parameters.

use tokio_postgres::types::Type;

use super::client::Client;
use super::scratch;
use super::spread::spread;
use crate::store::engine::Db;
use crate::store::engine::statements::{STATEMENTS, deletions};

/// Tables of which a whole read is one row, or a few hundred small ones once a start.
const SMALL: &[&str] = &["state", "epochs"];

/// Statements that read only the first row of a table they seem to scan.
const FIRST_ROW: &[&str] = &["users::INSERT"];

/// Changes that are made for many sets of parameters at once.
const POSTED: &[&str] =
    &["send_batch::NEWEST", "send_batch::SHADOW", "presence::SET_LAST_SEEN", "progress::UPDATE", "progress::STAMP"];

fn plan(client: &mut Client, name: &str, sql: &str) -> (Vec<Type>, String) {
    client.script(&format!("PREPARE looked_at AS {sql}")).unwrap_or_else(|error| panic!("{name}: {error}: {sql}"));
    let types = "SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = 'looked_at'";
    let db: &mut dyn Db = client;
    let types: Vec<String> = db.all(types, &[], |row| row.get(0)).unwrap();
    let nothing = vec!["NULL"; types.len()].join(", ");
    let values = if types.is_empty() { String::new() } else { format!("({nothing})") };
    // A text that is read once, so that it may live as long as the tests.
    let explain = format!("EXPLAIN EXECUTE looked_at{values}").leak();
    let lines: Vec<String> = db.all(explain, &[], |row| row.get(0)).unwrap();
    client.script("DEALLOCATE looked_at").unwrap();
    let types = types.iter().map(|name| {
        if name == "bytea" {
            Type::BYTEA
        } else if name == "text" {
            Type::TEXT
        } else {
            Type::INT8
        }
    });
    (types.collect(), lines.join("\n"))
}

/// Whether a table or an index is read from beginning to end.
fn reads_a_whole_table(client: &mut Client, plan: &str) -> bool {
    let mut lines = plan.lines().peekable();
    while let Some(line) = lines.next() {
        let name = |after: &str| line.split(after).nth(1).and_then(|rest| rest.split_whitespace().next());
        if let Some(table) = name("Seq Scan on ") {
            if !SMALL.contains(&table) {
                return true;
            }
        } else if let Some(index) = name("Scan using ").or(name("Bitmap Index Scan on ")) {
            let first =
                "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(CAST($1 AS text)) AND attnum = 1";
            let first: String = (client as &mut dyn Db).value(first, &[index.into()]).unwrap();
            let condition = lines.peek().filter(|line| line.trim_start().starts_with("Index Cond:"));
            let small = SMALL.iter().any(|table| index.starts_with(table));
            if !small && !condition.is_some_and(|condition| condition.contains(&first)) {
                return true;
            }
        }
    }
    false
}

/// Some thousand rows in each table that grows.
const FILL: &str = "
    INSERT INTO users (id, username, username_key, email, email_key, password, created_at, revision)
      SELECT n, n, n, n, n, '!', 0, n FROM generate_series(1, 2000) n;
    INSERT INTO user_names (name, user_id) SELECT n, n FROM generate_series(1, 2000) n;
    INSERT INTO avatars (user_id, image) SELECT n, '' FROM generate_series(1, 2000) n;
    INSERT INTO blocks (user_id, blocked_id, created_at) SELECT n, n + 1, 0 FROM generate_series(1, 1999) n;
    INSERT INTO sessions (token_hash, user_id, created_at, renewed_at, expires_at)
      SELECT sha256(n::text::bytea), n, 0, 0, n FROM generate_series(1, 2000) n;
    INSERT INTO conversations (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
      SELECT n, 'direct', n, n + 1, 0, 20, 20 * n, n FROM generate_series(1, 1999) n;
    INSERT INTO members (user_id, conversation_id, revision)
      SELECT n + second, n, n FROM generate_series(1, 1999) n, generate_series(0, 1) second;
    INSERT INTO messages (id, conversation_id, seq, sender_id, client_key, created_at, revision, body)
      SELECT n, 1 + (n - 1) / 20, 1 + (n - 1) % 20, 1 + (n - 1) / 20, n, 0, n, 'text' FROM generate_series(1, 39980) n;
    INSERT INTO receipts (conversation_id, user_id, move, delivered_seq, read_seq, at)
      SELECT n, n, move, move, move, 0 FROM generate_series(1, 1999) n, generate_series(1, 10) move;
    INSERT INTO reactions (message_id, user_id, emoji) SELECT n, 1, '+' FROM generate_series(1, 2000) n;
    INSERT INTO hidden_messages (user_id, message_id, revision) SELECT 1 + n / 20, n, n FROM generate_series(1, 2000) n";

#[test]
fn no_statement_reads_a_whole_table() {
    let Some((mut client, _)) = scratch::database() else { return };
    // The statistics of empty tables, as they still are for a while on a server that grows.
    client.script("ANALYZE").unwrap();
    client.script(FILL).unwrap();
    for (name, sql) in STATEMENTS.iter().copied().chain(deletions()).filter(|(name, _)| !FIRST_ROW.contains(name)) {
        let (types, one) = plan(&mut client, name, sql);
        assert!(!reads_a_whole_table(&mut client, &one), "{name}: {one}");
        let of_many = sql.starts_with("SELECT") && !types.is_empty() || sql.contains("VALUES (") && sql.ends_with(')');
        if of_many || POSTED.contains(&name) {
            let (_, many) = plan(&mut client, name, &spread(sql, &types));
            assert!(!reads_a_whole_table(&mut client, &many), "{name} for many: {many}");
        }
    }
    let (_, whole) = plan(&mut client, "an example", "SELECT body FROM messages ORDER BY body");
    assert!(reads_a_whole_table(&mut client, &whole));
}
