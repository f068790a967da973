//! `GET /readyz`: whether to send requests here, for a balancer in front of several servers. It does not ask the database:
//! where all servers use one, a failure of it is no reason to prefer another. `/healthz` does.

use warp::Filter;

use crate::app::App;
use crate::store::ChannelState;
use crate::web::route::{GET, IntoRoute};
use crate::web::{Cx, Problem, Route, get};

pub fn route(app: &App) -> Route {
    warp::path!("readyz").and(get(app)).then(handle).route(GET, "/readyz")
}

async fn handle(cx: Cx) -> Result<&'static str, Problem> {
    // A connection that was open before gets this answer; new ones are refused.
    if cx.app.sockets.closing.is_cancelled() {
        return Err(Problem::unavailable());
    }
    Ok(match cx.app.store.channel_state() {
        None => "ready\n",
        Some(ChannelState::Listening) => "ready: listening\n",
        Some(ChannelState::Polling) => "ready: polling\n",
    })
}
