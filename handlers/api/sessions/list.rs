//! `GET /api/v1/session/`: where one is logged in.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use super::id;
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "session").and(get(app)).then(handle).route(GET, "/api/v1/session/")
}

/// A login.
#[derive(Serialize, ToSchema)]
pub struct SessionJson {
    id: String,
    /// What the browser called itself (its `User-Agent`); empty when it said nothing.
    device: String,
    /// RFC 3339 in UTC.
    created_at: String,
    /// When it was last used, known to the hour.
    last_used_at: String,
    /// Whether it is the one that asks.
    current: bool,
}

/// Where one is logged in, newest login first.
#[utoipa::path(get, path = "/api/v1/session/", operation_id = "list_sessions", tag = "Me",
    responses(
        (status = 200, description = "One's logins, at most 50.", body = Vec<SessionJson>),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let logins = cx.app.store.sessions(me.user.id, cx.app.clock.now()).await?.into_iter().map(|login| SessionJson {
        id: id(login.key),
        device: login.device,
        created_at: login.created_at.to_string(),
        last_used_at: login.renewed_at.to_string(),
        current: login.key == me.session.key,
    });
    Ok(json(StatusCode::OK, &logins.collect::<Vec<_>>()))
}
