//! `/api/v1/me/`: one's own account.

pub mod delete;
pub mod delete_avatar;
pub mod password;
pub mod set_avatar;
pub mod show;
pub mod update;
