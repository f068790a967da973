//! `GET /signup/`: the form to make an account with.

use warp::Filter;
use warp::reply::Response;

use super::forms::{self, SignupForm};
use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("signup").and(get(app)).then(handle).route(GET, "/signup/")
}

async fn handle(cx: Cx) -> Result<Response, Problem> {
    forms::show(&cx, "signup.html", &SignupForm::default(), cx.query().get("next").unwrap_or_default())
}
