//! Clients like real ones: a sender that uses client keys and repeats until there is an answer, and a screen that keeps
//! what it receives and resumes where it was. Both continue through all faults of the server.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SEC_WEBSOCKET_PROTOCOL};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_util::sync::CancellationToken;

use super::chance::Chance;
use super::checker::Kept;
use super::history::{Draft, History, Outcome, Stored};
use crate::support::Caller;
use crate::support::database::Member;

/// How long a client waits for an answer before it gives up the connection.
const PATIENCE: Duration = Duration::from_secs(3);
/// Pause before another attempt. Real clients wait longer; these are meant to cause load.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a stopping sender keeps trying to deliver its last message.
const LAST_PATIENCE: Duration = Duration::from_secs(20);
/// Interval between pings on a socket, and the longest silence before a screen gives it up.
const PING: Duration = Duration::from_millis(300);
const SILENCE: Duration = Duration::from_millis(1_500);

/// What all clients of a world share.
#[derive(Clone)]
pub struct Shared {
    pub history: Arc<History>,
    /// The current address of the server.
    pub address: watch::Receiver<SocketAddr>,
    /// Cancelled when the work is done: clients then finish what they began.
    pub enough: CancellationToken,
}

impl Shared {
    pub fn caller(&self, who: &Member) -> Caller {
        who.at(*self.address.borrow())
    }
}

/// A connection for consecutive requests, kept as long as it works.
pub struct Connection {
    caller: Caller,
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Connection {
    pub async fn open(caller: Caller) -> Option<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(caller.address)).await.ok()?.ok()?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self { caller, sender })
    }

    /// `None` if there was no complete answer in time.
    pub async fn ask(&mut self, method: &str, path: &str, body: String) -> Option<(u16, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.caller.address.to_string())
            .header(COOKIE, self.caller.cookie.as_deref().unwrap())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(body))
            .unwrap();
        let answer = async {
            self.sender.ready().await.ok()?;
            let (head, body) = self.sender.send_request(request).await.ok()?.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            Some((head.status.as_u16(), serde_json::from_slice(&body).ok()?))
        };
        timeout(PATIENCE, answer).await.ok()?
    }
}

/// Sends messages to each person in turn.
pub struct Sender {
    pub number: usize,
    pub who: Member,
    pub people: Vec<String>,
    pub shared: Shared,
    pub chance: Chance,
    /// Longest pause between two messages.
    pub max_pause: Duration,
}

impl Sender {
    /// Sends until it is stopped, and finishes what it began.
    pub async fn run(mut self) {
        let mut connection = None;
        let mut last = None;
        let mut sent = 0;
        while !self.shared.enough.is_cancelled() {
            sent += 1;
            let to = self.people[(self.number + sent) % self.people.len()].clone();
            let key = format!("{}-{sent}", self.number);
            // Some are longer than a database page, so that a partly written one would be noticed.
            let more = "long ".repeat(if sent % 7 == 0 { 2_000 } else { 2 });
            let draft = Draft { body: format!("{key} {}", more.trim_end()), key, from: self.who.name.clone(), to };
            self.deliver(&mut connection, &draft, false).await;
            // Sometimes another tab sends the same message again.
            if sent % 10 == 0
                && let Some(before) = last.replace(draft)
            {
                self.deliver(&mut connection, &before, true).await;
            }
            sleep(Duration::from_micros(self.chance.below(self.max_pause.as_micros() as u64 + 1))).await;
        }
    }

    /// Tries until there is an answer, always under the same key. `again`: it was acknowledged before.
    async fn deliver(&self, connection: &mut Option<Connection>, draft: &Draft, mut again: bool) {
        let message = json!({ "recipient": draft.to, "body": draft.body, "client_id": draft.key }).to_string();
        let give_up = async {
            self.shared.enough.cancelled().await;
            sleep(LAST_PATIENCE).await;
        };
        tokio::pin!(give_up);
        loop {
            if connection.is_none() {
                *connection = Connection::open(self.shared.caller(&self.who)).await;
            }
            let Some(open) = connection else {
                sleep(PAUSE).await;
                continue;
            };
            let invoked = self.shared.history.now();
            let answer = tokio::select! {
                answer = open.ask("POST", "/api/v1/message/", message.clone()) => answer,
                () = &mut give_up => {
                    return self.shared.history.report_violation(format!("{} could not be delivered", draft.key));
                }
            };
            let outcome = match &answer {
                Some((200 | 201, message)) => self.acknowledged(draft, message),
                Some((status, _)) => Outcome::Refused(*status),
                None => Outcome::Unknown,
            };
            match (&outcome, &answer) {
                (Outcome::Ok(id), Some((200, _))) if !again => {
                    let key = &draft.key;
                    self.shared
                        .history
                        .report_violation(format!("{key} was sent once and answered as a repeat of {id}"));
                }
                (Outcome::Refused(status), _) if *status != 503 => {
                    self.shared.history.report_violation(format!("{} was answered {status}", draft.key));
                }
                _ => {}
            }
            let outcome = self.shared.history.attempted(self.number, draft, invoked, outcome);
            again = true;
            match outcome {
                Outcome::Ok(_) => return,
                Outcome::Refused(_) => sleep(PAUSE).await,
                Outcome::Unknown => {
                    *connection = None;
                    sleep(PAUSE).await;
                }
            }
        }
    }
}

