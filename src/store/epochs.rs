//! Histories that were lost. Each start of the program opens an epoch; a revision counts only together with the epoch
//! it was given out in, so one who knows what a restored backup has not is found out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension, params};

use super::Store;
use crate::clock::Timestamp;
use crate::model::Revision;

/// Epochs that are remembered; a client that was away for more starts is told to begin anew.
const KEPT: i64 = 1_000;

/// Up to which revision an epoch's history is this file's: the first of the epoch after it, or the last there is.
pub(super) const LAST_OF: &str = "SELECT coalesce(
       (SELECT n.first_revision FROM epochs n WHERE n.number > e.number ORDER BY n.number LIMIT 1),
       (SELECT revision FROM state WHERE only_row = 1))
     FROM epochs e WHERE e.id = ?1";

/// A place in the history, as a client knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub revision: Revision,
    /// The epoch it was learned in; without one only the future is found out.
    pub epoch: Option<String>,
}

impl Store {
    /// The id of the history since this start.
    pub fn epoch(&self) -> &str {
        &self.inner.epoch
    }
}

/// Opens the next epoch of the file and gives its id.
pub(super) fn begin(conn: &Connection, now: Timestamp) -> rusqlite::Result<String> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    let id = URL_SAFE_NO_PAD.encode(bytes);
    let change = conn.unchecked_transaction()?;
    change.execute(
        "INSERT INTO epochs (id, first_revision, started_at) SELECT ?1, revision, ?2 FROM state",
        params![id, now.as_micros()],
    )?;
    change.execute("DELETE FROM epochs WHERE number <= ?1 - ?2", [change.last_insert_rowid(), KEPT])?;
    change.commit()?;
    Ok(id)
}

pub(super) fn knows(conn: &Connection, cursor: &Cursor) -> rusqlite::Result<bool> {
    let last = match &cursor.epoch {
        Some(epoch) => conn.prepare_cached(LAST_OF)?.query_row([epoch], |row| row.get(0)).optional()?,
        None => Some(super::sync::revision(conn)?.0),
    };
    Ok(last.is_some_and(|last| (0..=last).contains(&cursor.revision.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(revision: i64, epoch: Option<&str>) -> Cursor {
        Cursor { revision: Revision(revision), epoch: epoch.map(str::to_owned) }
    }

    #[test]
    fn a_place_of_a_history_that_was_lost_is_found_out() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("../../schema.sql")).unwrap();
        let begin = |revision: i64| {
            conn.execute("UPDATE state SET revision = ?1", [revision]).unwrap();
            begin(&conn, Timestamp::from_micros(0)).unwrap()
        };
        let (first, second) = (begin(0), begin(7));
        conn.execute("UPDATE state SET revision = 12", []).unwrap();
        for (cursor, known) in [
            (at(7, Some(&first)), true),
            (at(8, Some(&first)), false),
            (at(8, Some(&second)), true),
            (at(12, Some(&second)), true),
            (at(13, Some(&second)), false),
            (at(3, Some("lost")), false),
            (at(12, None), true),
            (at(13, None), false),
            (at(-1, None), false),
        ] {
            assert_eq!(knows(&conn, &cursor).unwrap(), known, "{cursor:?}");
        }
        (0..KEPT).for_each(|_| drop(begin(12)));
        assert!(!knows(&conn, &at(7, Some(&first))).unwrap(), "it is forgotten");
        let kept: i64 = conn.query_row("SELECT count(*) FROM epochs", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, KEPT);
    }
}
