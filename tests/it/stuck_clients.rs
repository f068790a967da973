//! Clients that stop half-way, on purpose or not: each is disconnected in time, and all others are served meanwhile.

use std::future::Future;
use std::time::Duration;

use chinwag::config::Timeouts;
use futures_util::StreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Caller, Listener, Server, soon, until};

const TIMEOUTS: Timeouts = Timeouts {
    first_head: Duration::from_millis(400),
    idle: Duration::from_millis(900),
    body: Duration::from_millis(500),
    ping: Duration::from_millis(300),
    last_seen: Duration::from_secs(10),
    frame: Duration::from_millis(500),
    unread: Duration::from_millis(1_000),
    drain: Duration::from_millis(500),
};

/// How much later than its time-out something may happen on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

async fn server_with_short_timeouts() -> Server {
    Server::start_with(|config| config.timeouts = TIMEOUTS).await
}

/// The same with the default idle time-out, so that only the limit for the first head is short.
async fn server_with_short_first_head_timeout() -> Server {
    let timeouts = Timeouts { idle: Timeouts::default().idle, ..TIMEOUTS };
    Server::start_with(|config| config.timeouts = timeouts).await
}

/// Waits for `happens` and asserts that another client is served all the time.
async fn while_others_are_served<T>(server: &Server, happens: impl Future<Output = T>) -> T {
    let others = async {
        let other = server.stranger();
        loop {
            let answer = timeout(SLACK, other.get("/healthz")).await;
            answer.expect("others wait").expect(200);
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        happened = happens => happened,
        never = others => never,
    }
}

/// A connection on which `bytes` were sent so far.
async fn connect(server: &Server, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

/// What the server still sends until it closes the connection, which must happen soon after `limit`.
async fn rest_until_closed(mut stream: TcpStream, limit: Duration) -> String {
    let start = Instant::now();
    let mut rest = Vec::new();
    // A reset ends it as well.
    let _ = soon("the server closes the connection", stream.read_to_end(&mut rest)).await;
    let waited = start.elapsed();
    assert!(waited < limit + SLACK, "closed after {waited:?}");
    String::from_utf8(rest).unwrap()
}

/// The head of a send of `length` bytes by someone who is logged in.
fn head_of_send(caller: &Caller, length: usize) -> String {
    let cookie = caller.cookie.as_deref().unwrap();
    format!(
        "POST /api/v1/message/ HTTP/1.1\r\nHost: chat.test\r\nCookie: {cookie}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = server_with_short_first_head_timeout().await;
    let silent = connect(&server, "").await;
    assert_eq!(while_others_are_served(&server, rest_until_closed(silent, TIMEOUTS.first_head)).await, "");
    server.stop().await;
}

#[tokio::test]
async fn a_connection_with_an_incomplete_head_is_closed() {
    let server = server_with_short_first_head_timeout().await;
    let stuck = connect(&server, "GET / HTTP/1.1\r\nHost: chat.te").await;
    while_others_are_served(&server, rest_until_closed(stuck, TIMEOUTS.first_head)).await;
    server.stop().await;
}

#[tokio::test]
async fn a_connection_that_sends_its_head_byte_by_byte_is_closed() {
    let server = server_with_short_first_head_timeout().await;
    let first = connect(&server, "").await;
    while_others_are_served(&server, send_byte_by_byte(first, TIMEOUTS.first_head)).await;
    server.stop().await;

    // The same on a connection that has had an answer.
    let server = server_with_short_timeouts().await;
    let mut later = connect(&server, "GET /healthz HTTP/1.1\r\nHost: chat.test\r\n\r\n").await;
    assert!(later.read(&mut [0; 1024]).await.unwrap() > 0);
    while_others_are_served(&server, send_byte_by_byte(later, TIMEOUTS.idle)).await;
    server.stop().await;
}

/// Sends bytes without end, one by one and without reading, until the connection is closed.
async fn send_byte_by_byte(mut stream: TcpStream, limit: Duration) {
    let start = Instant::now();
    let writing = async {
        stream.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await?;
        loop {
            stream.write_all(b"a").await?;
            sleep(Duration::from_millis(20)).await;
        }
    };
    let _cut = soon::<std::io::Result<()>>("the server closes the connection", writing).await;
    assert!(start.elapsed() < limit + SLACK, "closed after {:?}", start.elapsed());
}

#[tokio::test]
async fn an_incomplete_body_is_answered_408_and_closed() {
    let server = server_with_short_timeouts().await;
    let al = server.enter("al").await;
    let login = "POST /login/ HTTP/1.1\r\nHost: chat.test\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 40\r\n\r\nusername=";
    for bytes in [head_of_send(&al, 100) + "{\"recipient\": ", head_of_send(&al, 100), login.to_owned()] {
        let stuck = connect(&server, &bytes).await;
        let answer = while_others_are_served(&server, rest_until_closed(stuck, TIMEOUTS.body)).await;
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("connection: close"), "{answer}");
    }
    // Further bytes do not extend the time-out.
    let stuck = connect(&server, &(head_of_send(&al, 100_000) + "{\"body\": \"")).await;
    while_others_are_served(&server, send_byte_by_byte(stuck, TIMEOUTS.body)).await;
    assert_eq!(al.get("/api/v1/message/").await.expect(200).json()["count"], 0);
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_timeout() {
    let server = server_with_short_timeouts().await;
    let health = "GET /healthz HTTP/1.1\r\nHost: chat.test\r\n\r\n";
    let mut idle = connect(&server, health).await;
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    // The limit for the first head does not apply later.
    sleep(TIMEOUTS.first_head + Duration::from_millis(100)).await;
    idle.write_all(health.as_bytes()).await.unwrap();
    assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
    let rest = while_others_are_served(&server, rest_until_closed(idle, TIMEOUTS.idle)).await;
    assert_eq!(rest, "");
    server.stop().await;
}

#[tokio::test]
async fn a_socket_without_pongs_is_closed_and_one_with_pongs_stays() {
    let server = server_with_short_timeouts().await;
    let (al, bo) = (server.enter("al").await, server.enter("bo").await);
    let (asleep, mut awake) = (al.listen().await, bo.listen().await);
    assert_eq!(server.app.hub.subscriber_count(), 2);
    // Only a client that reads answers pings.
    let reading = tokio::spawn(async move {
        assert!(awake.stream.next().await.unwrap().unwrap().is_ping());
        let id = awake.next_id().await;
        (awake, id)
    });
    let start = Instant::now();
    let closed = until("the silent socket's subscription is dropped", async || server.app.hub.subscriber_count() == 1);
    while_others_are_served(&server, closed).await;
    assert!(start.elapsed() < TIMEOUTS.ping * 3 + SLACK, "closed after {:?}", start.elapsed());
    // Twice the time after which the other socket was closed.
    sleep(TIMEOUTS.ping * 6).await;
    let sent = al.send("bo", "still there?").await;
    assert_eq!(reading.await.unwrap().1, sent["id"]);
    drop(asleep);
    server.stop().await;
}

#[tokio::test]
async fn with_default_timeouts_a_frozen_socket_is_closed_within_a_minute() {
    let server = Server::start().await;
    let mut frozen = server.enter("al").await.listen().await;
    assert_eq!(server.app.hub.subscriber_count(), 1);
    let closed = async {
        while server.app.hub.subscriber_count() > 0 {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(60), closed).await.expect("it is closed within a minute");
    // Not only its subscription has ended: the connection is closed as well.
    let end = async { while frozen.stream.next().await.is_some_and(|frame| frame.is_ok()) {} };
    soon("the connection ends", end).await;
    server.stop().await;
}

#[tokio::test]
async fn a_slow_reader_gets_time_to_answer_its_ping() {
    let timeouts = Timeouts { frame: Timeouts::default().frame, unread: Timeouts::default().unread, ..TIMEOUTS };
    let server = Server::start_with(|config| config.timeouts = timeouts).await;
    let (al, bo) = (server.enter("al").await, server.enter("bo").await);
    let long = "long ".repeat(12_000);
    for _ in 0..200 {
        al.send("bo", &long).await;
    }
    let mut late = Listener::live(&bo, "?since=0").await.0;
    // The server waits longer than several pings, because twelve million bytes are more than system buffers hold.
    sleep(TIMEOUTS.ping * 4).await;
    while late.next_event().await["message"]["seq"] != 200 {}
    sleep(TIMEOUTS.ping / 2).await;
    al.send("bo", "still there?").await;
    while !late.next().await.contains("still there?") {}
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_response_is_disconnected() {
    let server = server_with_short_timeouts().await;
    let al = server.enter("al").await;
    let long = "long ".repeat(12_000);
    for _ in 0..100 {
        al.send("al", &long).await;
    }
    // Six million bytes are more than the system buffers hold.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut unread = socket.connect(server.address).await.unwrap();
    let cookie = al.cookie.as_deref().unwrap();
    let path = "/api/v1/message/?after=0&limit=100";
    let ask = format!("GET {path} HTTP/1.1\r\nHost: chat.test\r\nCookie: {cookie}\r\n\r\n");
    unread.write_all(ask.as_bytes()).await.unwrap();
    soon("the answer begins", unread.readable()).await.unwrap();
    while_others_are_served(&server, send_byte_by_byte(unread, TIMEOUTS.unread)).await;
    server.stop().await;
}

#[tokio::test]
async fn requests_other_than_http_1_are_refused() {
    let server = server_with_short_timeouts().await;
    for bytes in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", "\x16\x03\x01\x02\0\x01", "hello\r\n\r\n"] {
        let stream = connect(&server, bytes).await;
        let answer = while_others_are_served(&server, rest_until_closed(stream, TIMEOUTS.first_head)).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = server_with_short_timeouts().await;
    let headers = |count: usize| "X-More: a\r\n".repeat(count);
    let head = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: chat.test\r\n{more}\r\n");
    for (bytes, status) in [
        (head("/healthz", &headers(99)), "200"),
        (head("/healthz", &headers(100)), "431"),
        (head("/healthz", &format!("X-Long: {}\r\n", "a".repeat(15_000))), "200"),
        (head("/healthz", &format!("X-Long: {}\r\n", "a".repeat(17_000))), "431"),
        (head(&format!("/healthz?{}", "a".repeat(17_000)), ""), "431"),
    ] {
        let stream = connect(&server, &bytes).await;
        let answer = while_others_are_served(&server, rest_until_closed(stream, TIMEOUTS.idle)).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "not {status} but {answer:?}");
    }
    server.stop().await;
}
