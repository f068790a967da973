//! `GET /ws`: the WebSocket that tells a person's pages of what happens, in the order of commits. This file is the
//! handshake; `pump` carries frames until there is a reason to end, `tell` says what happens, `look` who is there,
//! `hear` does what clients say, `positions` the part of it that can wait for the store, `says` reads it.

mod hear;
mod look;
mod positions;
mod pump;
mod says;
mod tell;

use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use warp::Filter;
use warp::http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::app::App;
use crate::web::route::IntoRoute;
use crate::web::{Cx, Problem, Route, any};
use crate::wire::LIVE;
use positions::Positions;
use pump::Socket;

pub fn route(app: &App) -> Route {
    warp::path!("ws")
        .and(warp::get())
        .and(any(app))
        .and(warp::ext::optional::<OnUpgrade>())
        .then(handle)
        .route(&[Method::GET], "/ws")
}

async fn handle(cx: Cx, upgrade: Option<OnUpgrade>) -> Result<Response, Problem> {
    let request = &cx.request;
    // The path has no form with a slash, and to one who wants no WebSocket there is nothing here.
    let wants = request.header(UPGRADE).is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"));
    let Some(upgrade) = upgrade.filter(|_| wants && request.path == "/ws") else { return Err(Problem::not_found()) };
    if !request.provenance().may_connect(&request.origin) {
        return Err(Problem::cross_site());
    }
    let accept = accept_key(&cx)?;
    let me = cx.session().await?.ok_or_else(Problem::unauthorized)?;
    let seat = cx.app.hub.join(me.user.id).map_err(|_| Problem::too_many(Duration::from_secs(60)))?;
    // Read after the seat was taken: what is committed in between is told twice rather than never, and passed over.
    let latest = cx.app.store.revision().await?;
    let live = offers(&cx, LIVE);
    let connection = request.connection.clone();
    let attendance = cx.app.presence.join(me.user.id);
    let positions = Positions::new(&cx.app, &me.user);
    let app = cx.app.clone();
    let session = me.session;
    let socket = Socket { app, session, seat, attendance, positions, live, latest, _connection: connection };
    let socket = Box::new(socket);
    cx.app.sockets.tasks.spawn(async move {
        // Where the upgrade fails, the client has gone.
        if let Ok(upgraded) = upgrade.await {
            socket.serve(upgraded).await;
        }
    });
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    if live {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(LIVE));
    }
    Ok(response)
}

/// Whether the client speaks this subprotocol.
fn offers(cx: &Cx, protocol: &str) -> bool {
    let offered = cx.request.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    offered.flat_map(|value| value.split(',')).any(|name| name.trim() == protocol)
}

/// The answer to a valid handshake (RFC 6455, section 4.2.1).
fn accept_key(cx: &Cx) -> Result<HeaderValue, Problem> {
    use base64::Engine;
    let key = cx.request.header(SEC_WEBSOCKET_KEY).unwrap_or_default();
    let decoded = base64::engine::general_purpose::STANDARD.decode(key);
    if cx.request.header(SEC_WEBSOCKET_VERSION) != Some("13") {
        return Err(Problem::upgrade_required());
    }
    if decoded.is_ok_and(|bytes| bytes.len() == 16) {
        return Ok(HeaderValue::from_str(&derive_accept_key(key.as_bytes())).expect("base64 is visible ASCII"));
    }
    Err(Problem::bad_request("Sec-WebSocket-Key must be 16 bytes in base64."))
}
