//! The WebSocket (section 10): who may open it, who receives what, and what clients may send.

use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::{Caller, Listener, Server, Three, join, soon, stored};

/// The status of a refused handshake.
async fn refusal(who: &Caller, path: &str) -> u16 {
    match Listener::open_at(who, path).await {
        Ok(_) => panic!("{path} was opened"),
        Err(answer) => answer.status().as_u16(),
    }
}

#[tokio::test]
async fn only_a_valid_session_opens_a_socket() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let session = bo.cookie.clone().unwrap().replace("sessionid=", "");
    bo.get("/logout/").await.expect(302);
    for path in ["/ws", "/ws?session_key=abc", "/ws?session_key=", "/ws?x"] {
        Listener::open_at(&al, path).await.unwrap();
    }
    let stranger = server.stranger();
    let garbage = Caller { cookie: Some("sessionid=garbage".into()), ..stranger.clone() };
    let key = al.cookie.clone().unwrap().replace("sessionid=", "");
    for (who, path) in [
        (&stranger, "/ws"),
        (&stranger, &format!("/ws?session_key={key}")),
        (&stranger, &format!("/ws?sessionid={key}")),
        (&garbage, "/ws"),
        (&bo, "/ws"),
        (&stranger, &format!("/ws?session_key={session}")),
    ] {
        assert_eq!(refusal(who, path).await, 401, "{path}");
    }
    for (path, status) in [("/ws/", 404), ("/wsx", 404), ("/ws/x", 404), ("/", 200), ("/api/v1/", 200)] {
        assert_eq!(refusal(&al, path).await, status, "{path}");
    }
    assert_eq!(refusal(&stranger, "/").await, 302);
}

#[tokio::test]
async fn the_handshake_accepts_no_subprotocol_and_no_extension() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let asking = al.with("connection", "Upgrade").with("upgrade", "websocket");
    let asking = asking.with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let offering = asking.with("sec-websocket-protocol", "chat").with("sec-websocket-extensions", "permessage-deflate");
    let answer = offering.with("sec-websocket-version", "13").get("/ws").await.expect(101);
    assert_eq!(answer.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "RFC 6455, section 1.3");
    for name in ["sec-websocket-protocol", "sec-websocket-extensions", "set-cookie"] {
        assert_eq!(answer.header(name), "", "{name}");
    }
    let old = asking.with("sec-websocket-version", "8").get("/ws").await.expect(426);
    assert_eq!(old.header("sec-websocket-version"), "13");
    let bad = al.with("connection", "Upgrade").with("upgrade", "websocket").with("sec-websocket-version", "13");
    bad.with("sec-websocket-key", "short").get("/ws").await.expect(400);
    bad.get("/ws").await.expect(400);
    asking.with("sec-websocket-version", "13").ask(hyper::Method::POST, "/ws", None, "".into()).await.expect(405);
}

#[tokio::test]
async fn only_the_sockets_of_both_members_receive_a_message_once() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let mut members = [al.listen().await, al.listen().await, bo.listen().await, bo.listen().await];
    let mut other = cy.listen().await;
    let mut last = 0;
    for (from, to) in [(&al, "bo"), (&bo, "al")] {
        let id = from.send(to, "not in the frame").await["id"].as_i64().unwrap();
        for listener in &mut members {
            assert_eq!(listener.next().await, format!(r#"{{"message": "{id}"}}"#));
        }
        last = id;
    }
    // A second frame, or one for the third person, would arrive before those of the next message.
    let next = al.send("cy", "hello").await["id"].as_i64().unwrap();
    assert_eq!([members[0].next_id().await, members[1].next_id().await, other.next_id().await], [next; 3]);
    let next = bo.send("bo", "note").await["id"].as_i64().unwrap();
    assert_eq!([members[2].next_id().await, members[3].next_id().await], [next; 2]);
    assert!(next > last);
}

#[tokio::test]
async fn a_note_to_oneself_is_one_frame() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let mut tabs = [al.listen().await, al.listen().await];
    for text in ["one", "two"] {
        let id = al.send("al", text).await["id"].clone();
        for tab in &mut tabs {
            assert_eq!(tab.next_id().await, id);
        }
    }
}

