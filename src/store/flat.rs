//! A test of what catching up costs: as much with few messages as with a million. Counted in steps of SQLite's machine,
//! which are the same on every computer and in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, params};

use super::recent::{Recent, View};
use super::sync::changes;
use super::{filing, upgrade};
use crate::model::{Revision, UserId};

/// Conversations of the one who catches up; each changes once.
const CONVERSATIONS: i64 = 100;
/// Messages that are new, that were edited, and that were hidden: with the conversations, a thousand changes.
const OF_EACH_KIND: i64 = 300;

/// A file in which one person has this many messages, and then a thousand changes; and the revision before those.
fn filled(messages: i64) -> (Connection, Revision) {
    let mut conn = upgrade::in_memory();
    // Indexes are made at the end, which is much faster.
    let of_messages =
        "SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'messages' AND type = 'index' AND sql NOT NULL";
    let mut query = conn.prepare(of_messages).unwrap();
    let indexes = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let indexes: Vec<(String, String)> = indexes.map(Result::unwrap).collect();
    drop(query);
    indexes.iter().for_each(|(name, _)| conn.execute_batch(&format!("DROP INDEX {name}")).unwrap());
    let each = messages / CONVERSATIONS;
    let run = |sql: &str| conn.execute(sql, params![CONVERSATIONS, each]).unwrap();
    // Person 1 writes with everyone else; each conversation has its messages in a row.
    run("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i <= ?1)
         INSERT INTO users (id, username, username_key, email, email_key, password, created_at, revision)
         SELECT i, 'p' || i, 'p' || i, i || '@x.test', i || '@x.test', '!', 0, 0 FROM n WHERE ?2 > 0");
    run("INSERT INTO conversations SELECT id - 1, 1, id, 0, 0 FROM users WHERE id > 1 AND ?1 > 0 AND ?2 > 0");
    run("INSERT INTO members (conversation_id, user_id, last_message_id, revision, last_seq, read_seq, delivered_seq)
         SELECT c.id, u.id, c.id * ?2, (c.id - 1) * ?2 + 1, ?2, ?2, ?2
         FROM conversations c JOIN users u ON u.id IN (1, c.high_user_id) WHERE ?1 > 0");
    run("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1 * ?2)
         INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, created_at, revision)
         SELECT i, (i - 1) / ?2 + 1, (i - 1) % ?2 + 1, iif(i % 2, 1, (i - 1) / ?2 + 2),
                iif(i % 2, (i - 1) / ?2 + 2, 1), 'said', 0, i FROM n");
    indexes.iter().for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
    run("UPDATE state SET revision = ?1 * ?2");
    filing::catch_up(&mut conn).unwrap();
    let since = CONVERSATIONS * each;
    change(&conn, since);
    (conn, Revision(since))
}

/// The changes, each with a revision of its own.
fn change(conn: &Connection, since: i64) {
    let count = OF_EACH_KIND;
    conn.execute(
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
         INSERT INTO messages (id, conversation_id, seq, sender_id, recipient_id, body, created_at, revision)
         SELECT ?1 + i, 1, (SELECT last_seq FROM members WHERE conversation_id = 1 AND user_id = 1) + i, 2, 1, 'new', 0, ?1 + i FROM n",
        [since, count],
    )
    .unwrap();
    conn.execute(
        "UPDATE messages SET revision = ?1 + ?2 + 1 + (?1 - id) WHERE id > ?1 - ?2 AND id <= ?1",
        [since, count],
    )
    .unwrap();
    conn.execute(
        "INSERT INTO hidden_messages SELECT 1, id, ?1 + 2 * ?2 + id FROM messages WHERE id <= ?2",
        [since, count],
    )
    .unwrap();
    conn.execute("UPDATE members SET revision = ?1 + 3 * ?2 + conversation_id WHERE user_id = 1", [since, count])
        .unwrap();
    conn.execute("UPDATE state SET revision = ?1 + 4 * ?2", [since, count]).unwrap();
}

/// Steps that catching up takes, and the changes it tells of.
fn cost(conn: &Connection, since: Revision) -> (u64, usize) {
    let recent = Recent::read(conn).unwrap();
    let steps = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&steps);
    let each_step = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    conn.progress_handler(1, Some(each_step)).unwrap();
    let (mut since, mut told) = (since, 0);
    loop {
        let page = changes(&View::of_reader(conn, &recent), UserId(1), since, 100).unwrap();
        told += page.items.len();
        since = page.upto;
        if !page.more {
            return (steps.load(Ordering::Relaxed), told);
        }
    }
}

#[test]
fn a_thousand_changes_cost_the_same_however_many_messages_there_are() {
    let [few, many] = [20_000, 1_000_000].map(|messages| {
        let (conn, since) = filled(messages);
        cost(&conn, since)
    });
    assert_eq!(few, many, "steps and changes");
    assert_eq!(few.1 as i64, 3 * OF_EACH_KIND + CONVERSATIONS);

    // Without what finds the changes it would be otherwise.
    let (conn, since) = filled(20_000);
    conn.execute_batch("DROP INDEX messages_changed_by_sender; DROP INDEX messages_changed_by_recipient").unwrap();
    assert!(cost(&conn, since).0 > 2 * few.0);
}
