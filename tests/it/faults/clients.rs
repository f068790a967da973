//! Clients as people have them: one who sends under keys and repeats until there is an answer, and a screen that keeps
//! what it is told and resumes where it was. Both go on through whatever happens to the server.

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

/// How long a client waits for an answer before it takes the line for dead.
const PATIENCE: Duration = Duration::from_secs(3);
/// Pause before another attempt. Real clients wait longer; these are here to be in the way.
const PAUSE: Duration = Duration::from_millis(10);
/// How long a sender that should end tries to settle what it began.
const LAST_PATIENCE: Duration = Duration::from_secs(20);
/// Between two signs of life on a socket, and how long none may come.
const PING: Duration = Duration::from_millis(300);
const SILENCE: Duration = Duration::from_millis(1_500);

/// What all clients of a world share.
#[derive(Clone)]
pub struct Place {
    pub history: Arc<History>,
    /// Where the server is at the moment.
    pub address: watch::Receiver<SocketAddr>,
    /// The work is done: settle what is open.
    pub enough: CancellationToken,
}

impl Place {
    pub fn caller(&self, who: &Member) -> Caller {
        who.at(*self.address.borrow())
    }
}

/// A connection for requests one after the other, kept as long as it works.
pub struct Line {
    caller: Caller,
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    pub async fn open(caller: Caller) -> Option<Self> {
        let stream = timeout(PATIENCE, TcpStream::connect(caller.address)).await.ok()?.ok()?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(Self { caller, sender })
    }

    /// Nothing when there was no whole answer in time.
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

/// One who sends message after message to one person after the other.
pub struct Sender {
    pub number: usize,
    pub who: Member,
    pub people: Vec<String>,
    pub place: Place,
    pub chance: Chance,
    /// Longest pause between two messages.
    pub leisure: Duration,
}

impl Sender {
    /// Sends until it is enough, and settles what it began.
    pub async fn run(mut self) {
        let mut line = None;
        let mut last = None;
        let mut sent = 0;
        while !self.place.enough.is_cancelled() {
            sent += 1;
            let to = self.people[(self.number + sent) % self.people.len()].clone();
            let key = format!("{}-{sent}", self.number);
            // Some are longer than a page of the file, so that a torn one would show.
            let more = "long ".repeat(if sent % 7 == 0 { 2_000 } else { 2 });
            let draft = Draft { body: format!("{key} {}", more.trim_end()), key, from: self.who.name.clone(), to };
            self.deliver(&mut line, &draft, false).await;
            // Now and then another tab sends the same again.
            if sent % 10 == 0
                && let Some(before) = last.replace(draft)
            {
                self.deliver(&mut line, &before, true).await;
            }
            sleep(Duration::from_micros(self.chance.below(self.leisure.as_micros() as u64 + 1))).await;
        }
    }

