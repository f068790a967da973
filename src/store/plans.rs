//! Tests of every query that reads lists or looks things up: none walks a whole table, none sorts, and none is prepared anew
//! because it is asked about somebody else.

use rusqlite::{Connection, StatementStatus};

use super::{
    accounts, blocks, changes, conversations, epochs, file, keys, known, mail, members, message_rows, messages, people,
    places, presence, profiles, progress, receipts, recent, send, sessions, sync, unread, upgrade, users,
};

const QUERIES: &[(&str, &str)] = &[
    ("user by name", users::BY_KEY),
    ("the other one in a conversation", users::OTHER_MEMBER),
    ("session by token", sessions::BY_TOKEN),
    ("sessions beyond the newest", sessions::BEYOND_NEWEST),
    ("sessions of a person", sessions::OF_USER),
    ("one message of mine", message_rows::ONE),
    ("any one message", message_rows::BY_ID),
    ("message by client key", keys::ENTERED),
    ("a quote", send::QUOTE),
    ("whom one writes to", known::RECIPIENT),
    ("the conversation of two, and its end", known::PAIR),
    ("messages that quote one", changes::QUOTING),
    ("conversation of two", conversations::OF_TWO),
    ("one conversation", conversations::ONE),
    ("latest conversations", conversations::LATEST),
    ("pinned conversations", conversations::PINNED),
    ("what a row counts", members::LAST),
    ("count of pinned conversations", progress::COUNT_PINNED),
    ("how far one is", progress::STANDING),
    ("an account", accounts::ACCOUNT),
    ("the people one blocks", accounts::BLOCKED),
    ("does one block another", blocks::BLOCKS),
    ("count of the people one blocks", blocks::COUNT_BLOCKED),
    ("when a place was reached", receipts::REACHED),
    ("the end of an epoch", epochs::LAST_OF),
    ("changed conversations", conversations::CHANGED),
    ("a picture", profiles::PICTURE),
    ("conversations others see someone in", profiles::STAMP),
    ("changed messages", sync::CHANGED_MESSAGES),
    ("hidden messages", sync::HIDDEN_MESSAGES),
    ("is a message hidden", message_rows::HIDDEN),
    ("was a message kept from someone", message_rows::KEPT),
    ("places of a conversation", places::RUNS),
    ("does a message wait", unread::IS_COUNTED),
    ("count of all messages", messages::COUNT_ALL),
    ("all messages, older", mail::RUNS_DOWN),
    ("how far messages are filed", mail::REACHED),
    ("how far places are filed", places::REACHED),
    ("all messages, newer", mail::RUNS_UP),
    ("the newest messages", recent::FROM_FILE),
    ("a person by exact name", presence::ID_OF),
    ("when someone was seen", presence::SEEN),
    ("whom one may tell of typing", presence::MAY_TYPE_TO),
    ("people written with", people::WRITTEN_WITH),
    ("a person written with lately", people::LATELY_WRITTEN_WITH),
    ("people not written with", people::NOT_WRITTEN_WITH),
];

fn plan(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = query.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get("detail").unwrap());
    }
    lines
}

fn is_costly(line: &str) -> bool {
    // A subquery that ends by itself may be read to its end, and a row of constants is no table.
    let harmless = line.starts_with("SCAN (subquery") || line == "SCAN CONSTANT ROW";
    (line.starts_with("SCAN") && !harmless) || line.contains("TEMP B-TREE")
}

#[test]
fn no_query_scans_a_table_or_sorts() {
    let conn = upgrade::in_memory();
    for (name, sql) in QUERIES {
        let plan = plan(&conn, sql);
        assert!(!plan.is_empty() && !plan.iter().any(|line| is_costly(line)), "{name}: {plan:#?}");
    }
    assert!(plan(&conn, "SELECT * FROM messages ORDER BY body").iter().any(|line| is_costly(line)));
}

#[test]
fn no_query_is_prepared_anew_for_other_values() {
    let conn = upgrade::in_memory();
    file::configure(&conn).unwrap();
    for (name, sql) in QUERIES {
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
