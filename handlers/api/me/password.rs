//! `PUT /api/v1/me/password/`: takes another password.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};

use crate::actions::account;
use crate::app::App;
use crate::web::route::{IntoRoute, PUT};
use crate::web::{Body, Cx, Problem, Route, body, put};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me" / "password")
        .and(put(app))
        .and(body())
        .then(handle)
        .route(PUT, "/api/v1/me/password/")
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct PasswordInput {
    /// The password one has.
    current: String,
    /// The one to have from now on: 8 to 256 characters.
    new: String,
}

/// Takes another password. All of one's other logins end, and their sockets with them.
#[utoipa::path(put, path = "/api/v1/me/password/", operation_id = "change_password", tag = "Me",
    request_body = PasswordInput,
    responses(
        (status = 204, description = "Changed."),
        (status = 400, description = "The current password is wrong, or the new one cannot be one.", body = super::super::InputProblem),
        (status = 429, description = "Too many wrong passwords; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let fields = body.form(&cx).await?;
    let field = |name| fields.get(name).unwrap_or_default();
    let who = (&me.user, me.session.key);
    account::change_password(&cx.app, cx.request.client, who, field("current"), field("new").to_owned()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
