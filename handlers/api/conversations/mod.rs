//! `/api/v1/conversation/`: conversations as their members see them, by id.

pub mod list;
pub mod messages;
pub mod show;
pub mod update;

use crate::model::ConversationId;
use crate::web::Problem;

/// The id in a path; what is no number names no conversation.
fn id(text: &str) -> Result<ConversationId, Problem> {
    text.parse().map(ConversationId).map_err(|_| Problem::not_found())
}
