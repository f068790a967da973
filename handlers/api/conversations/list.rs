//! `GET /api/v1/conversation/`: one's conversations, newest first, in pages.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::model::MessageId;
use crate::store::ConversationPage;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Query, Route, get, json};
use crate::wire::LatestState;

/// Conversations on a page, unless told.
const USUAL: usize = 30;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation").and(get(app)).then(handle).route(GET, "/api/v1/conversation/")
}

/// Conversations, newest first.
#[derive(Serialize, ToSchema)]
pub struct ConversationsJson<'c> {
    conversations: Vec<LatestState<'c>>,
    /// The following page, if there is one.
    next: Option<String>,
}

/// One's conversations, newest first.
#[utoipa::path(get, path = "/api/v1/conversation/", tag = "Conversations",
    params(
        ("limit" = Option<u8>, Query, description = "Conversations on a page: 1 to 100; 30 unless told."),
        ("cursor" = Option<i64>, Query, description = "Only those whose newest message is older than this id."),
    ),
    responses(
        (status = 200, description = "Conversations.", body = ConversationsJson),
        (status = 400, description = "A parameter is not valid.", body = super::super::FieldProblems),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let query = cx.query();
    let after = query.get("cursor").map(|id| id.parse().map(MessageId)).transpose();
    let after = after.map_err(|_| Problem::fields(vec![("cursor", "This must be the id of a message.".into())]))?;
    let page = cx.app.store.conversations(me.user.id, after, query.limit(USUAL)?).await?;
    let next = next(&cx, &query, &page);
    let conversations = page.conversations.iter().map(LatestState::from).collect();
    Ok(json(StatusCode::OK, &ConversationsJson { conversations, next }))
}

fn next(cx: &Cx, query: &Query, page: &ConversationPage) -> Option<String> {
    let last = page.conversations.last().filter(|_| page.more)?;
    let parameters = query.with(&[("cursor", Some(last.place.0.to_string()))]);
    Some(format!("{}/api/v1/conversation/?{parameters}", cx.request.origin))
}
