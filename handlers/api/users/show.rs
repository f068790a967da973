//! `/api/v1/user/{name}/`: there is no page for one person. The path exists as in the original, so that without a login
//! the answer is 403 and an attempt to change or delete a person gets 405.

use warp::Filter;
use warp::reply::Response;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("api" / "v1" / "user" / String).and(get(app)).then(handle).route(GET, "/api/v1/user/{}/")
}

async fn handle(_: String, cx: Cx) -> Result<Response, Problem> {
    cx.signed_in().await?;
    Err(Problem::not_found())
}
