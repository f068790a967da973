//! `/api/v1/conversation/`: conversations as their members see them, by the other one's user name.

pub mod list;
pub mod messages;
pub mod show;
pub mod update;

use crate::actions::history;
use crate::model::User;
use crate::web::{Cx, Problem, segment};

/// The person a path names.
async fn person(cx: &Cx, name: &str) -> Result<User, Problem> {
    history::find(&cx.app, &segment(name)?).await?.ok_or_else(Problem::not_found)
}