#[tokio::test]
async fn reads_edits_and_deletions_send_no_frames() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = al.send("bo", "before anyone listened").await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    for who in [&al, &bo] {
        for path in ["/", "/simpleui/?target=bo", "/api/v1/", "/api/v1/user/", "/api/v1/message/?target=al"] {
            who.get(path).await;
        }
        who.get(&format!("/api/v1/message/{}/", first["id"])).await.expect(200);
    }
    let path = format!("/api/v1/message/{}/", first["id"]);
    al.ask(hyper::Method::PATCH, &path, Some("application/json"), r#"{"body":"x"}"#.into()).await.expect(200);
    al.ask(hyper::Method::DELETE, &path, None, "".into()).await.expect(204);
    // Nothing is replayed either: the first frame is of the first message after connecting.
    let next = bo.send("al", "now").await;
    assert_eq!(own.next_id().await, next["id"]);
    assert_eq!(others.next_id().await, next["id"]);
}

#[tokio::test]
async fn messages_arrive_in_order_and_can_be_read_at_once() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    let sending = async {
        let mut ids = Vec::new();
        for n in 0..20 {
            ids.push(al.send("bo", &n.to_string()).await["id"].as_i64().unwrap());
        }
        ids
    };
    let reading = async {
        let mut ids = Vec::new();
        for n in 0..20 {
            let id = others.next_id().await;
            let found = bo.get(&format!("/api/v1/message/{id}/")).await.expect(200).json();
            assert_eq!(found["body"], n.to_string());
            ids.push(id);
        }
        ids
    };
    let (sent, read) = tokio::join!(sending, reading);
    assert_eq!(read, sent);
    for id in sent {
        assert_eq!(own.next_id().await, id);
    }
}

#[tokio::test]
async fn client_frames_are_ignored() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut talker, mut other) = (al.listen().await, bo.listen().await);
    let before = stored::dump(&server);
    let forged = json!({"message": "1", "recipient": "bo", "body": "forged"}).to_string();
    for message in [
        Message::text(forged),
        Message::text("hello"),
        Message::text(""),
        Message::binary(vec![0, 255, 7]),
        Message::binary(vec![]),
        Message::text("x".repeat(16 * 1024)),
    ] {
        talker.say(message).await;
    }
    talker.say(Message::Ping("are you there?".into())).await;
    let pong = soon("a pong", talker.stream.next()).await.unwrap().unwrap();
    assert_eq!(pong, Message::Pong("are you there?".into()), "the first frame, so none of these had an answer");
    assert_eq!(stored::dump(&server), before);
    let sent = bo.send("al", "still there").await;
    assert_eq!(talker.next_id().await, sent["id"]);
    assert_eq!(other.next_id().await, sent["id"]);
}

#[tokio::test]
async fn too_large_or_too_many_client_frames_close_only_their_own_socket() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut others = [al.listen().await, bo.listen().await];
    let mut large = al.listen().await;
    large.say(Message::text("x".repeat(16 * 1024 + 1))).await;
    assert_eq!(large.end().await.unwrap().code, CloseCode::Size);
    let mut many = al.listen().await;
    for _ in 0..=1_000 {
        many.say(Message::text("x")).await;
    }
    assert_eq!(many.end().await.unwrap().code, CloseCode::Policy);
    let sent = al.send("bo", "hello").await;
    for listener in &mut others {
        assert_eq!(listener.next_id().await, sent["id"]);
    }
}

#[tokio::test]
async fn the_server_pings_and_closes_sockets_that_do_not_answer() {
    let server = Server::start_with(|config| config.timeouts.ping = Duration::from_millis(250)).await;
    let al = join(&server, "al").await;
    let mut listening = al.listen().await;
    for _ in 0..4 {
        // Only a client that reads answers pings; a socket that answers stays open.
        let frame = soon("a ping", listening.stream.next()).await.unwrap().unwrap();
        assert!(frame.is_ping(), "{frame:?}");
    }
    assert_eq!(server.app.hub.subscriber_count(), 1);
    // A client that no longer reads does not answer and is disconnected.
    crate::support::until("the silent socket is closed", async || server.app.hub.subscriber_count() == 0).await;
    assert!(listening.end().await.is_none(), "without a close frame, because nobody reads it");
}
