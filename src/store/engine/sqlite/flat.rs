//! A test of what catching up costs: as much with few messages as with a million. Counted in steps of SQLite's virtual
//! machine, which are the same on every computer and in every run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, params};

use super::in_memory;
use crate::model::{Revision, UserId};
use crate::store::sync::changes;

/// Conversations of the one who catches up; each changes once.
const CONVERSATIONS: i64 = 100;
/// Messages that are new, that were edited, and that were hidden: with the conversations, a thousand changes.
const OF_EACH_KIND: i64 = 300;

/// A file in which one person has this many messages, and then a thousand changes; and the revision before those.
fn filled(messages: i64) -> (Connection, Revision) {
    let conn = in_memory();
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
    run("INSERT INTO conversations (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
         SELECT id - 1, 'direct', 1, id, 0, ?2, (id - 1) * ?2, 0 FROM users WHERE id > 1 AND ?1 > 0");
    run("INSERT INTO members (conversation_id, user_id, revision, read_seq, delivered_seq)
         SELECT c.id, u.id, (c.id - 1) * ?2 + 1, ?2, ?2
         FROM conversations c JOIN users u ON u.id IN (1, c.high_user_id) WHERE ?1 > 0");
    run("WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1 * ?2)
         INSERT INTO messages (id, conversation_id, seq, sender_id, body, created_at, revision)
         SELECT i, (i - 1) / ?2 + 1, (i - 1) % ?2 + 1, iif(i % 2, 1, (i - 1) / ?2 + 2), 'said', 0, i FROM n");
    indexes.iter().for_each(|(_, sql)| conn.execute_batch(sql).unwrap());
    run("UPDATE state SET revision = ?1 * ?2");
    let since = CONVERSATIONS * each;
    change(&conn, since);
    (conn, Revision(since))
}

/// The changes, each with a separate revision: new messages, three to a conversation; edited and hidden ones; and
/// settings.
fn change(conn: &Connection, since: i64) {
    let run = |sql: &str| {
        conn.execute(sql, params![since, OF_EACH_KIND, CONVERSATIONS]).unwrap();
    };
    run("WITH RECURSIVE n (i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
         INSERT INTO messages (id, conversation_id, seq, sender_id, body, created_at, revision)
         SELECT ?1 + 1 + i, 1 + i % ?3, (SELECT last_seq FROM conversations WHERE id = 1) + 1 + i / ?3, 2 + i % ?3, 'new', 0,
                ?1 + 1 + i FROM n");
    run("UPDATE conversations SET last_seq = last_seq + ?2 / ?3, last_message_id = ?1 + ?2 - ?3 + id");
    run("UPDATE messages SET revision = ?1 + 2 * ?2 + 1 - id WHERE id <= ?2 AND ?3 > 0");
    run("UPDATE conversations SET changed_revision = ?1 + 2 * ?2 WHERE ?3 > 0
         AND id IN (SELECT conversation_id FROM messages WHERE id <= ?2)");
    run("INSERT INTO hidden_messages SELECT 1, id, ?1 + 2 * ?2 + id FROM messages WHERE id <= ?2 AND ?3 > 0");
    run("UPDATE members SET revision = ?1 + 3 * ?2 + conversation_id WHERE user_id = 1 AND ?3 > 0");
    run("UPDATE state SET revision = ?1 + 3 * ?2 + ?3");
}

/// Steps that catching up takes, and the changes it finds.
fn cost(conn: &mut Connection, since: Revision) -> (u64, usize) {
    let steps = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&steps);
    let each_step = move || {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    conn.progress_handler(1, Some(each_step)).unwrap();
    let (mut since, mut items) = (since, 0);
    loop {
        let page = changes(conn, UserId(1), since, 100).unwrap();
        items += page.items.len();
        since = page.upto;
        if !page.more {
            return (steps.load(Ordering::Relaxed), items);
        }
    }
}

#[test]
fn a_thousand_changes_cost_the_same_however_many_messages_there_are() {
    let (mut few_of_them, since) = filled(20_000);
    let few = cost(&mut few_of_them, since);
    let (mut conn, since) = filled(1_000_000);
    let many = cost(&mut conn, since);
    // Hidden ones are sent as such and not as edited. Deeper trees take a few steps more.
    assert_eq!((few.1, many.1), ((2 * OF_EACH_KIND + CONVERSATIONS) as usize, few.1));
    assert!(many.0 as f64 <= 1.3 * few.0 as f64, "{} and {} steps", few.0, many.0);

    // Without the index that finds the changes the cost would grow.
    conn.execute_batch("DROP INDEX messages_changed").unwrap();
    let without = cost(&mut conn, since).0;
    assert!(without > 2 * few.0, "{without} and {} steps", few.0);
}
