//! `DELETE /api/v1/block/{name}/`: unblocks someone.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::block::block;
use crate::app::App;
use crate::web::route::{DELETE, IntoRoute};
use crate::web::{Cx, Problem, Route, delete, json, segment};
use crate::wire::MeState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "block" / String).and(delete(app)).then(handle).route(DELETE, "/api/v1/block/{}/")
}

/// Unblocks someone.
#[utoipa::path(delete, path = "/api/v1/block/{name}/", operation_id = "unblock_person", tag = "Me",
    params(("name" = String, Path, description = "The other one's user name.")),
    responses(
        (status = 200, description = "One's account as it is now.", body = MeState),
        (status = 404, description = "There is nobody of this user name.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let account = block(&cx.app, &me.user, &segment(&name)?, false).await?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}
