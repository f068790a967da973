//! `DELETE /api/v1/me/avatar/`: takes one's picture away.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::profile;
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete, json};
use crate::wire::MeState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me" / "avatar").and(delete(app)).then(handle).route(DELETE, "/api/v1/me/avatar/")
}

/// Takes one's picture away.
#[utoipa::path(delete, path = "/api/v1/me/avatar/", operation_id = "delete_avatar", tag = "Me",
    responses(
        (status = 200, description = "The account as it is now.", body = MeState),
        (status = 429, description = "Changed too often; wait as `Retry-After` says.", body = super::super::Detail),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    profile::may_change(&cx.app, me.user.id)?;
    let account = cx.app.store.set_picture(me.user.id, None).await?.ok_or_else(Problem::signed_out)?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}
