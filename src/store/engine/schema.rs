//! The text of the schema, one for all engines: SQLite's, of which another engine replaces a few words.

/// The current schema, for a new database.
pub(super) const SCHEMA: &str = include_str!("../../../schema.sql");

/// The steps from each older schema to the next: the first entry makes version 2 of version 1. A step is never changed
/// once released; `schema.sql` is changed together with the step that is added here.
pub(super) const STEPS: &[&str] = &[
    include_str!("sqlite/steps/2.sql"),
    include_str!("sqlite/steps/3.sql"),
    include_str!("sqlite/steps/4.sql"),
    include_str!("sqlite/steps/5.sql"),
    include_str!("sqlite/steps/6.sql"),
    include_str!("sqlite/steps/7.sql"),
    include_str!("sqlite/steps/8.sql"),
    include_str!("sqlite/steps/9.sql"),
];

/// The version to which these steps lead.
pub(super) const fn latest(steps: &[&str]) -> i64 {
    1 + steps.len() as i64
}
