//! `GET /api/v1/me/`: one's own account: the profile, what it hides and the people it blocks.

use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};
use crate::wire::MeState;

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "me").and(get(app)).then(handle).route(GET, "/api/v1/me/")
}

/// One's own account: the profile, what it hides and the people it blocks.
#[utoipa::path(get, path = "/api/v1/me/", operation_id = "get_me", tag = "Me",
    responses(
        (status = 200, description = "The account.", body = MeState),
    ))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let account = cx.app.store.account(me.user.id).await?.ok_or_else(Problem::signed_out)?;
    Ok(json(StatusCode::OK, &MeState::from(&account)))
}
