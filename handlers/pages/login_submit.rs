//! `POST /login/`: logs in.

use warp::Filter;
use warp::reply::Response;

use super::forms::{self, LoginForm};
use crate::actions::account::log_in;
use crate::app::App;
use crate::web::route::{IntoRoute, POST};
use crate::web::{Body, Cx, Problem, Route, body, post};

pub fn route(app: &App) -> Route {
    warp::path!("login").and(post(app)).and(body()).then(handle).route(POST, "/login/")
}

async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let typed = body.form(&cx).await?;
    let query = cx.query();
    let field = |name| typed.get(name).unwrap_or_default();
    let next = typed.get("next").or(query.get("next")).unwrap_or_default();
    match log_in(&cx.app, cx.visitor().await?, field("username"), field("password")).await {
        Ok(token) => Ok(forms::welcome(&cx, &token, next)),
        Err(refusal) => {
            let form = LoginForm { username: field("username").to_owned() };
            forms::show_again(&cx, "login.html", &form, next, refusal)
        }
    }
}
