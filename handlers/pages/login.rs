//! `GET /login/`: the form to log in with.

use warp::Filter;
use warp::reply::Response;

use super::forms::{self, LoginForm};
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("login").and(get(app)).then(handle).route(GET, "/login/")
}

async fn handle(cx: Cx) -> Result<Response, Problem> {
    forms::show(&cx, "login.html", &LoginForm::default(), cx.query().get("next").unwrap_or_default())
}
