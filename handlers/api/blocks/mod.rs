//! `/api/v1/block/{name}/`: blocking people. The list of blocked people is part of one's account.

pub mod end;
pub mod set;
