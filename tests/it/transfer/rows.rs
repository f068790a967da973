//! Every row of every table arrives, whatever is in it.

use std::path::Path;

use chinwag::config::Database;
use rusqlite::{Connection, params};

use super::{moves, new_postgres, numbers};
use crate::support::{database, stored};
use crate::upgrade::rows::assert_identical;

/// The largest number there is, and the smallest.
const MOST: i64 = i64::MAX;
const LEAST: i64 = i64::MIN;

/// Texts in which an engine or a format could see more than text.
const TEXTS: &[&str] = &[
    "",
    " ",
    "'; DROP TABLE users; --",
    "\"quotes\"",
    "\\N",
    "\\.",
    "\\\\ \\t \\x00",
    "a\tb\r\nc\n\\",
    "NULL",
    "\u{1}\u{7f}\u{feff}\u{200f}",
    "👩‍👩‍👧‍👦 é e\u{301} \u{10ffff} 中文",
    "$1 %s {} ${x}",
];

/// A row in every table, with all that a column may hold.
fn fill(file: &Path) {
    let conn = Connection::open(file).unwrap();
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
         INSERT INTO users (id, username, username_key, display_name, email, email_key, password, is_admin, created_at,
             revision, about, avatar, hides_presence, hides_typing, hides_receipts, last_seen_at, deleted_at)
           VALUES (9223372036854775807, '', '', '', '', '', '', 1, -9223372036854775808, 9223372036854775807, '', '',
             1, 1, 1, 9223372036854775807, -1);
         INSERT INTO blocks SELECT 9223372036854775807, id, 0 FROM users;
         INSERT INTO user_names SELECT name, id FROM users, (SELECT column1 AS name FROM (VALUES ('Z'), ('a'), ('é'), ('_'), ('')));
         INSERT INTO conversations (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
           VALUES (1, 'direct', 9223372036854775807, 9223372036854775807, 0, 0, 0, 0), (2, 'group', NULL, NULL, 0, 0, 0, 1),
             (3, 'group', NULL, NULL, 0, 0, 0, 1);
         INSERT INTO members (user_id, conversation_id, marked_unread, muted_until, shadowed_message_id, revision)
           SELECT u.id, c.id, u.id % 2, nullif(c.id, 1), nullif(c.id, 2), 5 FROM users u, conversations c;
         INSERT INTO receipts SELECT conversation_id, user_id, move, 1, 2, 3
           FROM members, (SELECT column1 AS move FROM (VALUES (-1), (0), (9223372036854775807)));
         UPDATE state SET revision = 9223372036854775807;",
    )
    .unwrap();
    let every: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for (id, image) in [(1, &every[..]), (2, &[]), (MOST, &[0])] {
        conn.execute("INSERT INTO avatars VALUES (?1, ?2)", params![id, image]).unwrap();
    }
    for hash in [[0_u8; 32], [255; 32], [128; 32]] {
        conn.execute("INSERT INTO sessions VALUES (?1, 1, 0, ?2, ?3, ?4)", params![hash, MOST, LEAST, TEXTS[2]])
            .unwrap();
    }
    let message =
        "INSERT INTO messages (id, conversation_id, seq, sender_id, client_key, created_at, revision, edited_at,
        reply_to, forwarded, body) VALUES (?1, 2, ?1, 1, ?2, ?1, ?1, ?3, ?4, ?1 % 2, ?5)";
    for (seq, text) in (100..).zip(TEXTS) {
        let key = (seq % 3 > 0).then_some(text);
        let (edited, reply) = ((seq % 2 > 0).then_some(MOST), (seq > 101).then_some(seq - 1));
        conn.execute(message, params![seq, key, edited, reply, text]).unwrap();
        conn.execute("INSERT INTO reactions VALUES (?1, 1, ?2)", params![seq, text]).unwrap();
        conn.execute("INSERT INTO hidden_messages VALUES (2, ?1, ?2)", params![seq, seq % 2]).unwrap();
        conn.execute("INSERT INTO epochs VALUES (?1, ?2, ?3, ?1)", params![seq, text, LEAST + seq]).unwrap();
    }
    let nothing = None::<i64>;
    conn.execute(message, params![200, nothing, nothing, nothing, "long and longer, ".repeat(50_000)]).unwrap();
    // A row that refers to a later one.
    conn.execute("UPDATE messages SET reply_to = 110 WHERE id = 100", []).unwrap();
}

/// Asserts that no table is empty, so that all are tested.
fn assert_full(file: &Path) {
    let content = stored::content(&file.to_owned().into());
    let lines: Vec<_> = content.lines().collect();
    let empty = lines.windows(2).find(|pair| !pair[0].starts_with('[') && !pair[1].starts_with('['));
    assert!(empty.is_none() && lines.last().unwrap().starts_with('['), "{empty:?}");
}

#[tokio::test]
async fn every_row_arrives_in_a_file_and_in_postgresql_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    database::create(&path("chat.db"), &["al", "bo"]).await;
    fill(&path("chat.db"));
    assert_full(&path("chat.db"));
    let before = std::fs::read(path("chat.db")).unwrap();
    let messages = TEXTS.len() + 1;
    let expected = format!(" s: people 3, conversations 3, messages {messages}\n");

    let said = moves(folder.path(), "chat.db", "sqlite:copy.db");
    assert!(said.starts_with("moved in ") && said.ends_with(&expected), "{said}");
    assert_identical(&path("copy.db"), &path("chat.db"));
    assert!(std::fs::read(path("chat.db")).unwrap() == before);

    let (Some(one), Some(two)) = (new_postgres(), new_postgres()) else { return };
    let said = moves(folder.path(), "sqlite:chat.db", &one);
    assert!(said.ends_with(&expected), "{said}");
    let content = stored::content(&path("chat.db").into());
    assert!(content == stored::content(&Database::Postgres(one.clone())));
    moves(folder.path(), &one, &two);
    assert!(content == stored::content(&Database::Postgres(two.clone())));
    moves(folder.path(), &two, "back.db");
    assert_identical(&path("back.db"), &path("chat.db"));
}

#[tokio::test]
async fn what_is_only_in_the_log_of_a_file_is_moved_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name| folder.path().join(name);
    database::create(&path("chat.db"), &["al", "bo"]).await;
    database::fill(&path("chat.db"), 10);
    let program = crate::support::Program::start(folder.path());
    let al = program.stranger().sign_up("cy").await;
    al.send("bo", "only in the log").await;
    drop(program);
    assert!(path("chat.db-wal").metadata().unwrap().len() > 0);
    let log = std::fs::read(path("chat.db-wal")).unwrap();
    moves(folder.path(), "chat.db", "moved.db");
    assert_eq!(numbers(&path("moved.db"), "SELECT count(*) FROM messages"), [11]);
    assert_eq!(std::fs::read(path("chat.db-wal")).unwrap(), log);
    assert_identical(&path("moved.db"), &path("chat.db"));
}
