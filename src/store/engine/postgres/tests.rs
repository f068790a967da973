//! That the tables are those of a file, how older ones are upgraded, and what `sslmode` means.

use std::collections::BTreeMap;

use super::address::Address;
use super::client::Client;
use super::scratch;
use crate::store::engine::Db;
use crate::store::engine::sqlite::in_memory;

/// Of each table its columns: name, type, whether it may be NULL, and its place in the key.
type Tables = BTreeMap<String, Vec<(String, String, bool, i64)>>;

const OF_FILE: &str = "SELECT t.name, c.name, c.type, c.\"notnull\" = 0 AND c.pk = 0, c.pk
     FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' ORDER BY t.name, c.cid";
const OF_SERVER: &str = "SELECT c.table_name::text, c.column_name::text, c.data_type::text, c.is_nullable = 'YES',
            coalesce((SELECT k.ordinal_position FROM information_schema.table_constraints p
                      JOIN information_schema.key_column_usage k USING (constraint_schema, constraint_name)
                      WHERE p.constraint_type = 'PRIMARY KEY' AND p.table_schema = c.table_schema
                        AND p.table_name = c.table_name AND k.column_name = c.column_name), 0)::int8
     FROM information_schema.columns c WHERE c.table_schema = current_schema() ORDER BY 1, c.ordinal_position";

fn tables(db: &mut dyn Db, sql: &'static str) -> Tables {
    let mut tables = Tables::new();
    let columns = db.all(sql, &[], |row| {
        Ok((row.get::<String>(0)?, (row.get(1)?, row.get::<String>(2)?, row.get(3)?, row.get(4)?)))
    });
    for (table, column) in columns.unwrap() {
        tables.entry(table).or_default().push(column);
    }
    tables
}

#[test]
fn the_tables_are_those_of_a_file() {
    let Some((mut client, _)) = scratch::database() else { return };
    let mut file = in_memory();
    let mut of_file = tables(&mut file, OF_FILE);
    for (.., kind, _, _) in of_file.values_mut().flatten() {
        *kind = match kind.as_str() {
            "INTEGER" => "bigint".into(),
            "TEXT" => "text".into(),
            "BLOB" => "bytea".into(),
            other => panic!("{other}"),
        };
    }
    let mut of_server = tables(&mut client, OF_SERVER);
    for own in ["schema_version", "commits", "processes"] {
        assert!(of_server.remove(own).is_some(), "{own}");
    }
    assert_eq!(of_server, of_file);

    let file: &mut dyn Db = &mut file;
    let indexes = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name";
    let of_file: Vec<String> = file.all(indexes, &[], |row| row.get(0)).unwrap();
    let server: &mut dyn Db = &mut client;
    let indexes = "SELECT indexname::text FROM pg_indexes
         WHERE schemaname = current_schema() AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '%\\_pkey'
         ORDER BY indexname COLLATE \"C\"";
    let mut of_server: Vec<String> = server.all(indexes, &[], |row| row.get(0)).unwrap();
    // Its name ends like those of constraints.
    of_server.push("messages_by_key".into());
    of_server.sort();
    assert_eq!(of_server, of_file);
    let by_key =
        "SELECT count(*) FROM pg_indexes WHERE indexname = 'messages_by_key' AND indexdef LIKE 'CREATE UNIQUE%'";
    assert!(server.value::<i64>(by_key, &[]).unwrap() > 0);
    let compared = "SELECT DISTINCT coalesce(collation_name, '')::text FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text' AND table_name <> 'commits'";
    let compared: Vec<String> = server.all(compared, &[], |row| row.get(0)).unwrap();
    assert_eq!(compared, ["C"], "texts are compared by their bytes");
}

#[test]
fn a_connection_is_as_secret_as_its_url_says() {
    let Some((mut client, url)) = scratch::database() else { return };
    let certificate = std::env::var("CHINWAG_TEST_POSTGRES_CERTIFICATE").unwrap();
    let at = |mode: &str| url.replace("127.0.0.1", "localhost") + "&sslmode=" + mode;
    let connect = |url: &str| {
        Address::parse(url)
            .map_err(|error| error.to_string())
            .and_then(|address| Client::connect(&address).map_err(|error| error.to_string()))
    };
    let encrypted = |client: &mut Client| -> bool {
        let mine = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        (client as &mut dyn Db).value(mine, &[]).unwrap()
    };
    assert!(encrypted(&mut client), "where the server can, it is the default");
    for (mode, secret) in [("disable", false), ("prefer", true), ("require", true)] {
        assert_eq!(encrypted(&mut connect(&at(mode)).unwrap()), secret, "{mode}");
    }
    let refused = connect(&at("verify-full")).err().expect("nobody knows who signed the certificate");
    assert!(refused.contains("certificate"), "{refused}");
    let verified = at("verify-full") + "&sslrootcert=" + &certificate;
    assert!(encrypted(&mut connect(&verified).unwrap()));
    // The certificate is for another name.
    let refused = connect(&verified.replace("localhost", "127.0.0.1")).err().expect("another name");
    assert!(refused.contains("certificate"), "{refused}");
    assert!(connect(&at("maybe")).err().unwrap().contains("sslmode=maybe"));
    assert!(connect(&(at("require") + "&sslkey=x")).err().unwrap().contains("sslkey"));
}
