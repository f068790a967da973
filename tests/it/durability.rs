//! What was acknowledged stays: after SIGKILL at any moment, after a restart, and for every repeated send.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::database::{self, Member};
use crate::support::program::run;
use crate::support::{Caller, Listener, Program, soon};

const ROUNDS: usize = 8;
const PEOPLE: [&str; 3] = ["al", "bo", "cy"];
/// Each person sends from two places at once.
const SENDERS: usize = 6;

/// A connection that stays open until the server dies.
struct Line {
    caller: Caller,
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    async fn open(caller: Caller) -> Self {
        let stream = TcpStream::connect(caller.address).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { caller, sender }
    }

    /// The answer to one send; nothing when the connection broke before all of it was here.
    async fn post(&mut self, send: &Send) -> Option<(u16, Value)> {
        let message = json!({ "recipient": send.recipient, "body": send.body, "client_id": send.key });
        let request = Request::post("/api/v1/message/")
            .header(HOST, self.caller.address.to_string())
            .header(COOKIE, self.caller.cookie.as_deref().unwrap())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::from(message.to_string()))
            .unwrap();
        let answer = async {
            self.sender.ready().await.ok()?;
            let (head, body) = self.sender.send_request(request).await.ok()?.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            Some((head.status.as_u16(), serde_json::from_slice(&body).unwrap()))
        };
        soon("an answer or the end", answer).await
    }
}

/// One message someone wants sent, under its key.
#[derive(Clone)]
struct Send {
    key: String,
    recipient: &'static str,
    body: String,
}

/// One who sends message after message and remembers what the server said.
struct Sender {
    number: usize,
    sent: usize,
    acknowledged: Vec<(Send, i64)>,
    /// Sent, but never answered: it may be there or not.
    open: Option<Send>,
}

impl Sender {
    fn new(number: usize) -> Self {
        Self { number, sent: 0, acknowledged: Vec::new(), open: None }
    }

    fn person(&self) -> usize {
        self.number % PEOPLE.len()
    }

    fn next(&mut self) -> Send {
        self.sent += 1;
        let key = format!("{}-{}", self.number, self.sent);
        let recipient = PEOPLE[(self.person() + self.sent) % PEOPLE.len()];
        // Some are longer than a page of the file, so that a torn one would show.
        let body = format!("{key} {}", "long ".repeat(if self.sent.is_multiple_of(7) { 2_000 } else { 2 }).trim_end());
        Send { key, recipient, body }
    }

    /// Sends until the server dies, beginning with what it left unanswered.
    async fn run(mut self, caller: Caller) -> Self {
        let mut line = Line::open(caller).await;
        loop {
            let (retry, send) = match self.open.take() {
                Some(open) => (true, open),
                None => (false, self.next()),
            };
            match line.post(&send).await {
                Some((201, message)) => self.note(send, &message),
                Some((200, message)) if retry => self.note(send, &message),
                Some((503, _)) => self.open = Some(send),
                Some((status, answer)) => panic!("{status} {answer}"),
                None => {
                    self.open = Some(send);
                    return self;
                }
            }
        }
    }

    fn note(&mut self, send: Send, message: &Value) {
        assert_eq!(message["body"], send.body);
        self.acknowledged.push((send, message["id"].as_i64().unwrap()));
    }
}

/// The ids a socket tells of, until the server dies.
async fn listen(mut listener: Listener) -> Vec<i64> {
    let mut ids = Vec::new();
    while let Some(Ok(frame)) = listener.stream.next().await {
        if let Message::Text(text) = frame {
            let frame: Value = serde_json::from_str(&text).unwrap();
            ids.push(frame["message"].as_str().unwrap().parse().unwrap());
        }
    }
    ids
}

/// All of someone's messages, page by page: body by id.
async fn history(caller: &Caller) -> BTreeMap<i64, String> {
    let mut found = BTreeMap::new();
    let mut after = 0;
    loop {
        let page = caller.get(&format!("/api/v1/message/?after={after}&limit=100")).await.expect(200).json();
        for message in page["results"].as_array().unwrap() {
            let id = message["id"].as_i64().unwrap();
            assert!(id > after, "{id} comes after {after}");
            after = id;
            found.insert(id, message["body"].as_str().unwrap().to_owned());
        }
        if page["next"].is_null() {
            return found;
        }
    }
}

