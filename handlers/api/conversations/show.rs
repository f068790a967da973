//! `GET /api/v1/conversation/{id}/`: one conversation.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};
use crate::wire::LatestState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "conversation" / String)
        .and(get(app))
        .then(handle)
        .route(GET, "/api/v1/conversation/{}/")
}

/// A conversation, and its newest message.
#[utoipa::path(get, path = "/api/v1/conversation/{id}/", operation_id = "get_conversation", tag = "Conversations",
    params(("id" = i64, Path, description = "The conversation's id.")),
    responses(
        (status = 200, description = "The conversation.", body = LatestState),
        (status = 404, description = "There is no such conversation of one's own.", body = super::super::Detail),
    ))]
pub async fn handle(conversation: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let found = cx.app.store.conversation(me.user.id, id(&conversation)?).await?.ok_or_else(Problem::not_found)?;
    Ok(json(StatusCode::OK, &LatestState::from(&found)))
}
