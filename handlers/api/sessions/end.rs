//! `DELETE /api/v1/session/{id}/`: ends one of one's logins.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use super::key;
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "session" / String).and(delete(app)).then(handle).route(DELETE, "/api/v1/session/{}/")
}

/// Ends one of one's logins, and its sockets with it.
#[utoipa::path(delete, path = "/api/v1/session/{id}/", operation_id = "end_session", tag = "Me",
    params(("id" = String, Path, description = "The login's id.")),
    responses(
        (status = 204, description = "Ended."),
        (status = 404, description = "No such login, or one of someone else.", body = super::super::Detail),
    ))]
pub async fn handle(session: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    match cx.app.store.end_session(me.user.id, key(&session)?).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::not_found()),
    }
}
