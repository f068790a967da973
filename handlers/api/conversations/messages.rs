//! `GET /api/v1/conversation/{id}/message/`: a part of a conversation, by the `seq` of its messages.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::app::App;
use crate::store::Window;
use crate::web::params::{self, Place};
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};
use crate::wire::MessageState;

/// Messages on a page, unless asked for otherwise.
const DEFAULT_LIMIT: usize = 50;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation" / String / "message")
        .and(get(app))
        .then(handle)
        .route(GET, "/api/v1/conversation/{}/message/")
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Params {
    /// Only those before this `seq`; not together with `after`.
    before: Option<i64>,
    /// Only those after this `seq`.
    after: Option<i64>,
    /// The most numbers in the part.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<i64>,
}

/// Everything one may see of a conversation from `first` to `last`. Where nothing is left to read, `first` is one more
/// than `last`.
#[derive(Serialize, ToSchema)]
pub struct RangeJson<'m> {
    /// By `seq`, rising. Those one has deleted for oneself are not there.
    messages: Vec<MessageState<'m>>,
    first: i64,
    last: i64,
    /// The `seq` of the newest message.
    last_seq: i64,
}

/// A part of a conversation: the newest messages, or those before or after one.
#[utoipa::path(get, path = "/api/v1/conversation/{id}/message/", operation_id = "list_conversation_messages",
    tag = "Conversations",
    params(("id" = i64, Path, description = "The conversation's id."), Params),
    responses(
        (status = 200, description = "Messages.", body = RangeJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::InputProblem),
        (status = 404, description = "There is no such conversation of one's own.", body = super::super::Detail),
    ))]
pub async fn handle(conversation: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query: Params = cx.params()?;
    let window = match params::either(query.before, query.after)? {
        None => Window::Newest,
        Some(Place::Before(seq)) => Window::Before(seq),
        Some(Place::After(seq)) => Window::After(seq),
    };
    let limit = params::limit(query.limit, DEFAULT_LIMIT)?;
    let range = cx.app.store.range(me.user.id, id(&conversation)?, window, limit).await?;
    let range = range.ok_or_else(Problem::not_found)?;
    let messages = range.messages.iter().map(MessageState::from).collect();
    let (first, last) = (*range.seqs.start(), *range.seqs.end());
    Ok(json(StatusCode::OK, &RangeJson { messages, first, last, last_seq: range.last_seq }))
}