impl Sender {
    fn acknowledged(&self, draft: &Draft, message: &Value) -> Outcome {
        if (&message["user"], &message["recipient"], &message["body"])
            != (&json!(draft.from), &json!(draft.to), &json!(draft.body))
        {
            self.shared
                .history
                .report_violation(format!("{} was acknowledged as another message, {}", draft.key, message["id"]));
        }
        message["id"].as_i64().map_or(Outcome::Unknown, Outcome::Ok)
    }
}

/// Listens, keeps everything, and resumes after each interruption where it was.
pub struct Screen {
    pub number: usize,
    pub who: Member,
    pub shared: Shared,
    /// Does not resume if the server's `hello` shows that nothing was missed.
    pub trusting: bool,
    pub kept: Arc<Mutex<Kept>>,
    pub cursor: i64,
    pub epoch: Value,
}

/// The socket is no longer used: it broke, or it delivered an invalid event.
struct Ended;

/// A socket, with the events of a frame that were not handled yet.
struct Stream {
    socket: WebSocketStream<TcpStream>,
    waiting: VecDeque<Value>,
}

impl Screen {
    pub async fn run(mut self) {
        let enough = self.shared.enough.clone();
        let life = async {
            loop {
                if let Some((stream, hello, resumed)) = self.connect().await {
                    let Ended = self.listen(stream, &hello, resumed).await.unwrap_err();
                }
                sleep(PAUSE).await;
            }
        };
        tokio::select! {
            never = life => never,
            () = enough.cancelled() => {}
        }
    }

    /// A socket with its first event, and whether it resumes: a trusting screen asks for missed events only if the
    /// `hello` shows that there are some.
    async fn connect(&self) -> Option<(Stream, Value, bool)> {
        if self.trusting {
            let mut stream = self.open("").await?;
            let hello = stream.next().await.ok()?;
            if hello["revision"] == self.cursor {
                return Some((stream, hello, false));
            }
        }
        let epoch = self.epoch.as_str().map(|epoch| format!("&epoch={epoch}")).unwrap_or_default();
        let mut stream = self.open(&format!("?since={}{epoch}", self.cursor)).await?;
        let hello = stream.next().await.ok()?;
        Some((stream, hello, true))
    }

