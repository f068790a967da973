//! `/api/v1/me/`: one's own account.

pub mod password;
pub mod show;
