//! `PUT /api/v1/block/{name}/`: blocks someone.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::actions::block::block;
use crate::app::App;
use crate::web::route::{IntoRoute, PUT};
use crate::web::{Cx, Problem, Route, json, put, segment};
use crate::wire::MeState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "block" / String).and(put(app)).then(handle).route(PUT, "/api/v1/block/{}/")
}

/// Blocks someone.
///
/// What they send from now on never arrives, also after they are unblocked, and they are not notified.
#[utoipa::path(put, path = "/api/v1/block/{name}/", operation_id = "block_person", tag = "Me",
    params(("name" = String, Path, description = "The other one's user name.")),
    responses(
        (status = 200, description = "One's account as it is now.", body = MeState),
        (status = 400, description = "This is oneself, or one blocks 1,000 people already.", body = super::super::Detail),
        (status = 404, description = "There is nobody of this user name.", body = super::super::Detail),
    ))]
pub async fn handle(name: String, cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let account = block(&cx.app, &me.user, &segment(&name)?, true).await?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}