    async fn open(&self, query: &str) -> Option<Stream> {
        let caller = self.shared.caller(&self.who);
        let mut request = format!("ws://{}/ws{query}", caller.address).into_client_request().ok()?;
        request.headers_mut().insert(COOKIE, caller.cookie.as_deref()?.parse().ok()?);
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, "chinwag.v1".parse().ok()?);
        let open = async {
            let stream = TcpStream::connect(caller.address).await.ok()?;
            let (socket, _) = tokio_tungstenite::client_async(request, stream).await.ok()?;
            Some(Stream { socket, waiting: VecDeque::new() })
        };
        timeout(PATIENCE, open).await.ok()?
    }

    /// Handles the events of a socket until it ends.
    async fn listen(
        &mut self,
        mut stream: Stream,
        hello: &Value,
        resumed: bool,
    ) -> Result<std::convert::Infallible, Ended> {
        self.take_epoch(hello);
        // Events before `synced` may be repeated and out of order, so they are sorted first.
        let mut early = resumed.then(Vec::new);
        let mut connection = None;
        loop {
            let frame = stream.next().await?;
            match frame["type"].as_str() {
                Some("message") => {
                    let message = Stored::parse(&frame["message"]).ok_or(Ended)?;
                    if !self.shared.history.received(self.number, &message) {
                        return Err(Ended);
                    }
                    match &mut early {
                        Some(early) => early.push(message),
                        None => {
                            self.take_revision(&frame)?;
                            let ask = message.seq % 16 == 0;
                            let (conversation, seq, id) = (message.conversation, message.seq, message.id);
                            self.apply(message)?;
                            if ask {
                                self.look_up(&mut connection, id).await;
                                let ack = json!({ "type": "ack", "conversation": conversation, "delivered": seq });
                                stream.send(&ack).await?;
                            }
                        }
                    }
                }
                Some("synced") => {
                    for message in early.take().map(in_order).unwrap_or_default() {
                        self.apply(message)?;
                    }
                    self.cursor = frame["revision"].as_i64().ok_or(Ended)?;
                    self.take_epoch(&frame);
                }
                Some("resync") => {
                    let (name, since) = (&self.who.name, self.cursor);
                    return self.violation(format!("{name} received a resync for its history up to {since}"));
                }
                Some("limited") => {
                    self.load(&mut connection, &frame).await?;
                    if early.is_none() {
                        self.take_revision(&frame)?;
                    }
                }
                _ if early.is_none() && frame["revision"].is_i64() => self.take_revision(&frame)?,
                _ => {}
            }
        }
    }

    /// Live frames come in the order of commits.
    fn take_revision(&mut self, frame: &Value) -> Result<(), Ended> {
        let revision = frame["revision"].as_i64().ok_or(Ended)?;
        if revision < self.cursor {
            return self
                .violation(format!("screen {} received revision {revision} after {}", self.number, self.cursor));
        }
        self.cursor = revision;
        Ok(())
    }

    fn take_epoch(&mut self, frame: &Value) {
        if !frame["epoch"].is_null() {
            self.epoch = frame["epoch"].clone();
        }
    }

    /// Keeps the message with the next sequence number. The server leaves no gaps for its clients to fill, except when
    /// a connection ends, so a gap is a violation.
    fn apply(&self, message: Stored) -> Result<(), Ended> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(message.conversation).or_default();
        let (has, seq) = (kept.len(), usize::try_from(message.seq).unwrap_or(0));
        if seq == has + 1 {
            kept.push(message);
            return Ok(());
        }
        if seq == 0 || seq > has {
            return self.violation(format!("gap: screen {} received seq {seq} after {has}", self.number));
        }
        if kept[seq - 1] != message {
            return self.violation(format!(
                "untrue: screen {} received another message with seq {seq} than before",
                self.number
            ));
        }
        Ok(())
    }

    /// Loads the messages that the server left out because too many were missed. If that fails, the screen resumes
    /// where it was.
    async fn load(&self, connection: &mut Option<Connection>, limited: &Value) -> Result<(), Ended> {
        let conversation = limited["conversation"]["id"].as_i64().ok_or(Ended)?;
        let first = usize::try_from(limited["first"].as_i64().ok_or(Ended)?).map_err(|_| Ended)?;
        loop {
            let has = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&conversation).map_or(0, Vec::len);
            if has + 1 >= first {
                return Ok(());
            }
            if connection.is_none() {
                *connection = Connection::open(self.shared.caller(&self.who)).await;
            }
            let path = format!("/api/v1/conversation/{conversation}/message/?after={has}&limit=100");
            let answer = connection.as_mut().ok_or(Ended)?.ask("GET", &path, String::new()).await;
            let Some((200, page)) = answer else {
                *connection = None;
                return Err(Ended);
            };
            for message in page["messages"].as_array().ok_or(Ended)? {
                self.apply(Stored::parse(message).ok_or(Ended)?)?;
            }
        }
    }

    /// Checks that a received message can be read.
    async fn look_up(&self, connection: &mut Option<Connection>, id: i64) {
        if connection.is_none() {
            *connection = Connection::open(self.shared.caller(&self.who)).await;
        }
        let Some(open) = connection else { return };
        match open.ask("GET", &format!("/api/v1/message/{id}/"), String::new()).await {
            Some((404, _)) => {
                self.shared.history.report_violation(format!(
                    "untrue: {id} was received by screen {} and could not be read",
                    self.number
                ));
            }
            Some(_) => {}
            None => *connection = None,
        }
    }

    fn violation<T>(&self, what: String) -> Result<T, Ended> {
        self.shared.history.report_violation(what);
        Err(Ended)
    }
}

fn in_order(mut messages: Vec<Stored>) -> Vec<Stored> {
    messages.sort();
    messages
}

impl Stream {
    /// The next event. Sends pings during silence, and treats a long silence as the end.
    async fn next(&mut self) -> Result<Value, Ended> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            match serde_json::from_str(&self.next_text().await?).map_err(|_| Ended)? {
                Value::Array(events) => self.waiting.extend(events),
                event => return Ok(event),
            }
        }
    }

    async fn next_text(&mut self) -> Result<Utf8Bytes, Ended> {
        let mut silent = Duration::ZERO;
        loop {
            match timeout(PING, self.socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => return Ok(text),
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(Ended),
                Ok(Some(Ok(_))) => silent = Duration::ZERO,
                Err(_) => {
                    silent += PING;
                    if silent >= SILENCE || self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return Err(Ended);
                    }
                }
            }
        }
    }

    async fn send(&mut self, what: &Value) -> Result<(), Ended> {
        self.socket.send(Message::text(what.to_string())).await.map_err(|_| Ended)
    }
}
