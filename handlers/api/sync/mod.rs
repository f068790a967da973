//! `/api/v1/sync/`: the one cursor.

pub mod show;
