//! Compares an upgraded file with the old one, row by row.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::{address, open};

/// Tables that only repeated what others hold.
const TABLES_GONE: [&str; 3] = ["mail", "places", "client_keys"];

/// Dropped columns: those that repeated what others hold, and those of `receipts`, where a row now has both positions.
const COLUMNS_GONE: [(&str, &[&str]); 4] = [
    ("state", &["mail_filed", "places_filed", "keys_filed", "members_filed"]),
    ("messages", &["recipient_id"]),
    ("members", &["last_message_id", "last_seq", "unread"]),
    ("receipts", &["kind", "seq"]),
];

/// Compared separately: a start adds an epoch, and two receipts may have become one.
const COMPARED_OTHERWISE: [&str; 2] = ["epochs", "receipts"];

const COUNTED: &str = "SELECT conversation_id, max(seq), max(id) FROM old.messages GROUP BY conversation_id";
const KEPT: &str = "SELECT id, last_seq, last_message_id FROM new.conversations";

const RECIPIENTS: &str = "SELECT id, recipient_id FROM old.messages";
const RECIPIENTS_NOW: &str = "SELECT m.id, iif(m.sender_id = c.low_user_id, c.high_user_id, c.low_user_id)
     FROM new.messages m JOIN new.conversations c ON c.id = m.conversation_id";

/// When a member's position first reached a `seq`.
const REACHED: &str = "SELECT conversation_id, user_id, kind, seq, at FROM old.receipts";
const REACHED_NOW: &str = "SELECT r.conversation_id, r.user_id, r.kind, r.seq,
       (SELECT min(at) FROM new.receipts n WHERE n.conversation_id = r.conversation_id AND n.user_id = r.user_id
          AND iif(r.kind = 'read', read_seq, delivered_seq) >= r.seq)
     FROM old.receipts r";

/// Two files attached to one connection.
struct Pair(Connection);

/// Asserts that `new`, which the current program has opened, holds everything that is in `old`.
pub fn assert_kept(old: &Path, new: &Path) {
    let pair = Pair::open(old, new);
    let (before, after) = (pair.tables("old"), pair.tables("new"));
    for (table, columns) in &before {
        if TABLES_GONE.contains(&table.as_str()) {
            continue;
        }
        let now = after.get(table).unwrap_or_else(|| panic!("{table} is gone"));
        let gone: Vec<_> = columns.difference(now).map(String::as_str).collect();
        let may_be_gone = COLUMNS_GONE.iter().find(|(name, _)| name == table).map_or(&[][..], |(_, columns)| columns);
        assert!(gone.iter().all(|column| may_be_gone.contains(column)), "{table} lacks {gone:?}");
        if !COMPARED_OTHERWISE.contains(&table.as_str()) {
            pair.assert_same_rows(table, columns.intersection(now));
        }
    }
    pair.assert_same("newest messages", COUNTED, KEPT);
    pair.assert_same("recipients", RECIPIENTS, RECIPIENTS_NOW);
    if before.contains_key("receipts") {
        pair.assert_same("receipts", REACHED, REACHED_NOW);
    }
    if before.contains_key("epochs") {
        let lost = pair.rows("SELECT * FROM old.epochs EXCEPT SELECT * FROM new.epochs");
        assert!(lost.is_empty(), "epochs: lost {lost:?}");
    }
}

/// Asserts that an intact copy holds exactly what the original holds.
pub fn assert_identical(copy: &Path, original: &Path) {
    let pair = Pair::open(original, copy);
    let check: String = pair.0.query_row("PRAGMA new.integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert_eq!(pair.rows("PRAGMA new.user_version"), pair.rows("PRAGMA old.user_version"));
    let schema = |file| format!("SELECT type, name, sql FROM {file}.sqlite_schema WHERE name NOT LIKE 'sqlite_%'");
    pair.assert_same("the schema", &schema("old"), &schema("new"));
    for (table, columns) in pair.tables("old") {
        pair.assert_same_rows(&table, &columns);
    }
}

impl Pair {
    fn open(old: &Path, new: &Path) -> Self {
        let conn = open(Path::new(":memory:"));
        for (file, name) in [(old, "old"), (new, "new")] {
            conn.execute(&format!("ATTACH ?1 AS {name}"), [address(file)]).unwrap();
        }
        Self(conn)
    }

    /// The tables of one of them with their columns.
    fn tables(&self, file: &str) -> BTreeMap<String, BTreeSet<String>> {
        let sql = format!(
            "SELECT t.name, c.name FROM {file}.sqlite_schema t, pragma_table_info(t.name, '{file}') c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
        );
        let mut query = self.0.prepare(&sql).unwrap();
        let mut tables = BTreeMap::<String, BTreeSet<String>>::new();
        for row in query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap() {
            let (table, column) = row.unwrap();
            tables.entry(table).or_default().insert(column);
        }
        tables
    }

    fn assert_same_rows<'c>(&self, table: &str, columns: impl IntoIterator<Item = &'c String>) {
        let columns = columns.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let select = |file| format!("SELECT {columns} FROM {file}.{table}");
        self.assert_same(table, &select("old"), &select("new"));
    }

    /// Fails with the rows that differ.
    fn assert_same(&self, what: &str, old: &str, new: &str) {
        let lost = self.rows(&format!("{old} EXCEPT {new} LIMIT 5"));
        let added = self.rows(&format!("{new} EXCEPT {old} LIMIT 5"));
        assert!(lost.is_empty() && added.is_empty(), "{what}: lost {lost:#?}, new {added:#?}");
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Value>> {
        let mut query = self.0.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let columns = query.column_count();
        let values = |row: &Row<'_>| (0..columns).map(|column| row.get(column)).collect();
        query.query_map([], values).unwrap().collect::<Result<_, _>>().unwrap()
    }
}
