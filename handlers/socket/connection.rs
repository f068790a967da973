//! An open socket: sends events in the order of commits, checks that the client is alive, and closes the socket.

use std::pin::pin;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::receipts::Receipts;
use crate::app::App;
use crate::hub::Subscription;
use crate::model::Revision;
use crate::presence::PresenceSession;
use crate::store::{Cursor, Session, StoreError};
use crate::web::request::Connection;
use crate::wire::Frame;

/// Longest message from a client, in bytes; a longer one closes its socket.
const MAX_MESSAGE: usize = 16 * 1024;

/// Frames a client may send between two pings; more is a flood.
const MAX_FRAMES: u32 = 1_000;

/// An open socket's side of the server.
pub struct Socket {
    pub app: App,
    pub session: Session,
    pub subscription: Subscription,
    pub presence: PresenceSession,
    /// The read and delivered positions it reports.
    pub receipts: Receipts,
    /// Whether it uses the live protocol; otherwise the original's.
    pub live: bool,
    /// Where the client wants to resume.
    pub since: Option<Cursor>,
    /// The last change it has received; anything newer is still due.
    pub latest: Revision,
    /// Holds the connection's permit.
    pub _connection: Connection,
}

pub(super) type Stream = WebSocketStream<TokioIo<Upgraded>>;

/// Why a socket ends: with a close frame, or because the client has gone.
pub(super) enum End {
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

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer a socket");
        Self::Close(CloseCode::Again, "try again later")
    }
}

pub(super) const LOGGED_OUT: End = End::Close(CloseCode::Policy, "logged out");

impl Socket {
    /// Boxed, so that the task holds it once, however often it is moved.
    pub async fn serve(mut self: Box<Self>, upgraded: Upgraded) {
        // Buffers are per socket and stay; the default of 128 KiB would cost a gigabyte at ten thousand sockets.
        let config = WebSocketConfig::default()
            .read_buffer_size(512)
            .write_buffer_size(0)
            .max_write_buffer_size(1024 * 1024)
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE));
        let mut stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        let frame_timeout = self.app.config.timeouts.frame;
        let Err(end) = self.run(&mut stream).await;
        // The person is no longer online while the socket closes, but what the client sent before counts.
        drop(self.presence);
        let completed = self.receipts.complete().await;
        if let End::Close(code, reason) = completed.map_or_else(End::from, |()| end) {
            let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
            let closing = async {
                stream.close(Some(frame)).await?;
                while let Some(Ok(_)) = stream.next().await {}
                Ok::<_, Error>(())
            };
            // Does not wait for long: the client may never answer, and the server may be stopping.
            let _ = timeout(frame_timeout.min(Duration::from_secs(2)), closing).await;
        }
    }

    /// Sends events until there is a reason to end.
    async fn run(&mut self, stream: &mut Stream) -> Result<std::convert::Infallible, End> {
        if self.live {
            let user = self.session.user.username.to_string();
            let epoch = self.app.store.epoch().to_owned();
            self.send_frame(stream, &Frame::Hello { user, revision: self.latest.0, epoch }).await?;
            if let Some(since) = self.since.take() {
                Box::pin(self.resume(stream, since)).await?;
            }
        }
        // Created once: all sockets wait for the same token, and registering takes a lock.
        let closing = self.app.sockets.closing.clone();
        let mut closing = pin!(closing.cancelled());
        let every = self.app.config.timeouts.ping;
        let mut ping = tokio::time::interval_at(Instant::now() + every, every);
        // After a long wait for a slow reader the next ping comes a whole interval later, so that there is time to
        // answer.
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut unanswered, mut frames) = (0, 0);
        loop {
            tokio::select! {
                () = closing.as_mut() => return Err(End::Close(CloseCode::Away, "the server is restarting")),
                event = self.subscription.next() => self.send_events(stream, event).await?,
                () = self.presence.changed(), if self.live => Box::pin(self.send_presence(stream)).await?,
                done = self.receipts.done() => done?,
                frame = stream.next() => {
                    // Any frame shows that the client is alive.
                    unanswered = 0;
                    frames += 1;
                    if frames > MAX_FRAMES {
                        return Err(End::Close(CloseCode::Policy, "too many frames"));
                    }
                    match frame.ok_or(End::Gone)?? {
                        Message::Text(text) if self.live => Box::pin(self.receive(stream, &text)).await?,
                        _ => {}
                    }
                }
                _ = ping.tick() => {
                    frames = 0;
                    unanswered += 1;
                    if unanswered > 1 {
                        return Err(End::Gone);
                    }
                    if self.app.clock.now() >= self.session.expires_at {
                        self.check_session().await?;
                    }
                    self.send(stream, Message::Ping(Default::default())).await?;
                }
            }
        }
    }

    /// Ends the socket with its login; a login renewed elsewhere goes on.
    pub(super) async fn check_session(&mut self) -> Result<(), End> {
        let now = self.app.clock.now();
        self.session = self.app.store.session(self.session.key, now).await?.ok_or(LOGGED_OUT)?;
        Ok(())
    }

    pub(super) async fn send_frame(&self, stream: &mut Stream, frame: &Frame<'_>) -> Result<(), End> {
        self.send(stream, Message::Text(frame.text())).await
    }

    /// Sends one frame; ends the socket when the client does not read it in time.
    pub(super) async fn send(&self, stream: &mut Stream, message: Message) -> Result<(), End> {
        match timeout(self.app.config.timeouts.frame, stream.send(message)).await {
            Ok(sent) => sent.map_err(End::from),
            Err(_) => Err(End::Gone),
        }
    }
}
