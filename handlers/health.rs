//! `GET /healthz`: whether the server can do its work, for monitoring.

use warp::Filter;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("healthz").and(get(app)).then(handle).route(GET, "/healthz")
}

async fn handle(cx: Cx) -> Result<&'static str, Problem> {
    cx.app.store.check().await?;
    Ok("ok\n")
}
