//! `/api/v1/block/{name}/`: whom one does not want to hear from. The list of them is part of one's account.

pub mod end;
pub mod set;