/// Numbers that look random and can be had again (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let seed = getrandom::u64().unwrap() | 1;
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.db");
    let members = database::create(&file, &PEOPLE).await;
    let mut senders: Vec<_> = (0..SENDERS).map(Sender::new).collect();
    let mut heard: Vec<HashSet<i64>> = vec![HashSet::new(); PEOPLE.len()];

    for round in 0..ROUNDS {
        let mut program = Program::start(folder.path());
        let callers: Vec<_> = members.iter().map(|member| member.at(program.address)).collect();
        let listeners = join_all(callers.iter().map(Caller::listen)).await;
        let listeners: Vec<_> = listeners.into_iter().map(|listener| tokio::spawn(listen(listener))).collect();
        let sending: Vec<_> = senders
            .drain(..)
            .map(|sender| {
                let caller = callers[sender.person()].clone();
                tokio::spawn(sender.run(caller))
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(40 + chance.below(400))).await;
        program.child.kill().unwrap();
        senders = join_all(sending).await.into_iter().map(Result::unwrap).collect();
        for (person, ids) in join_all(listeners).await.into_iter().map(Result::unwrap).enumerate() {
            assert!(ids.is_sorted_by(|one, next| one < next), "round {round}: out of order: {ids:?}");
            heard[person].extend(ids);
        }
    }

    let program = Program::start(folder.path());
    let acknowledged: usize = senders.iter().map(|sender| sender.acknowledged.len()).sum();
    assert!(acknowledged > ROUNDS * SENDERS, "only {acknowledged} were acknowledged: nothing was shown");
    repeat_everything(&program, &members, &mut senders).await;
    let mut keys_by_body = HashMap::new();
    for (person, member) in members.iter().enumerate() {
        let found = history(&member.at(program.address)).await;
        for sender in &senders {
            for (send, id) in &sender.acknowledged {
                let concerned = sender.person() == person || send.recipient == member.name;
                assert_eq!(found.get(id), concerned.then_some(&send.body), "{} as {id}", send.key);
            }
        }
        for id in &heard[person] {
            assert!(found.contains_key(id), "{} heard of {id}, which is not there", member.name);
        }
        for (id, body) in found {
            let first = keys_by_body.entry(body).or_insert(id);
            assert_eq!(*first, id, "the same send twice");
        }
    }
    program.stop().await;
    assert_dense(&file);
    println!("{acknowledged} acknowledged, {} in all", keys_by_body.len());
}

/// Sends again what was left open, and some of what was acknowledged: each makes one message at the most.
async fn repeat_everything(program: &Program, members: &[Member], senders: &mut [Sender]) {
    for sender in senders {
        let mut line = Line::open(members[sender.person()].at(program.address)).await;
        let open = sender.open.take().expect("the last round ended in the middle of a send");
        let (status, message) = line.post(&open).await.unwrap();
        assert!(matches!(status, 200 | 201), "{status} {message}");
        sender.note(open, &message);
        for (send, id) in sender.acknowledged.iter().rev().step_by(10).take(40) {
            let (status, message) = line.post(send).await.expect("an answer");
            assert_eq!((status, message["id"].as_i64()), (200, Some(*id)), "{message}");
        }
    }
}

/// Places in every conversation go from one to the last without a hole, in the order of ids.
fn assert_dense(file: &std::path::Path) {
    let conversations = database::numbers(file, "SELECT id FROM conversations");
    // Three pairs, and notes to oneself of three.
    assert_eq!(conversations.len(), 6);
    for id in conversations {
        let find = format!("SELECT seq FROM messages WHERE conversation_id = {id} ORDER BY id");
        let places = database::numbers(file, &find);
        assert_eq!(places, (1..=places.len() as i64).collect::<Vec<_>>());
        let last = database::numbers(file, &format!("SELECT last_seq FROM conversations WHERE id = {id}"));
        assert_eq!(last, [places.len() as i64]);
    }
    assert_eq!(database::numbers(file, "SELECT revision >= (SELECT max(id) FROM messages) FROM state"), [1]);
}

#[tokio::test]
async fn a_restart_keeps_messages_accounts_and_logins() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let al = program.stranger().sign_up("al").await;
    let sent = al.send("al", "a note").await;
    program.stop().await;

    let program = Program::start(folder.path());
    let al = Caller { address: program.address, ..al };
    assert_eq!(al.get(&format!("/api/v1/message/{}/", sent["id"])).await.expect(200).json(), sent);
    program.stranger().log_in("al").await.get("/").await.expect(200);
    program.stop().await;
}

#[tokio::test]
async fn a_second_process_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let second = run(folder.path(), ["serve", "--port", "0", "--database", "chat.db"]);
    assert_eq!(second.status.code(), Some(1));
    assert_eq!(String::from_utf8(second.stdout).unwrap(), "");
    let told = String::from_utf8(second.stderr).unwrap();
    assert!(told.contains("in use by another chinwag") && told.lines().count() == 1, "{told}");
    program.stranger().get("/healthz").await.expect(200);
    program.stop().await;
}
