//! `/api/v1/conversation/`: conversations as their members see them, by the other one's user name.

pub mod list;
pub mod messages;
pub mod show;
pub mod update;

use percent_encoding::percent_decode_str;

use crate::actions::history;
use crate::model::User;
use crate::web::{Cx, Problem};

/// The person a path names.
async fn person(cx: &Cx, name: &str) -> Result<User, Problem> {
    history::find(&cx.app, &decoded(name)?).await?.ok_or_else(Problem::not_found)
}

/// The user name in a path; what is no text is nobody's.
fn decoded(name: &str) -> Result<String, Problem> {
    let name = percent_decode_str(name).decode_utf8().map_err(|_| Problem::not_found())?;
    Ok(name.into_owned())
}
