//! Direct access to the database file.

use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, Row};

use super::Server;

/// The first column of a query's result.
pub fn column<T: FromSql>(server: &Server, query: &str) -> Vec<T> {
    all(&open(server), query, |row| row.get(0))
}

/// Changes the file behind the server's back.
pub fn change(server: &Server, statement: &str) {
    open(server).execute(statement, []).unwrap();
}

/// The whole content of the file as text, to be compared with a later state.
pub fn dump(server: &Server) -> String {
    let file = open(server);
    let tables: Vec<String> =
        all(&file, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", |row| row.get(0));
    let rows = |table: &String| all(&file, &format!("SELECT * FROM {table} ORDER BY 1, 2"), cells).join("\n");
    tables.iter().map(|table| format!("{table}\n{}\n", rows(table))).collect()
}

fn cells(row: &Row<'_>) -> rusqlite::Result<String> {
    let mut values = Vec::new();
    while let Ok(value) = row.get::<_, Value>(values.len()) {
        values.push(value);
    }
    Ok(format!("{values:?}"))
}

fn all<T>(file: &Connection, query: &str, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Vec<T> {
    file.prepare(query).unwrap().query_map([], read).unwrap().collect::<Result<_, _>>().unwrap()
}

fn open(server: &Server) -> Connection {
    Connection::open(server.database()).unwrap()
}
