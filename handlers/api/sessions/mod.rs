//! `/api/v1/session/`: where one is logged in.

pub mod end;
pub mod end_others;
pub mod list;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::SessionKey;
use crate::web::Problem;

/// The id of a login: its key in the database, with which nobody can log in.
fn id(key: SessionKey) -> String {
    URL_SAFE_NO_PAD.encode(key.0)
}

/// The key of an id in a path; what is no id names no login.
fn key(id: &str) -> Result<SessionKey, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(SessionKey).ok_or_else(Problem::not_found)
}
