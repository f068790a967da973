//! Histories that were lost. Each start of the program opens an epoch; a revision is valid only with the epoch it was
//! given out in, so a client that knows changes missing from a restored backup is recognised.

use super::engine::{self, Db};
use super::{Store, sync};
use crate::clock::{Clock, Timestamp};
use crate::model::Revision;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Epochs that are remembered; a client that was away for more starts must resync.
const KEPT: i64 = 1_000;

/// Up to which revision an epoch's history is this file's: the first of the epoch after it, or the last there is.
pub(super) const LAST_OF: &str = "SELECT coalesce(
       (SELECT n.first_revision FROM epochs n WHERE n.number > e.number ORDER BY n.number LIMIT 1),
       (SELECT revision FROM state WHERE only_row = 1))
     FROM epochs e WHERE e.id = $1";
pub(super) const NEWEST: &str = "SELECT number, id FROM epochs ORDER BY number DESC LIMIT 1";
pub(super) const INSERT: &str = "INSERT INTO epochs (number, id, first_revision, started_at)
     SELECT $1, $2, revision, $3 FROM state WHERE only_row = 1";
pub(super) const FORGET: &str = "DELETE FROM epochs WHERE number <= $1";

/// A point in the history, as a client knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub revision: Revision,
    /// The epoch it was learned in; without one only a revision in the future is recognised.
    pub epoch: Option<String>,
}

impl Store {
    /// The id of the history since this start.
    pub fn epoch(&self) -> &str {
        &self.inner.epoch
    }
}

/// The epoch of this process: a new one, unless others use the database, whose epoch it is then. Returns its id, and the
/// last revision.
pub(super) fn enter(engine: &mut impl engine::Writer, clock: &Clock) -> engine::Result<(String, i64)> {
    let revision = engine.begin(&[], &mut |_, _, _| Ok(()))?;
    let epoch = match newest(engine.db())? {
        Some((_, id)) if !engine.is_alone() => id,
        _ => begin(engine.db(), clock.now())?,
    };
    engine.commit(revision, String::new)?;
    Ok((epoch, revision))
}

fn newest(db: &mut dyn Db) -> engine::Result<Option<(i64, String)>> {
    db.first(NEWEST, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Opens the next epoch and returns its id.
fn begin(db: &mut dyn Db, now: Timestamp) -> engine::Result<String> {
    let mut bytes = [0; 12];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    let id = URL_SAFE_NO_PAD.encode(bytes);
    let number = newest(db)?.map_or(1, |(number, _)| number + 1);
    db.execute(INSERT, &[number.into(), (&id).into(), now.as_micros().into()])?;
    db.execute(FORGET, &[(number - KEPT).into()])?;
    Ok(id)
}

pub(super) fn knows(db: &mut dyn Db, cursor: &Cursor) -> engine::Result<bool> {
    let last = match &cursor.epoch {
        Some(epoch) if epoch.contains('\0') => None,
        Some(epoch) => db.first(LAST_OF, &[epoch.into()], |row| row.get(0))?,
        None => Some(sync::revision_of(db)?.0),
    };
    Ok(last.is_some_and(|last| (0..=last).contains(&cursor.revision.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::engine::sqlite::in_memory;

    fn at(revision: i64, epoch: Option<&str>) -> Cursor {
        Cursor { revision: Revision(revision), epoch: epoch.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_of_a_lost_history_is_recognised() {
        let mut conn = in_memory();
        let db: &mut dyn Db = &mut conn;
        let mut begin = |revision: i64| {
            db.execute("UPDATE state SET revision = $1", &[revision.into()]).unwrap();
            begin(db, Timestamp::from_micros(0)).unwrap()
        };
        let (first, second) = (begin(0), begin(7));
        db.execute("UPDATE state SET revision = 12", &[]).unwrap();
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
            assert_eq!(knows(db, &cursor).unwrap(), known, "{cursor:?}");
        }
        (0..KEPT).for_each(|_| drop(super::begin(db, Timestamp::from_micros(0)).unwrap()));
        assert!(!knows(db, &at(7, Some(&first))).unwrap(), "it is forgotten");
        assert_eq!(db.value::<i64>("SELECT count(*) FROM epochs", &[]).unwrap(), KEPT);
    }
}
