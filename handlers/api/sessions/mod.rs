//! `/api/v1/session/`: where one is logged in.

pub mod end;
pub mod end_others;
pub mod list;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::SessionKey;
use crate::web::Problem;

/// What a login is called here: its key in the database, which opens nothing.
fn id(key: SessionKey) -> String {
    URL_SAFE_NO_PAD.encode(key.0)
}

/// The key an id in a path stands for; what is no id is nobody's login.
fn key(id: &str) -> Result<SessionKey, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(SessionKey).ok_or_else(Problem::not_found)
}
