//! `GET /ws`: the WebSocket that sends events to a person's pages, in the order of commits. This file is the handshake;
//! `connection` runs until there is a reason to end, `send` sends events, `presence` sends who is online, `receive`
//! carries out what clients send, `receipts` the part of it that can wait for the store, `client_frame` parses it.

mod client_frame;
mod connection;
mod presence;
mod receipts;
mod receive;
mod send;

use hyper::upgrade::OnUpgrade;
use serde::Deserialize;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use warp::Filter;
use warp::http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::app::App;
use crate::mistakes::{Mistake, made};
use crate::model::Revision;
use crate::store::Cursor;
use crate::web::route::IntoRoute;
use crate::web::{Cx, Problem, Route, any, params};
use crate::wire::LIVE;
use connection::Socket;
use receipts::Receipts;

pub fn route(app: &App) -> Route {
    warp::path!("ws")
        .and(warp::get())
        .and(any(app))
        .and(warp::ext::optional::<OnUpgrade>())
        .then(handle)
        .route(&[Method::GET], "/ws")
}

/// What a client may say in the handshake's query.
#[derive(Deserialize)]
struct Params {
    /// The person the socket is meant for.
    user: Option<String>,
    /// The revision it has caught up to, for a client of the live protocol.
    since: Option<String>,
    /// The history that revision belongs to.
    epoch: Option<String>,
}

async fn handle(cx: Cx, upgrade: Option<OnUpgrade>) -> Result<Response, Problem> {
    let request = &cx.request;
    // Only a WebSocket handshake, without a slash at the end of the path, is answered.
    let wants = request.header(UPGRADE).is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"));
    let Some(upgrade) = upgrade.filter(|_| wants && request.path == "/ws") else { return Err(Problem::not_found()) };
    if !request.provenance().may_connect(&request.origin) {
        return Err(Problem::cross_site());
    }
    let accept = accept_key(&cx)?;
    let me = cx.session().await?.ok_or_else(Problem::unauthorized)?;
    let live = offers(&cx, LIVE);
    let query: Params = cx.params()?;
    if let Some(name) = &query.user {
        me.must_be(name)?;
    }
    let since = if live { since(query)? } else { None };
    let mut subscription = cx.app.hub.subscribe(me.user.id)?;
    // Read after subscribing: what is committed in between arrives twice rather than never, and is skipped.
    let latest = cx.app.store.revision().await?;
    if made(Mistake::SubscribeLate) {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        subscription = cx.app.hub.subscribe(me.user.id)?;
    }
    let socket = Box::new(Socket {
        app: cx.app.clone(),
        presence: cx.app.presence.join(me.user.id),
        receipts: Receipts::new(&cx.app, &me.user),
        session: me.session,
        subscription,
        live,
        since,
        latest,
        _connection: request.connection.clone(),
    });
    cx.app.sockets.tasks.spawn(async move {
        // If the upgrade fails, the client has disconnected.
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

/// Where a client wants to resume.
fn since(query: Params) -> Result<Option<Cursor>, Problem> {
    let Some(since) = query.since else { return Ok(None) };
    let revision = Revision(params::number("since", &since)?);
    Ok(Some(Cursor { revision, epoch: query.epoch }))
}

/// Whether the client offers this subprotocol.
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
    Err(Problem::malformed("Sec-WebSocket-Key must be 16 bytes in base64."))
}
