//! `/api/v1/user/`: people.

pub mod avatar;
pub mod list;
pub mod show;
