//! Direct access to a server's database, whichever engine runs it. Values are read as text.

use std::fmt::Debug;
use std::str::FromStr;

use chinwag::config::Database;
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio_postgres::{NoTls, SimpleQueryMessage};

use super::{Server, postgres};

/// A row's columns; `None` is NULL.
type Row = Vec<Option<String>>;

/// The first column of a query's result.
pub fn column<T: FromStr<Err: Debug>>(server: &Server, query: &str) -> Vec<T> {
    let values =
        rows(&server.app.config.database, query).into_iter().map(|mut row| row.swap_remove(0).expect("a value"));
    values.map(|value| value.parse().unwrap()).collect()
}

/// Changes the database behind the server's back.
pub fn change(server: &Server, statement: &str) {
    match &server.app.config.database {
        Database::File(path) => drop(Connection::open(path).unwrap().execute(statement, []).unwrap()),
        Database::Postgres(url) => drop(postgres::run(url, statement)),
    }
}

/// The whole content of a server's database as text, to be compared with a later state.
pub fn dump(server: &Server) -> String {
    content(&server.app.config.database)
}

/// The same for a database that no server uses, and for another engine's.
pub fn content(database: &Database) -> String {
    let tables = match database {
        Database::File(_) => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
        // What a file has elsewhere or does not need is not content.
        Database::Postgres(_) => {
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
               AND tablename NOT IN ('schema_version', 'commits', 'processes') ORDER BY tablename COLLATE \"C\""
        }
    };
    let of = |table: Row| {
        let table = table[0].clone().expect("a name");
        let mut rows = rows(database, &format!("SELECT * FROM {table}"));
        rows.sort();
        rows.iter().fold(format!("{table}\n"), |text, row| text + &format!("{row:?}\n"))
    };
    rows(database, tables).into_iter().map(of).collect()
}

/// Keeps the server from changing members until what is returned is dropped.
pub async fn hold(server: &Server) -> Box<dyn Send> {
    match &server.app.config.database {
        Database::File(path) => {
            let file = Connection::open(path).unwrap();
            file.execute_batch("BEGIN IMMEDIATE").unwrap();
            Box::new(file)
        }
        Database::Postgres(url) => {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("BEGIN; LOCK TABLE members IN EXCLUSIVE MODE").await.unwrap();
            Box::new(client)
        }
    }
}

fn rows(database: &Database, query: &str) -> Vec<Row> {
    match database {
        Database::File(path) => {
            let file = Connection::open(path).unwrap();
            let mut query = file.prepare(query).unwrap();
            let rows = query.query_map([], |row| {
                let mut cells = Vec::new();
                while let Ok(value) = row.get(cells.len()) {
                    cells.push(text(value));
                }
                Ok(cells)
            });
            rows.unwrap().map(Result::unwrap).collect()
        }
        Database::Postgres(url) => postgres::run(url, query).into_iter().filter_map(cells).collect(),
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(bytes) => Some(hex(&bytes)),
        Value::Real(number) => Some(number.to_string()),
    }
}

/// Bytes as PostgreSQL writes them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn cells(message: SimpleQueryMessage) -> Option<Row> {
    let SimpleQueryMessage::Row(row) = message else { return None };
    Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
}
