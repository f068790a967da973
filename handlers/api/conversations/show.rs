//! `GET /api/v1/conversation/{name}/`: the conversation with someone.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::person;
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

/// The conversation with someone, and its newest message.
#[utoipa::path(get, path = "/api/v1/conversation/{name}/", tag = "Conversations",
    params(("name" = String, Path, description = "The other one's user name.")),
    responses(
        (status = 200, description = "The conversation.", body = LatestState),
        (status = 403, description = "Not logged in.", body = super::super::Detail),
        (status = 404, description = "There is no such conversation.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let other = person(&cx, &name).await?;
    let found = cx.app.store.direct_conversation(me.user.id, other.id).await?.ok_or_else(Problem::not_found)?;
    Ok(json(StatusCode::OK, &LatestState::from(&found)))
}
