//! Moves all rows from one database into another that is empty, whichever engines run them: all or none. What arrived is
//! read back and compared before it counts. Rows go one by one, so that memory does not grow with them. Knows of the
//! tables only what the schema says, so a new column needs no change here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use super::sqlite::BackupError;
use super::{Error, Result, Row, Value, ValueRef};
use crate::store::error::OpenError;

/// Why nothing was moved. Each is one line for the person who asked for it.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    #[error(transparent)]
    Refused(#[from] OpenError),
    #[error(transparent)]
    File(#[from] BackupError),
    #[error("there is nothing in {0}")]
    Nothing(String),
    #[error("the database {0} was made by an older chinwag; start this program with it once to upgrade it")]
    Older(String),
    #[error("{0} is not empty; everything can only be moved to where nothing is yet")]
    NotEmpty(String),
    #[error("cannot move {what}: {reason}")]
    Failed { what: String, reason: String },
    #[error("{0} differs after it was moved; nothing is left of it")]
    Differs(String),
    #[error("stopped before everything was moved; nothing is left of it")]
    Stopped,
}

/// Becomes true when the move should stop.
pub(in crate::store) type Stop = Arc<AtomicBool>;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whether rows are copied; else they are read back and compared.
    pub copies: bool,
    pub done: u64,
    pub all: u64,
}

/// A table of the schema.
pub(in crate::store) struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// The columns of its primary key.
    pub key: Vec<String>,
}

impl Table {
    /// Everything in it, in the order of its key, which is the same in all engines.
    pub fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY {}", self.columns.join(", "), self.name, self.key.join(", "))
    }

    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", self.name)
    }

    /// Removes what a new schema holds.
    pub fn clear(&self) -> String {
        format!("DELETE FROM {}", self.name)
    }

    /// The values of a row.
    pub fn values<'r>(&self, row: &'r dyn Row) -> Result<Vec<Value<'r>>> {
        (0..self.columns.len()).map(|column| Ok(row.value(column)?.into())).collect()
    }
}

/// Takes one row.
pub(in crate::store) type Take<'t> = dyn FnMut(&dyn Row) -> Result<()> + 't;

/// Passes on all rows of a table.
pub(in crate::store) type Feed<'f> = dyn FnMut(&mut Take<'_>) -> Result<()> + 'f;

/// A database that nobody changes meanwhile.
pub(in crate::store) trait Source {
    fn count(&mut self, table: &Table) -> Result<i64>;

    /// Passes on all rows of a table in the order of its key.
    fn rows(&mut self, table: &Table, each: &mut Take<'_>) -> Result<()>;
}

/// A database that is filled, with the current schema. Unless it is finished, nothing is left of it.
pub(in crate::store) trait Target: Source {
    /// Stores all rows of a table.
    fn fill(&mut self, table: &Table, feed: &mut Feed<'_>) -> Result<()>;

    /// Checks what the schema demands across tables, before anything is read back.
    fn complete(&mut self) -> Result<()>;

    /// Makes it count. After `Ok` it is on disk.
    fn finish(self: Box<Self>) -> std::result::Result<(), MoveError>;
}

/// Moves these tables. Returns the number of rows of each.
pub(in crate::store) fn run(
    tables: &[Table],
    source: &mut dyn Source,
    mut target: Box<dyn Target + '_>,
    stop: &Stop,
    report: &mut dyn FnMut(Progress),
) -> std::result::Result<Vec<u64>, MoveError> {
    let failed = |what: &str, error: Error| {
        let stopped = stop.load(Ordering::Relaxed);
        if stopped { MoveError::Stopped } else { MoveError::Failed { what: what.into(), reason: error.to_string() } }
    };
    let mut all = 0;
    for table in tables {
        all += source.count(table).map_err(|error| failed(&table.name, error))?.unsigned_abs();
    }
    let mut watch = Watch { progress: Progress { copies: true, done: 0, all }, stop, report };
    let mut contents = Vec::new();
    for table in tables {
        let mut content = Content::new();
        let copied = target.fill(table, &mut |take| {
            source.rows(table, &mut |row| {
                watch.step()?;
                content.add(table, row)?;
                take(row)
            })
        });
        copied.map_err(|error| failed(&table.name, error))?;
        contents.push(content);
    }
    target.complete().map_err(|error| failed("everything", error))?;
    watch.progress = Progress { copies: false, done: 0, all };
    for (table, expected) in tables.iter().zip(&contents) {
        let mut content = Content::new();
        let read = target.rows(table, &mut |row| {
            watch.step()?;
            content.add(table, row)
        });
        read.map_err(|error| failed(&table.name, error))?;
        if !content.equals(expected) {
            return Err(MoveError::Differs(table.name.clone()));
        }
    }
    target.finish()?;
    Ok(contents.into_iter().map(|content| content.rows).collect())
}

/// Follows the rows.
struct Watch<'w> {
    progress: Progress,
    stop: &'w Stop,
    report: &'w mut dyn FnMut(Progress),
}

impl Watch<'_> {
    fn step(&mut self) -> Result<()> {
        self.progress.done += 1;
        (self.report)(self.progress);
        if self.stop.load(Ordering::Relaxed) { Err(Error::Other("stopped".into())) } else { Ok(()) }
    }
}

