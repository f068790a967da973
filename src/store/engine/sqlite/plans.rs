//! Tests of every statement of the store: none scans a whole table, none sorts more than its reader's own
//! conversations, none is prepared again for other values, and all are in the dialect that every engine takes.

use rusqlite::{Connection, StatementStatus};

use super::in_memory;
use crate::store::engine::statements::{STATEMENTS, deletions};

/// Lists that are found among all conversations of the one who asks, and sorted.
const SORTED: &[&str] = &["conversations::LATEST", "conversations::PINNED", "people::WRITTEN_WITH"];

/// Statements that read only the first row of a table they seem to scan.
const FIRST_ROW: &[&str] = &["epochs::NEWEST", "users::INSERT"];

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = query.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get("detail").unwrap());
    }
    lines
}

fn is_costly(line: &str, may_sort: bool) -> bool {
    // What a subquery found may be read to its end, and a row of constants is no table; `state` has one row.
    let harmless = ["SCAN (subquery", "SCAN list", "SCAN waiting", "SCAN given", "SCAN CONSTANT ROW"];
    let scans = line.starts_with("SCAN") && !harmless.iter().any(|start| line.starts_with(start));
    scans || (line.contains("TEMP B-TREE") && !may_sort)
}

#[test]
fn no_statement_scans_a_table_or_sorts() {
    let conn = in_memory();
    for (name, sql) in STATEMENTS.iter().copied().chain(deletions()).filter(|(name, _)| !FIRST_ROW.contains(name)) {
        let plan = plan(&conn, sql);
        let may_sort = SORTED.contains(&name);
        assert!(!plan.iter().any(|line| is_costly(line, may_sort)), "{name}: {plan:#?}");
    }
    assert!(plan(&conn, "SELECT * FROM messages ORDER BY body").iter().any(|line| is_costly(line, false)));
}

#[test]
fn no_statement_is_prepared_again_for_other_values() {
    let conn = in_memory();
    for (name, sql) in STATEMENTS.iter().filter(|(_, sql)| sql.starts_with("SELECT")) {
        let mut query = conn.prepare(sql).unwrap();
        for value in 1..4 {
            for parameter in 1..=query.parameter_count() {
                query.raw_bind_parameter(parameter, value).unwrap();
            }
            let _row = query.raw_query().next().unwrap();
        }
        assert_eq!(query.get_status(StatementStatus::RePrepare), 0, "{name}");
    }
}

/// What one engine takes and another does not.
const DIALECT: &[&str] =
    &["INSERT OR ", "UPDATE OR ", "last_insert_rowid", "json_", "LIMIT -1", "min(", "iif(", "IS NOT $", "?1", ":me"];

#[test]
fn statements_are_in_the_dialect_that_every_engine_takes() {
    let conn = in_memory();
    for (name, sql) in STATEMENTS {
        assert!(!DIALECT.iter().any(|word| sql.contains(word)), "{name}: {sql}");
        let statement = conn.prepare(sql).unwrap();
        for number in 1..=statement.parameter_count() {
            assert_eq!(statement.parameter_name(number), Some(format!("${number}").as_str()), "{name}: out of order");
        }
    }
}

#[test]
fn every_statement_is_checked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = 0;
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let (module, text) = (file.file_stem().unwrap().to_str().unwrap(), std::fs::read_to_string(&file).unwrap());
        let product = text.split("#[cfg(test)]").next().unwrap();
        for line in product.lines().filter(|line| line.contains("const ") && line.contains(": &str =")) {
            let name = line.split("const ").nth(1).unwrap().split(':').next().unwrap();
            let name = format!("{module}::{name}");
            // The test of lists has a separate statement that counts.
            assert!(module == "lists" || STATEMENTS.iter().any(|(known, _)| *known == name), "{name} is not checked");
            found += 1;
        }
    }
    assert!(found >= STATEMENTS.len());
}
