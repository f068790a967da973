//! `DELETE /api/v1/session/`: ends all of one's logins but the one that asks.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "session").and(delete(app)).then(handle).route(DELETE, "/api/v1/session/")
}

/// Ends all of one's logins but this one, and their sockets with them.
#[utoipa::path(delete, path = "/api/v1/session/", operation_id = "end_other_sessions", tag = "Me",
    responses(
        (status = 204, description = "Ended."),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    cx.app.store.end_other_sessions(me.user.id, me.session.key).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
