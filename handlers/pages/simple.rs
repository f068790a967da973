//! `GET /simpleui/`: the plain page.

use warp::Filter;
use warp::reply::Response;

use super::simple_page::{self, Composer};
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("simpleui").and(get(app)).then(handle).route(GET, "/simpleui/")
}

async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    simple_page::show(&cx, &me.user, &cx.query(), Composer::default()).await
}
