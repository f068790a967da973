//! `GET /api/v1/`: where the lists are.

use serde::Serialize;
use utoipa::ToSchema;
use warp::Filter;
use warp::http::StatusCode;
use warp::reply::Response;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get, json};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1").and(get(app)).then(handle).route(GET, "/api/v1/")
}

/// The addresses of the lists.
#[derive(Serialize, ToSchema)]
pub struct Lists {
    message: String,
    user: String,
}

/// Where the lists are.
#[utoipa::path(get, path = "/api/v1/", operation_id = "get_root", tag = "Start",
    responses((status = 200, description = "Their addresses.", body = Lists)))]
pub async fn handle(cx: Cx) -> Result<Response, Problem> {
    cx.signed_in().await?;
    let here = &cx.request.origin;
    let lists = Lists { message: format!("{here}/api/v1/message/"), user: format!("{here}/api/v1/user/") };
    Ok(json(StatusCode::OK, &lists))
}
