//! `GET /ws`: the WebSocket that tells a person's pages of new messages, one frame each, in the order of commits.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use warp::Filter;
use warp::http::header::{
    CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::app::App;
use crate::hub::Seat;
use crate::model::{Event, MessageId};
use crate::store::{MessageScope, MessageSlice, Session, StoreError};
use crate::web::request::Connection;
use crate::web::route::IntoRoute;
use crate::web::{Cx, Problem, Route, any};
use crate::wire;

/// Longest message from a client, in bytes; a longer one closes its socket.
const MAX_MESSAGE: usize = 16 * 1024;

/// Frames a client may send between two pings; nothing it says has a meaning, so more is a flood.
const MAX_FRAMES: u32 = 1_000;

/// Messages read at once when a socket catches up.
const CATCH_UP: usize = 100;

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
    if !request.provenance().may_connect(&request.own_origin()) {
        return Err(Problem::cross_site());
    }
    let accept = accept_key(&cx)?;
    let me = cx.session().await?.ok_or_else(Problem::unauthorized)?;
    let seat = cx.app.hub.join(me.user.id).map_err(|_| Problem::too_many(Duration::from_secs(60)))?;
    let socket = Socket {
        latest: latest(&cx.app, &me.session).await?,
        app: cx.app.clone(),
        session: me.session,
        seat,
        _connection: request.connection.clone(),
    };
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
    Ok(response)
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

/// The newest message the socket need not be told of.
async fn latest(app: &App, session: &Session) -> Result<MessageId, StoreError> {
    let newest = MessageSlice::Newest { skip: 0 };
    let page = app.store.messages(session.user.id, MessageScope::All, newest, 1).await?;
    Ok(page.messages.first().map_or(MessageId(0), |message| message.id))
}

/// An open socket's side of the server.
struct Socket {
    app: App,
    session: Session,
    seat: Seat,
    /// The newest message it was told of; anything newer is still due.
    latest: MessageId,
    /// Holds the connection's place among those the server takes.
    _connection: Connection,
}

type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// Why a socket ends: with a word to the client, or because it has gone.
enum End {
    Close(CloseCode, &'static str),
    Gone,
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        match error {
            Error::Capacity(_) => Self::Close(CloseCode::Size, "message too long"),
            Error::Protocol(_) | Error::Utf8(_) => Self::Close(CloseCode::Protocol, "not a valid frame"),
            _ => Self::Gone,
        }
    }
}

impl Socket {
    async fn serve(mut self, upgraded: Upgraded) {
        // Buffers are per socket and stay; the default of 128 KiB would cost a gigabyte at ten thousand sockets.
        let config = WebSocketConfig::default()
            .read_buffer_size(1024)
            .write_buffer_size(0)
            .max_write_buffer_size(64 * 1024)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let mut stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        let patience = self.app.config.timeouts.frame;
        if let End::Close(code, reason) = self.pump(&mut stream).await {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            let good_bye = async {
                stream.close(Some(frame)).await?;
                while let Some(Ok(_)) = stream.next().await {}
                Ok::<_, Error>(())
            };
            // A client that does not answer is left; one that is being shut down with the server gets a moment.
            let _ = timeout(patience.min(Duration::from_secs(2)), good_bye).await;
        }
    }

    /// Carries notices out and listens for signs of life, until there is a reason to end.
    async fn pump(&mut self, stream: &mut Stream) -> End {
        let closing = self.app.sockets.closing.clone();
        let every = self.app.config.timeouts.ping;
        let mut ping = tokio::time::interval_at(Instant::now() + every, every);
        let (mut unanswered, mut frames) = (0, 0);
        loop {
            let step = tokio::select! {
                () = closing.cancelled() => Err(End::Close(CloseCode::Away, "the server is restarting")),
                notice = self.seat.next() => match notice {
                    Ok(notice) => self.tell(stream, &notice.event, notice.text.as_ref()).await,
                    Err(_missed) => self.catch_up(stream).await,
                },
                frame = stream.next() => match frame {
                    Some(Ok(_)) => {
                        // Any frame is a sign of life; none has a meaning.
                        unanswered = 0;
                        frames += 1;
                        let flood = End::Close(CloseCode::Policy, "too many frames");
                        if frames > MAX_FRAMES { Err(flood) } else { Ok(()) }
                    }
                    Some(Err(error)) => Err(error.into()),
                    None => Err(End::Gone),
                },
                _ = ping.tick() => {
                    frames = 0;
                    unanswered += 1;
                    match unanswered {
                        1 | 2 => self.check_session_and_ping(stream).await,
                        _ => Err(End::Gone),
                    }
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn tell(&mut self, stream: &mut Stream, event: &Event, text: Option<&Utf8Bytes>) -> Result<(), End> {
        match event {
            Event::SessionEnded { session, .. } if *session == self.session.key => Err(logged_out()),
            Event::MessageCreated(message) if message.id > self.latest => {
                self.latest = message.id;
                match text {
                    Some(text) => self.send(stream, Message::Text(text.clone())).await,
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Notices were missed, so the store says what was due.
    async fn catch_up(&mut self, stream: &mut Stream) -> Result<(), End> {
        self.check_session().await?;
        loop {
            let me = self.session.user.id;
            let due = MessageSlice::After(self.latest);
            let page = self.app.store.messages(me, MessageScope::All, due, CATCH_UP).await;
            let page = page.map_err(|_| End::Close(CloseCode::Again, "try again later"))?;
            for message in &page.messages {
                self.latest = message.id;
                self.send(stream, Message::Text(wire::message_created(message.id))).await?;
            }
            if !page.more {
                return Ok(());
            }
        }
    }

    async fn check_session_and_ping(&mut self, stream: &mut Stream) -> Result<(), End> {
        if self.app.clock.now() >= self.session.expires_at {
            self.check_session().await?;
        }
        self.send(stream, Message::Ping(Default::default())).await
    }

    /// Ends the socket with its login; a login renewed elsewhere goes on.
    async fn check_session(&mut self) -> Result<(), End> {
        match self.app.store.session(self.session.key, self.app.clock.now()).await {
            Ok(Some(session)) => {
                self.session = session;
                Ok(())
            }
            Ok(None) => Err(logged_out()),
            Err(_) => Err(End::Close(CloseCode::Again, "try again later")),
        }
    }

    /// Sends one frame; a client that does not take it in time is given up.
    async fn send(&self, stream: &mut Stream, message: Message) -> Result<(), End> {
        match timeout(self.app.config.timeouts.frame, stream.send(message)).await {
            Ok(sent) => sent.map_err(End::from),
            Err(_) => Err(End::Gone),
        }
    }
}

fn logged_out() -> End {
    End::Close(CloseCode::Policy, "logged out")
}
