//! Concurrency: the same order for everyone, nothing lost, nothing duplicated, and nobody waits for a slow client.

use std::time::Duration;

use chinwag::model::{Destination, MessageBody, NewMessage, SendOutcome, Username};
use futures_util::future::join_all;
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, timeout};

use crate::support::{Caller, Listener, Server, soon, stored, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_first_messages_make_one_conversation() {
    const PAIRS: usize = 24;
    let server = Server::start().await;
    let names = |side: &'static str| (0..PAIRS).map(move |pair| format!("{side}{pair}"));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (one, other) in names("left").zip(names("right")) {
        left.push(server.enter(&one).await);
        right.push(server.enter(&other).await);
    }
    let pairs = || left.iter().zip(&right);
    let there = pairs().map(|(one, other)| one.send(&other.name, "hello"));
    let back = pairs().map(|(one, other)| other.send(&one.name, "hello"));
    let sending: Vec<_> = there.zip(back).map(|(there, back)| futures_util::future::join(there, back)).collect();
    join_all(sending).await;

    let numbers = |query| stored::column::<i64>(&server, query);
    assert_eq!(numbers("SELECT max(seq) FROM messages GROUP BY conversation_id"), [2; PAIRS]);
    assert_eq!(numbers("SELECT count(*) FROM members GROUP BY conversation_id"), [2; PAIRS]);
    assert_eq!(numbers("SELECT sum(seq) FROM messages GROUP BY conversation_id"), [3; PAIRS]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_socket_sees_every_message_once_in_the_order_of_the_database() {
    const SENDS: usize = 100;
    let server = Server::start().await;
    let mut people = Vec::new();
    for name in ["al", "bo", "cy", "uninvolved"] {
        people.push(server.enter(name).await);
    }
    let mut sockets = Vec::new();
    for person in &people {
        sockets.push((person.clone(), [person.listen().await, person.listen().await]));
    }
    let sends = (0..SENDS).map(|n| {
        let (sender, recipient) = (people[n % 3].clone(), people[(n / 3 + n + 1) % 3].name.clone());
        tokio::spawn(async move { sender.send(&recipient, &format!("message {n}")).await })
    });
    for sent in join_all(sends).await {
        sent.unwrap();
    }
    for (person, listeners) in &mut sockets {
        let of_person = format!("(SELECT id FROM users WHERE username = '{}')", person.name);
        let find = format!(
            "SELECT m.id FROM messages m JOIN members me USING (conversation_id) WHERE me.user_id = {of_person} ORDER BY 1"
        );
        let mut expected = stored::column::<i64>(&server, &find);
        // A note to oneself is one frame, and the second note shows that nothing else came between the two.
        for note in ["one", "two"] {
            expected.push(person.send(&person.name, note).await["id"].as_i64().unwrap());
        }
        for listener in listeners {
            let mut received = Vec::new();
            for _ in &expected {
                received.push(listener.next_id().await);
            }
            assert_eq!(received, expected, "{}", person.name);
        }
    }
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM messages"), [SENDS as i64 + 8]);
    server.stop().await;
}

/// A server with small connection buffers, so that a client that does not read blocks it at once.
async fn server_with_small_buffers(frame: Duration) -> Server {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_send_buffer_size(4096).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    socket.listen(64).unwrap();
    let listener = TcpListener::from_std(socket.into()).unwrap();
    Server::start_on(listener, |config| config.timeouts.frame = frame).await
}

async fn listen_with_a_small_buffer(caller: &Caller) -> Listener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let stream = socket.connect(caller.address).await.unwrap();
    Listener::open_on(stream, caller, "/ws").await.unwrap()
}

/// Stores messages as fast as possible; far more than the buffers between server and client hold.
async fn send_many(server: &Server, from: &str, to: &str) -> Vec<i64> {
    const MANY: usize = 4_000;
    let sender = server.app.store.user(&Username::parse(from).unwrap()).await.unwrap().unwrap();
    let new = NewMessage {
        sender,
        to: Destination::Person(Username::parse(to).unwrap()),
        body: MessageBody::parse("again").unwrap(),
        client_key: None,
        reply_to: None,
        forwarded: false,
    };
    let mut ids = Vec::new();
    while ids.len() < MANY {
        let group = join_all((0..500).map(|_| server.app.store.send(new.clone()))).await;
        ids.extend(group.into_iter().map(|sent| match sent.unwrap().unwrap() {
            SendOutcome::Created(message) | SendOutcome::Duplicate(message) => message.id.0,
        }));
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_socket_delays_nobody_and_loses_nothing() {
    let server = server_with_small_buffers(Duration::from_secs(60)).await;
    let (al, bo) = (server.enter("al").await, server.enter("bo").await);
    let (mut slow, mut quick) = (listen_with_a_small_buffer(&bo).await, bo.listen().await);

    let reading = tokio::spawn(async move {
        let mut received = Vec::new();
        for _ in 0..4_000 {
            received.push(quick.next_id().await);
        }
        (quick, received)
    });
    let ids = send_many(&server, "al", "bo").await;
    let (mut quick, received) = reading.await.unwrap();
    assert_eq!(received, ids);
    // Far more than the buffers hold is now waiting for the slow socket, and others are served without delay.
    let start = Instant::now();
    let last = al.send("bo", "the last").await["id"].as_i64().unwrap();
    assert_eq!(quick.next_id().await, last);
    assert!(start.elapsed() < Duration::from_secs(2), "waited {:?}", start.elapsed());

    for id in ids.into_iter().chain([last]) {
        assert_eq!(slow.next_id().await, id);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_reads_nothing_is_dropped() {
    let server = server_with_small_buffers(Duration::from_millis(300)).await;
    server.enter("al").await;
    let bo = server.enter("bo").await;
    let unread = listen_with_a_small_buffer(&bo).await;
    assert_eq!(server.app.hub.subscriber_count(), 1);
    send_many(&server, "al", "bo").await;
    until("its subscription is dropped", async || server.app.hub.subscriber_count() == 0).await;
    drop(unread);
    server.stop().await;
}

#[tokio::test]
async fn one_person_can_have_64_sockets_and_no_more() {
    let server = Server::start().await;
    let (al, bo) = (server.enter("al").await, server.enter("bo").await);
    let mut sockets = Vec::new();
    for _ in 0..64 {
        sockets.push(al.listen().await);
    }
    let Err(refused) = Listener::open(&al).await else { panic!("a 65th socket") };
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    let mut other = bo.listen().await;
    let sent = al.send("bo", "hello").await;
    assert_eq!(other.next_id().await, sent["id"]);
    for socket in &mut sockets {
        assert_eq!(socket.next_id().await, sent["id"]);
    }
    drop(sockets.pop());
    until("the connection is free again", async || Listener::open(&al).await.is_ok()).await;
    server.stop().await;
}

#[tokio::test]
async fn at_the_connection_limit_new_connections_get_503_and_later_ones_are_served() {
    const MAX_CONNECTIONS: usize = 3;
    let server = Server::start_with(|config| config.max_connections = MAX_CONNECTIONS).await;
    let al = server.enter("al").await;
    // A WebSocket counts as a connection for as long as it is open; so does an answered keep-alive connection.
    let socket = al.listen().await;
    let mut kept = Vec::new();
    for _ in 1..MAX_CONNECTIONS {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        ask_health(&mut stream).await.expect("an answer");
        kept.push(stream);
    }
    for _ in 0..20 {
        let mut refused = TcpStream::connect(server.address).await.unwrap();
        let answer = ask_health(&mut refused).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("Retry-After: "), "{answer}");
    }
    server.stranger().get("/healthz").await.expect(503);
    drop((kept, socket));
    let served = async || {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        ask_health(&mut stream).await.is_some_and(|answer| answer.starts_with("HTTP/1.1 200 "))
    };
    until("connections are free again", served).await;
    al.get("/").await.expect(200);
    server.stop().await;
}

/// The beginning of the answer on this connection; `None` if it was closed without one.
async fn ask_health(stream: &mut TcpStream) -> Option<String> {
    // The server may refuse the connection before this is written.
    let _ = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: chat.test\r\n\r\n").await;
    let mut answer = [0; 1024];
    let length = soon("an answer or the end", timeout(Duration::from_secs(10), stream.read(&mut answer))).await;
    match length.expect("an answer in time") {
        Ok(length) if length > 0 => Some(String::from_utf8_lossy(&answer[..length]).into_owned()),
        _ => None,
    }
}
