//! `GET /api/v1/conversation/{name}/message/`: a part of a conversation, by the places of its messages.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::person;
use crate::app::App;
use crate::store::Window;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Query, Route, get, json};
use crate::wire::MessageState;

/// Messages on a page, unless told.
const USUAL: usize = 50;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation" / String / "message")
        .and(get(app))
        .then(handle)
        .route(GET, "/api/v1/conversation/{}/message/")
}

/// Everything one may see of a conversation from `first` to `last`. Where nothing is left to read, `first` is one more
/// than `last`.
#[derive(Serialize, ToSchema)]
pub struct RangeJson<'m> {
    /// By place, rising. Those one has deleted for oneself are not there.
    messages: Vec<MessageState<'m>>,
    first: i64,
    last: i64,
    /// The place of the newest message.
    last_seq: i64,
}

/// A part of the conversation with someone: the newest messages, or those around a place.
#[utoipa::path(get, path = "/api/v1/conversation/{name}/message/", tag = "Conversations",
    params(
        ("name" = String, Path, description = "The other one's user name."),
        ("before" = Option<i64>, Query, description = "Only those before this place."),
        ("after" = Option<i64>, Query, description = "Only those after this place."),
        ("limit" = Option<u8>, Query, description = "Places in the part: 1 to 100; 50 unless told."),
    ),
    responses(
        (status = 200, description = "Messages.", body = RangeJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
        (status = 404, description = "There is nobody of this name.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query = cx.query();
    let (window, limit) = (window(&query)?, query.limit(USUAL)?);
    let other = person(&cx, &name).await?;
    let Some(found) = cx.app.store.direct_conversation(me.user.id, other.id).await? else {
        return Ok(json(StatusCode::OK, &RangeJson { messages: Vec::new(), first: 1, last: 0, last_seq: 0 }));
    };
    let range = cx.app.store.range(me.user.id, found.conversation.id, window, limit).await?;
    let range = range.ok_or_else(Problem::not_found)?;
    let messages = range.messages.iter().map(MessageState::from).collect();
    let (first, last) = (*range.places.start(), *range.places.end());
    Ok(json(StatusCode::OK, &RangeJson { messages, first, last, last_seq: range.last_seq }))
}

fn window(query: &Query) -> Result<Window, Problem> {
    let place = |name: &'static str| match query.get(name).map(str::parse) {
        None => Ok(None),
        Some(Ok(seq)) => Ok(Some(seq)),
        Some(Err(_)) => Err(Problem::fields(vec![(name, "This must be the place of a message.".into())])),
    };
    match (place("before")?, place("after")?) {
        (None, None) => Ok(Window::Newest),
        (Some(seq), None) => Ok(Window::Before(seq)),
        (None, Some(seq)) => Ok(Window::After(seq)),
        (Some(_), Some(_)) => Err(Problem::fields(vec![("before", "Ask for either before or after.".into())])),
    }
}
