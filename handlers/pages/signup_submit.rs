//! `POST /signup/`: makes an account and logs its owner in.

use warp::Filter;
use warp::reply::Response;

use super::forms::{self, SignupForm};
use crate::actions::account::{SignUp, sign_up};
use crate::app::App;
use crate::web::route::{IntoRoute, POST};
use crate::web::{Body, Cx, Problem, Route, body, post};

pub fn route(app: &App) -> Route {
    warp::path!("signup").and(post(app)).and(body()).then(handle).route(POST, "/signup/")
}

async fn handle(cx: Cx, body: Body) -> Result<Response, Problem> {
    let typed = body.form(&cx).await?;
    let field = |name| typed.get(name).unwrap_or_default().to_owned();
    let form = SignupForm { username: field("username"), email: field("email") };
    let account = SignUp {
        username: field("username"),
        email: field("email"),
        password1: field("password1"),
        password2: field("password2"),
    };
    match sign_up(&cx.app, cx.visitor().await?, account).await {
        Ok(token) => Ok(forms::welcome(&cx, &token, "/")),
        Err(refusal) => forms::show_again(&cx, "signup.html", &form, "", refusal),
    }
}
