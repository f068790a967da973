//! A file full of messages, written straight into the database.

use std::path::Path;

use rusqlite::{Connection, params};

/// People the first one has conversations with in a filled file.
pub const FRIENDS: i64 = 50;

/// Messages at the end of each conversation that the first person has not read.
const UNREAD: i64 = 3;

/// Puts `count` messages of 200 bytes into the file of more than `friends` people: as many in each conversation of the
/// first person with the next ones, in turns.
pub fn fill(path: &Path, count: i64, friends: i64) {
    let mut conn = Connection::open(path).expect("the file is there");
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;").expect("settings are taken");
    let tx = conn.transaction().expect("nobody else has the file");
    insert(&tx, count, friends).expect("the schema is as it was");
    tx.commit().expect("the disk is not full");
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);").expect("nobody else has the file");
}

fn insert(conn: &Connection, count: i64, friend_count: i64) -> rusqlite::Result<()> {
    let first: i64 = conn.query_row("SELECT revision + 1 FROM state", [], |row| row.get(0))?;
    let me: i64 = conn.query_row("SELECT id FROM users WHERE username = 'user0'", [], |row| row.get(0))?;
    let mut find = conn.prepare("SELECT id FROM users WHERE username = 'user' || ?1")?;
    let friends: Vec<i64> =
        (1..=friend_count).map(|n| find.query_row([n], |row| row.get(0))).collect::<rusqlite::Result<_>>()?;
    let each = count / friend_count;
    let last = first + each * friend_count - 1;
    let mut insert = conn.prepare(
        "INSERT INTO messages (id, conversation_id, seq, sender_id, body, client_key, created_at, revision)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?1)",
    )?;
    for (number, friend) in friends.iter().enumerate() {
        let (conversation, offset) = (number as i64 + 1, number as i64);
        conn.execute(
            "INSERT INTO conversations
               (id, kind, low_user_id, high_user_id, created_at, last_seq, last_message_id, revision)
             VALUES (?1, 'direct', min(?2, ?3), max(?2, ?3), 0, ?4, ?5, ?6)",
            params![conversation, me, friend, each, first + (each - 1) * friend_count + offset, first + offset],
        )?;
        for (who, read) in [(me, each - UNREAD), (*friend, each)] {
            conn.execute(
                "INSERT INTO members (conversation_id, user_id, delivered_seq, read_seq, shown_read_seq, revision)
                 VALUES (?1, ?2, ?3, ?3, ?3, ?4)",
                params![conversation, who, read, first + offset],
            )?;
        }
    }
    for seq in 1..=each {
        for (number, friend) in friends.iter().enumerate() {
            let id = first + (seq - 1) * friend_count + number as i64;
            let from = if seq % 2 == 0 { me } else { *friend };
            insert.execute(params![id, number as i64 + 1, seq, from, format!("{id:_>200}"), format!("{id:016x}")])?;
        }
    }
    conn.execute("UPDATE state SET revision = ?1", [last])?;
    Ok(())
}
