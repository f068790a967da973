//! `GET` or `POST /logout/`: logs out and leads on. A link on another site cannot log anyone out.

use warp::Filter;
use warp::http::header::{HeaderValue, SET_COOKIE};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use super::forms::local_path;
use crate::actions::account::log_out;
use crate::app::App;
use crate::auth::token::removal_cookie;
use crate::web::route::IntoRoute;
use crate::web::{Cx, Problem, Route, any, redirect};

const METHODS: &[Method] = &[Method::GET, Method::HEAD, Method::POST];

pub fn route(app: &App) -> Route {
    let method = warp::get().or(warp::post()).unify().or(warp::head()).unify();
    warp::path!("logout").and(method).and(any(app)).then(handle).route(METHODS, "/logout/")
}

async fn handle(cx: Cx) -> Result<Response, Problem> {
    let request = &cx.request;
    if request.method != Method::POST && !request.provenance().may_follow(&request.origin) {
        return Err(Problem::cross_site());
    }
    let query = cx.query();
    let next = query.get("next").and_then(local_path).unwrap_or("/");
    let mut response = redirect(StatusCode::FOUND, next);
    // HEAD asks what GET would answer; it must have no effect.
    if request.method == Method::HEAD {
        return Ok(response);
    }
    if let Some(me) = cx.session().await? {
        log_out(&cx.app, me.user.id, me.session.key).await?;
    }
    let cookie = HeaderValue::from_str(&removal_cookie(request.secure)).expect("a cookie of ours is visible ASCII");
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