/// What is in a table: how many rows, and a hash over all their values.
struct Content {
    rows: u64,
    hash: Sha256,
}

impl Content {
    fn new() -> Self {
        Self { rows: 0, hash: Sha256::new() }
    }

    /// Each value is preceded by its kind and length, so that no two different tables give the same bytes.
    fn add(&mut self, table: &Table, row: &dyn Row) -> Result<()> {
        self.rows += 1;
        for column in 0..table.columns.len() {
            let number;
            let (kind, bytes): (u8, &[u8]) = match row.value(column)? {
                ValueRef::Null => (0, &[]),
                ValueRef::Int(int) => {
                    number = int.to_be_bytes();
                    (1, &number)
                }
                ValueRef::Text(text) => (2, text.as_bytes()),
                ValueRef::Blob(bytes) => (3, bytes),
            };
            self.hash.update([kind]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self.rows == other.rows && self.hash.clone().finalize() == other.hash.clone().finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Cells<'c>(&'c [ValueRef<'c>]);

    impl Row for Cells<'_> {
        fn value(&self, index: usize) -> Result<ValueRef<'_>> {
            Ok(self.0[index])
        }
    }

    /// Rows of two columns in memory, of which some may change on their way in.
    #[derive(Default)]
    struct Memory {
        rows: Vec<(i64, String)>,
        spoils: bool,
    }

    impl Source for Memory {
        fn count(&mut self, _: &Table) -> Result<i64> {
            Ok(self.rows.len() as i64)
        }

        fn rows(&mut self, _: &Table, each: &mut Take<'_>) -> Result<()> {
            self.rows.iter().try_for_each(|(id, text)| each(&Cells(&[ValueRef::Int(*id), ValueRef::Text(text)])))
        }
    }

    impl Target for Memory {
        fn fill(&mut self, _: &Table, feed: &mut Feed<'_>) -> Result<()> {
            feed(&mut |row| {
                self.rows.push((row.get(0)?, row.get(1)?));
                Ok(())
            })?;
            if self.spoils {
                self.rows.swap_remove(0);
                self.rows.push((1, "another".into()));
            }
            Ok(())
        }

        fn complete(&mut self) -> Result<()> {
            Ok(())
        }

        fn finish(self: Box<Self>) -> std::result::Result<(), MoveError> {
            Ok(())
        }
    }

    fn try_with(spoils: bool, stop: bool) -> (std::result::Result<Vec<u64>, MoveError>, Vec<Progress>) {
        let columns = vec!["id".into(), "text".into()];
        let table = Table { name: "texts".into(), columns, key: vec!["id".into()] };
        let mut source = Memory { rows: vec![(1, "one".into()), (2, "two".into())], spoils: false };
        let target = Box::new(Memory { spoils, ..Memory::default() });
        let mut reports = Vec::new();
        let done = run(&[table], &mut source, target, &Arc::new(AtomicBool::new(stop)), &mut |progress| {
            reports.push(progress)
        });
        (done, reports)
    }

    #[test]
    fn rows_are_counted_and_reported_while_they_are_copied_and_compared() {
        let (done, reports) = try_with(false, false);
        assert_eq!(done.unwrap(), [2]);
        let expected = [(true, 1), (true, 2), (false, 1), (false, 2)];
        assert_eq!(reports, expected.map(|(copies, done)| Progress { copies, done, all: 2 }));
    }

    #[test]
    fn what_arrives_otherwise_than_it_was_sent_is_an_error() {
        assert_eq!(
            try_with(true, false).0.unwrap_err().to_string(),
            "texts differs after it was moved; nothing is left of it"
        );
    }

    #[test]
    fn it_stops_when_asked_to() {
        assert!(matches!(try_with(false, true).0, Err(MoveError::Stopped)));
    }
}
