//! A row's columns, one after the other as its query lists them: where a page has many rows, to look each column up by its
//! name takes longer than the query itself. Knows no table.

use rusqlite::Row;
use rusqlite::types::{FromSql, ValueRef};

pub(super) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    /// From this column on; the first is 0.
    pub fn from(row: &'r Row<'r>, first: usize) -> Self {
        Self { row, next: first }
    }

    /// The value of the next column.
    ///
    /// # Errors
    /// There is none, or it is of another type.
    pub fn read<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// The same, not copied.
    pub fn read_ref(&mut self) -> rusqlite::Result<ValueRef<'r>> {
        self.next += 1;
        self.row.get_ref(self.next - 1)
    }
}
