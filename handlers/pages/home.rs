//! `GET /`: the chat page. Everything on it is fetched by its script.

use serde::Serialize;
use warp::Filter;
use warp::reply::Response;

use crate::app::App;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path::end().and(get(app)).then(handle).route(GET, "/")
}

#[derive(Serialize)]
struct Values<'a> {
    me: MeValues<'a>,
    messages_to_load: usize,
    /// Whether to warn that the disk is emptied now and then.
    ephemeral: bool,
}

#[derive(Serialize)]
struct MeValues<'a> {
    username: &'a str,
}

async fn handle(cx: Cx) -> Result<Response, Problem> {
    let me = cx.signed_in().await?;
    let config = &cx.app.config;
    cx.page(
        "chat.html",
        &Values {
            me: MeValues { username: me.user.username.as_str() },
            messages_to_load: config.messages_to_load,
            ephemeral: config.ephemeral_disk && me.user.is_admin,
        },
    )
}
