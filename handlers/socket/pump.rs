//! An open socket: carries notices out in the order of commits, listens for signs of life, and knows when to end.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::says::Says;
use crate::actions::progress::{self, Update};
use crate::app::App;
use crate::hub::Seat;
use crate::model::{Event, MessageId, Revision};
use crate::store::{MessageScope, MessageSlice, Session, StoreError};
use crate::web::request::Connection;
use crate::wire::{self, Frame, Notice};

/// Longest message from a client, in bytes; a longer one closes its socket.
const MAX_MESSAGE: usize = 16 * 1024;

/// Frames a client may send between two pings; more is a flood.
const MAX_FRAMES: u32 = 1_000;

/// Changes read at once when a socket catches up.
const CATCH_UP: usize = 100;

/// An open socket's side of the server.
pub struct Socket {
    pub app: App,
    pub session: Session,
    pub seat: Seat,
    /// Whether it speaks the live protocol; the original's otherwise.
    pub live: bool,
    /// The last change it was told of; anything newer is still due.
    pub latest: Revision,
    /// Holds the connection's place among those the server takes.
    pub _connection: Connection,
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

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer a socket");
        Self::Close(CloseCode::Again, "try again later")
    }
}

const LOGGED_OUT: End = End::Close(CloseCode::Policy, "logged out");

impl Socket {
    pub async fn serve(mut self, upgraded: Upgraded) {
        // Buffers are per socket and stay; the default of 128 KiB would cost a gigabyte at ten thousand sockets.
        let config = WebSocketConfig::default()
            .read_buffer_size(1024)
            .write_buffer_size(0)
            .max_write_buffer_size(1024 * 1024)
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

    /// Carries notices out until there is a reason to end.
    async fn pump(&mut self, stream: &mut Stream) -> End {
        match self.run(stream).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn run(&mut self, stream: &mut Stream) -> Result<std::convert::Infallible, End> {
        if self.live {
            let user = self.session.user.username.to_string();
            self.say(stream, &Frame::Hello { user, revision: self.latest.0 }).await?;
        }
        let closing = self.app.sockets.closing.clone();
        let every = self.app.config.timeouts.ping;
        let mut ping = tokio::time::interval_at(Instant::now() + every, every);
        let (mut unanswered, mut frames) = (0, 0);
        loop {
            tokio::select! {
                () = closing.cancelled() => return Err(End::Close(CloseCode::Away, "the server is restarting")),
                notice = self.seat.next() => match notice {
                    Ok(notice) => self.tell(stream, &notice).await?,
                    Err(_missed) => {
                        self.check_session().await?;
                        self.catch_up(stream).await?;
                    }
                },
                frame = stream.next() => {
                    // Any frame is a sign of life.
                    unanswered = 0;
                    frames += 1;
                    if frames > MAX_FRAMES {
                        return Err(End::Close(CloseCode::Policy, "too many frames"));
                    }
                    match frame.ok_or(End::Gone)?? {
                        Message::Text(text) if self.live => self.hear(stream, &text).await?,
                        _ => {}
                    }
                }
                _ = ping.tick() => {
                    frames = 0;
                    unanswered += 1;
                    if unanswered > 2 {
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

    /// Tells of an event, unless catching up has told of it already.
    async fn tell(&mut self, stream: &mut Stream, notice: &Notice) -> Result<(), End> {
        match (&notice.event, notice.event.revision()) {
            (Event::SessionEnded { session, .. }, _) if *session == self.session.key => return Err(LOGGED_OUT),
            (_, Some(revision)) if revision > self.latest => self.latest = revision,
            _ => return Ok(()),
        }
        match (&notice.event, self.live) {
            (_, true) => match notice.live() {
                Some(text) => self.send(stream, Message::Text(text.clone())).await,
                None => Ok(()),
            },
            (Event::MessageCreated(message), false) => {
                self.send(stream, Message::Text(wire::original(message.id))).await
            }
            _ => Ok(()),
        }
    }

    /// Does what a client of the live protocol says. What cannot be read or is not known is passed over.
    async fn hear(&mut self, stream: &mut Stream, text: &str) -> Result<(), End> {
        match Says::parse(text) {
            Some(Says::Resume { since }) => self.resume(stream, Revision(since)).await,
            Some(Says::Delivered { with, seq }) => {
                self.update(&with, Update { delivered: Some(seq), ..Update::default() }).await
            }
            Some(Says::Read { with, seq }) => self.update(&with, Update { read: Some(seq), ..Update::default() }).await,
            None => Ok(()),
        }
    }

    async fn update(&self, with: &str, update: Update) -> Result<(), End> {
        progress::update(&self.app, &self.session.user, with, update).await?;
        Ok(())
    }

    /// Replays everything after `since`. A revision of another history is answered with `resync`.
    async fn resume(&mut self, stream: &mut Stream, since: Revision) -> Result<(), End> {
        let now = self.app.store.revision().await?;
        if since > now || since.0 < 0 {
            return self.say(stream, &Frame::Resync { revision: now.0 }).await;
        }
        self.latest = since;
        self.catch_up(stream).await?;
        self.say(stream, &Frame::Synced { revision: self.latest.0 }).await
    }

    /// Tells of everything that is due, from the store.
    async fn catch_up(&mut self, stream: &mut Stream) -> Result<(), End> {
        if self.live { self.catch_up_live(stream).await } else { self.catch_up_original(stream).await }
    }

    async fn catch_up_live(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        while let Some(changes) = self.app.store.changes(me, self.latest, CATCH_UP).await? {
            for (revision, item) in &changes.items {
                self.say(stream, &Frame::of_item(*revision, item)).await?;
            }
            self.latest = changes.upto;
            if !changes.more {
                break;
            }
        }
        Ok(())
    }

    async fn catch_up_original(&mut self, stream: &mut Stream) -> Result<(), End> {
        let me = self.session.user.id;
        loop {
            let due = MessageSlice::After(MessageId(self.latest.0));
            let page = self.app.store.messages(me, MessageScope::All, due, CATCH_UP).await?;
            for message in &page.messages {
                self.latest = Revision(message.id.0);
                self.send(stream, Message::Text(wire::original(message.id))).await?;
            }
            match page.next {
                Some(next) => self.latest = Revision(next.0),
                None => return Ok(()),
            }
        }
    }

    /// Ends the socket with its login; a login renewed elsewhere goes on.
    async fn check_session(&mut self) -> Result<(), End> {
        let now = self.app.clock.now();
        self.session = self.app.store.session(self.session.key, now).await?.ok_or(LOGGED_OUT)?;
        Ok(())
    }

    async fn say(&self, stream: &mut Stream, frame: &Frame) -> Result<(), End> {
        self.send(stream, Message::Text(frame.text())).await
    }

    /// Sends one frame; a client that does not take it in time is given up.
    async fn send(&self, stream: &mut Stream, message: Message) -> Result<(), End> {
        match timeout(self.app.config.timeouts.frame, stream.send(message)).await {
            Ok(sent) => sent.map_err(End::from),
            Err(_) => Err(End::Gone),
        }
    }
}
