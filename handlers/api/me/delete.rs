//! `DELETE /api/v1/me/`: deletes one's account.

use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::http::header::{HeaderValue, SET_COOKIE};
use warp::reply::{Reply, Response};

use crate::actions::account;
use crate::app::App;
use crate::auth::token::removal_cookie;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Body, Cx, Problem, Route, body, delete};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me").and(delete(app)).and(body()).then(handle).route(DELETE, "/api/v1/me/")
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the input, which is read field by field")]
pub struct DeleteAccountInput {
    /// The account's password.
    password: String,
}

/// Deletes one's account, for good.
///
/// All its logins end, what was personal is gone, and nobody finds it or writes to it any more. The messages stay with
/// those who got them, and nobody else can take the user name.
#[utoipa::path(delete, path = "/api/v1/me/", operation_id = "delete_me", tag = "Me",
    request_body = DeleteAccountInput,
    responses(
        (status = 204, description = "Deleted."),
        (status = 400, description = "The password is wrong.", body = super::super::InputProblem),
        (status = 429, description = "Too many wrong passwords; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let fields = body.form(&cx).await?;
    account::delete(&cx.app, cx.request.client, &me.user, fields.get("password").unwrap_or_default()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let cookie = removal_cookie(cx.request.secure);
    let cookie = HeaderValue::from_str(&cookie).expect("a cookie of ours is visible ASCII");
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
