//! Shutdown: sockets are closed, requests in flight are answered, stuck clients delay nothing, and the log is
//! checkpointed.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::database::{self, Member};
use crate::support::{Caller, Listener, Program, soon, until};

/// Longest time from the signal to the end, with clients that never disconnect.
const LIMIT: Duration = Duration::from_secs(10);

/// A running program and someone who is logged in.
async fn start(folder: &Path) -> (Program, Caller) {
    let members: Vec<Member> = database::create(&folder.join("chat.db"), &["al"]).await;
    let program = Program::start(folder);
    let caller = members[0].at(program.address);
    (program, caller)
}

async fn connect(program: &Program, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(program.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// A send whose head the server has accepted, as its `100 Continue` shows, and whose body is not sent yet.
async fn begin_to_send(program: &Program, caller: &Caller, body: &str) -> TcpStream {
    let cookie = caller.cookie.as_deref().unwrap();
    let head = format!(
        "POST /api/v1/message/ HTTP/1.1\r\nHost: chat.test\r\nCookie: {cookie}\r\nExpect: 100-continue\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = connect(program, &head).await;
    let mut answer = [0; 25];
    soon("the server accepts the head", stream.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

async fn refuses_connections(program: &Program) {
    until("new connections are refused", async || TcpStream::connect(program.address).await.is_err()).await;
}

/// What is left in the write-ahead log, in bytes.
fn left_in_log(folder: &Path) -> u64 {
    std::fs::metadata(folder.join("chat.db-wal")).map_or(0, |log| log.len())
}

#[tokio::test]
async fn sigterm_closes_sockets_answers_requests_in_flight_and_cuts_stuck_clients() {
    let folder = tempfile::tempdir().unwrap();
    let (program, al) = start(folder.path()).await;
    let sockets = [al.listen().await, al.listen().await];
    let mut idle = connect(&program, "GET /healthz HTTP/1.1\r\nHost: chat.test\r\n\r\n").await;
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    let silent = connect(&program, "").await;
    let half_a_head = connect(&program, "GET / HTTP/1.1\r\nHost: ch").await;
    let message = r#"{"recipient": "al", "body": "in flight"}"#;
    let half_a_body = begin_to_send(&program, &al, message).await;
    let mut in_flight = begin_to_send(&program, &al, message).await;
    let before = al.send("al", "before").await;
    assert!(left_in_log(folder.path()) > 0);

    let start = Instant::now();
    program.signal("TERM");
    for socket in sockets {
        let close = socket.end().await.expect("a close frame");
        assert_eq!(u16::from(close.code), 1001);
    }
    refuses_connections(&program).await;
    // As Heroku does.
    program.signal("TERM");
    assert_eq!(soon("the idle connection is closed", idle.read(&mut [0; 16])).await.unwrap_or(0), 0);

    in_flight.write_all(message.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("the answer", in_flight.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (_, sent) = answer.split_once("\r\n\r\n").unwrap();
    let sent: Value = serde_json::from_str(sent).unwrap();
    program.signal("TERM");

    assert_eq!(program.ended().await, (Some(0), String::new()));
    assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
    assert_eq!(left_in_log(folder.path()), 0);
    let stored = database::numbers(&folder.path().join("chat.db"), "SELECT id FROM messages ORDER BY id");
    assert_eq!(stored, [&before, &sent].map(|message| message["id"].as_i64().unwrap()));
    drop((silent, half_a_head, half_a_body));
}

#[tokio::test]
async fn without_stuck_clients_it_stops_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (program, al) = start(folder.path()).await;
    let socket = al.listen().await;
    al.send("al", "hello").await;
    let ending = tokio::spawn(socket.end());
    let start = Instant::now();
    program.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
    assert_eq!(u16::from(ending.await.unwrap().unwrap().code), 1001);
    assert_eq!(left_in_log(folder.path()), 0);
}

#[tokio::test]
async fn a_socket_that_does_not_answer_the_close_frame_does_not_delay_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let (program, al) = start(folder.path()).await;
    // The socket is not read, so it does not answer.
    let socket: Listener = al.listen().await;
    let start = Instant::now();
    program.stop().await;
    assert!(start.elapsed() < LIMIT, "took {:?}", start.elapsed());
    drop(socket);
}

#[tokio::test]
async fn ctrl_c_stops_gracefully_and_a_second_one_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (program, al) = start(folder.path()).await;
    let stuck = begin_to_send(&program, &al, r#"{"recipient": "al", "body": "never sent"}"#).await;
    let sent = al.send("al", "kept").await;
    program.signal("INT");
    refuses_connections(&program).await;
    let start = Instant::now();
    program.signal("INT");
    assert_eq!(program.ended().await.0, Some(130));
    assert!(start.elapsed() < Duration::from_secs(3), "took {:?}", start.elapsed());
    drop(stuck);

    let program = Program::start(folder.path());
    let al = Caller { address: program.address, ..al };
    al.get(&format!("/api/v1/message/{}/", sent["id"])).await.expect(200);
    program.signal("INT");
    assert_eq!(program.ended().await, (Some(0), String::new()));
    assert_eq!(left_in_log(folder.path()), 0);
}

#[tokio::test]
async fn repeated_signals_shut_down_once() {
    let folder = tempfile::tempdir().unwrap();
    let (program, al) = start(folder.path()).await;
    let mut in_flight = begin_to_send(&program, &al, r#"{"recipient": "al", "body": "in flight"}"#).await;
    for _ in 0..5 {
        program.signal("TERM");
    }
    refuses_connections(&program).await;
    in_flight.write_all(br#"{"recipient": "al", "body": "in flight"}"#).await.unwrap();
    let mut answer = String::new();
    soon("the answer", in_flight.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(program.ended().await, (Some(0), String::new()));
}