    /// Tries until there is an answer, always under the same key. `again`: it was acknowledged before.
    async fn deliver(&self, line: &mut Option<Line>, draft: &Draft, mut again: bool) {
        let message = json!({ "recipient": draft.to, "body": draft.body, "client_id": draft.key }).to_string();
        let give_up = async {
            self.place.enough.cancelled().await;
            sleep(LAST_PATIENCE).await;
        };
        tokio::pin!(give_up);
        loop {
            if line.is_none() {
                *line = Line::open(self.place.caller(&self.who)).await;
            }
            let Some(open) = line else {
                sleep(PAUSE).await;
                continue;
            };
            let invoked = self.place.history.now();
            let answer = tokio::select! {
                answer = open.ask("POST", "/api/v1/message/", message.clone()) => answer,
                () = &mut give_up => {
                    return self.place.history.wrong(format!("{} could not be settled", draft.key));
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
                    self.place.history.wrong(format!("{key} was sent once and answered as a repeat of {id}"));
                }
                (Outcome::Refused(status), _) if *status != 503 => {
                    self.place.history.wrong(format!("{} was answered {status}", draft.key));
                }
                _ => {}
            }
            let outcome = self.place.history.attempted(self.number, draft, invoked, outcome);
            again = true;
            match outcome {
                Outcome::Ok(_) => return,
                Outcome::Refused(_) => sleep(PAUSE).await,
                Outcome::Unknown => {
                    *line = None;
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
            self.place.history.wrong(format!("{} was acknowledged as another message, {}", draft.key, message["id"]));
        }
        message["id"].as_i64().map_or(Outcome::Unknown, Outcome::Ok)
    }
}

/// One who listens, keeps everything, and comes back after each interruption to where it was.
pub struct Screen {
    pub number: usize,
    pub who: Member,
    pub place: Place,
    /// Does not resume when the server's first words show that nothing was missed.
    pub trusting: bool,
    pub kept: Arc<Mutex<Kept>>,
    pub cursor: i64,
    pub epoch: Value,
}

/// Why a socket is no longer listened to: it broke, or it told what it must not.
struct Over;

/// A socket, with the events that came in a frame with others and were not taken yet.
struct Stream {
    socket: WebSocketStream<TcpStream>,
    waiting: VecDeque<Value>,
}

impl Screen {
    pub async fn run(mut self) {
        let enough = self.place.enough.clone();
        let life = async {
            loop {
                if let Some((stream, hello, resumed)) = self.connect().await {
                    let Over = self.listen(stream, &hello, resumed).await.unwrap_err();
                }
                sleep(PAUSE).await;
            }
        };
        tokio::select! {
            never = life => never,
            () = enough.cancelled() => {}
        }
    }

    /// A socket with its first event, and whether it resumes: one who trusts the server's first words asks for what was
    /// missed only if they show that something was.
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
        let caller = self.place.caller(&self.who);
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

    /// Takes in what a socket tells, until it is over.
    async fn listen(
        &mut self,
        mut stream: Stream,
        hello: &Value,
        resumed: bool,
    ) -> Result<std::convert::Infallible, Over> {
        self.take_epoch(hello);
        // What comes before `synced` may be told twice and out of turn, so it is put in order first.
        let mut early = resumed.then(Vec::new);
        let mut line = None;
        loop {
            let frame = stream.next().await?;
            match frame["type"].as_str() {
                Some("message") => {
                    let message = Stored::parse(&frame["message"]).ok_or(Over)?;
                    if !self.place.history.told(self.number, &message) {
                        return Err(Over);
                    }
                    match &mut early {
                        Some(early) => early.push(message),
                        None => {
                            self.take_revision(&frame)?;
                            let ask = message.seq % 16 == 0;
                            let (conversation, seq, id) = (message.conversation, message.seq, message.id);
                            self.apply(message)?;
                            if ask {
                                self.look_up(&mut line, id).await;
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
                    self.cursor = frame["revision"].as_i64().ok_or(Over)?;
                    self.take_epoch(&frame);
                }
                Some("resync") => {
                    let (name, since) = (&self.who.name, self.cursor);
                    return self.wrong(format!("{name} is told that the history it has up to {since} is lost"));
                }
                Some("limited") => {
                    self.load(&mut line, &frame).await?;
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
    fn take_revision(&mut self, frame: &Value) -> Result<(), Over> {
        let revision = frame["revision"].as_i64().ok_or(Over)?;
        if revision < self.cursor {
            return self.wrong(format!("screen {} is told of {revision} after {}", self.number, self.cursor));
        }
        self.cursor = revision;
        Ok(())
    }

    fn take_epoch(&mut self, frame: &Value) {
        if !frame["epoch"].is_null() {
            self.epoch = frame["epoch"].clone();
        }
    }

    /// Keeps a message that continues what is there. The server leaves no holes for its clients to fill, except where
    /// a connection ends, so one is a fault.
    fn apply(&self, message: Stored) -> Result<(), Over> {
        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.entry(message.conversation).or_default();
        let (has, seq) = (kept.len(), usize::try_from(message.seq).unwrap_or(0));
        if seq == has + 1 {
            kept.push(message);
            return Ok(());
        }
        if seq == 0 || seq > has {
            return self.wrong(format!("hole: screen {} is told of place {seq} after {has}", self.number));
        }
        if kept[seq - 1] != message {
            return self.wrong(format!("untrue: screen {} is told of another place {seq} than before", self.number));
        }
        Ok(())
    }

    /// Loads what the server leaves out because too much of a conversation was missed. Where that fails the screen comes back
    /// from where it was.
    async fn load(&self, line: &mut Option<Line>, limited: &Value) -> Result<(), Over> {
        let conversation = limited["conversation"]["id"].as_i64().ok_or(Over)?;
        let first = usize::try_from(limited["first"].as_i64().ok_or(Over)?).map_err(|_| Over)?;
        loop {
            let has = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&conversation).map_or(0, Vec::len);
            if has + 1 >= first {
                return Ok(());
            }
            if line.is_none() {
                *line = Line::open(self.place.caller(&self.who)).await;
            }
            let path = format!("/api/v1/conversation/{conversation}/message/?after={has}&limit=100");
            let answer = line.as_mut().ok_or(Over)?.ask("GET", &path, String::new()).await;
            let Some((200, page)) = answer else {
                *line = None;
                return Err(Over);
            };
            for message in page["messages"].as_array().ok_or(Over)? {
                self.apply(Stored::parse(message).ok_or(Over)?)?;
            }
        }
    }

    /// What was told of can be read.
    async fn look_up(&self, line: &mut Option<Line>, id: i64) {
        if line.is_none() {
            *line = Line::open(self.place.caller(&self.who)).await;
        }
        let Some(open) = line else { return };
        match open.ask("GET", &format!("/api/v1/message/{id}/"), String::new()).await {
            Some((404, _)) => {
                self.place
                    .history
                    .wrong(format!("untrue: told of {id}, screen {} asked, and it was not there", self.number));
            }
            Some(_) => {}
            None => *line = None,
        }
    }

    fn wrong<T>(&self, what: String) -> Result<T, Over> {
        self.place.history.wrong(what);
        Err(Over)
    }
}

fn in_order(mut messages: Vec<Stored>) -> Vec<Stored> {
    messages.sort();
    messages
}

impl Stream {
    /// The next event. One who hears nothing asks for a sign of life, and takes silence for the end.
    async fn next(&mut self) -> Result<Value, Over> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            match serde_json::from_str(&self.next_text().await?).map_err(|_| Over)? {
                Value::Array(events) => self.waiting.extend(events),
                event => return Ok(event),
            }
        }
    }

    async fn next_text(&mut self) -> Result<Utf8Bytes, Over> {
        let mut silent = Duration::ZERO;
        loop {
            match timeout(PING, self.socket.next()).await {
                Ok(Some(Ok(Message::Text(text)))) => return Ok(text),
                Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) => return Err(Over),
                Ok(Some(Ok(_))) => silent = Duration::ZERO,
                Err(_) => {
                    silent += PING;
                    if silent >= SILENCE || self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return Err(Over);
                    }
                }
            }
        }
    }

    async fn send(&mut self, what: &Value) -> Result<(), Over> {
        self.socket.send(Message::text(what.to_string())).await.map_err(|_| Over)
    }
}
