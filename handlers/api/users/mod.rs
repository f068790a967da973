//! `/api/v1/user/`: people.

pub mod list;
pub mod show;
