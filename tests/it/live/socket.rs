//! The socket of the live protocol: typed events in the order of commits, and catching up over it.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{changes_after, delete, edit, path, progress, react};
use crate::support::listener::LIVE;
use crate::support::{Caller, Listener, Server, Three};

pub(super) async fn listen(who: &Caller) -> (Listener, Value) {
    Listener::live(who, "").await
}

pub(super) async fn next(listener: &mut Listener) -> Value {
    listener.next_event().await
}

pub(super) async fn say(listener: &mut Listener, what: Value) {
    listener.stream.send(Message::text(what.to_string())).await.unwrap();
}

/// Frames up to and including the first of this type.
pub(super) async fn until(listener: &mut Listener, kind: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    loop {
        frames.push(next(listener).await);
        if frames.last().unwrap()["type"] == kind {
            return frames;
        }
    }
}

#[tokio::test]
async fn every_change_is_sent_to_its_members_in_order() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let (mut of_al, hello) = listen(&al).await;
    assert_eq!((&hello["type"], &hello["user"]), (&json!("hello"), &json!("al")));
    let (mut of_bo, _) = listen(&bo).await;
    let (mut of_cy, _) = listen(&cy).await;
    let mut original = bo.listen().await;

    let sent = al.send("bo", "hello").await;
    edit(&al, &sent, "hullo").await.expect(200);
    react(&bo, &sent, "👍").await.expect(200);
    progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
    progress(&bo, "al", json!({ "unread": true })).await.expect(200);
    delete(&bo, &sent, "me").await.expect(204);
    delete(&al, &sent, "everyone").await.expect(204);
    let last = al.send("bo", "bye").await;

    let kinds =
        |frames: &[Value]| frames.iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    let mut frames = Vec::new();
    for _ in 0..6 {
        frames.push(next(&mut of_al).await);
    }
    assert_eq!(kinds(&frames), ["message", "message", "message", "position", "message", "message"]);
    assert!(frames.iter().map(|frame| frame["revision"].as_i64().unwrap()).is_sorted());
    assert_eq!(frames[0]["message"]["body"], "hello");
    assert_eq!(frames[1]["message"]["body"], "hullo");
    assert_eq!(frames[2]["message"]["reactions"], json!([{ "user": "bo", "emoji": "👍" }]));
    assert_eq!(frames[3]["position"], json!({ "user": "bo", "delivered": 1, "read": 1 }));
    assert_eq!((&frames[4]["message"]["deleted"], &frames[4]["message"]["body"]), (&json!(true), &json!("")));
    let mut frames = Vec::new();
    for _ in 0..7 {
        frames.push(next(&mut of_bo).await);
    }
    // There are no further events for a message that the person has deleted for themselves.
    let expected = ["message", "message", "message", "position", "conversation", "hidden", "message"];
    assert_eq!(kinds(&frames), expected);
    assert_eq!(frames[4]["conversation"]["marked_unread"], true);
    assert_eq!(frames[5]["message"], sent["id"]);

    // The original's frames are for new messages only, and strangers receive nothing.
    assert_eq!(original.next_id().await, sent["id"]);
    assert_eq!(original.next_id().await, last["id"]);
    let own = cy.send("cy", "note").await;
    assert_eq!(next(&mut of_cy).await["message"]["id"], own["id"]);
}

#[tokio::test]
async fn the_live_protocol_is_used_when_offered() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut listening, _) = {
        let mut listener = al.with(LIVE.0, "graphql-ws, chinwag.v1 ,x").listen().await;
        let hello = next(&mut listener).await;
        (listener, hello)
    };
    for passed_over in [
        "",
        "{",
        "[]",
        "null",
        r#"{"type":"dance"}"#,
        r#"{"type":"ack","conversation":"x"}"#,
        r#"{"type":"resume","since":0}"#,
        r#"{"since":1}"#,
    ] {
        listening.stream.send(Message::text(passed_over)).await.unwrap();
    }
    listening.stream.send(Message::binary(vec![0xff; 100])).await.unwrap();
    let sent = bo.send("al", "still there?").await;
    assert_eq!(next(&mut listening).await["message"]["id"], sent["id"]);
}

#[tokio::test]
async fn resuming_sends_exactly_the_missed_changes() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = al.send("bo", "before").await;
    let (gone, hello) = listen(&bo).await;
    let since = hello["revision"].as_i64().unwrap();
    drop(gone);
    for n in 0..250 {
        al.send("bo", &n.to_string()).await;
    }
    edit(&al, &first, "after").await.expect(200);

    let (mut back, _) = Listener::live(&bo, &format!("?since={since}")).await;
    let mut frames = until(&mut back, "synced").await;
    let synced = frames.pop().unwrap();
    assert_eq!(Value::from(frames), Value::from(changes_after(&bo, since, 100).await));
    assert_eq!(synced["revision"], bo.get("/api/v1/sync/").await.json()["revision"]);
    let live = al.send("bo", "live").await;
    assert_eq!(next(&mut back).await["message"]["id"], live["id"]);

    let (mut lost, hello) = Listener::live(&bo, "?since=999999").await;
    let resync = json!({ "type": "resync", "revision": hello["revision"], "epoch": hello["epoch"] });
    assert_eq!(next(&mut lost).await, resync);
    let live = al.send("bo", "still live").await;
    assert_eq!(next(&mut lost).await["message"]["id"], live["id"]);
}

#[tokio::test]
async fn positions_sent_by_a_client_are_stored_and_published() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut of_al, _) = listen(&al).await;
    let (mut of_bo, _) = listen(&bo).await;
    al.send("bo", "hello").await;
    let message = next(&mut of_bo).await["message"].clone();
    let (conversation, seq) = (&message["conversation"], &message["seq"]);
    next(&mut of_al).await;
    say(&mut of_bo, json!({ "type": "ack", "conversation": conversation, "delivered": seq })).await;
    assert_eq!(next(&mut of_al).await["position"], json!({ "user": "bo", "delivered": 1, "read": 0 }));
    say(&mut of_bo, json!({ "type": "ack", "conversation": conversation, "read": seq })).await;
    assert_eq!(next(&mut of_al).await["position"], json!({ "user": "bo", "delivered": 1, "read": 1 }));
    for of_nobody in [0, -1, 999_999, i64::MAX] {
        say(&mut of_bo, json!({ "type": "ack", "conversation": of_nobody, "read": 1 })).await;
    }
    for _ in 0..2 {
        assert_eq!(next(&mut of_bo).await["type"], "position");
    }
    // Both positions together are one change, and so one event.
    al.send("bo", "again").await;
    let message = until(&mut of_bo, "message").await.remove(0);
    say(&mut of_bo, json!({ "type": "ack", "conversation": conversation, "delivered": 2, "read": 2 })).await;
    let event = next(&mut of_bo).await;
    assert_eq!(event["position"], json!({ "user": "bo", "delivered": 2, "read": 2 }));
    assert_eq!(event["revision"].as_i64(), message["revision"].as_i64().map(|revision| revision + 1));
}

#[tokio::test]
async fn a_slow_client_misses_nothing() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut of_bo, _) = listen(&bo).await;
    // Far more than the server queues for a socket, and more than the connection buffers.
    let body = "x".repeat(60_000);
    let mut last = Value::Null;
    for _ in 0..200 {
        last = al.send("bo", &body).await;
    }
    let mut seqs = Vec::new();
    while seqs.len() < 200 {
        let frame = next(&mut of_bo).await;
        if frame["type"] == "message" {
            seqs.push(frame["message"]["seq"].as_i64().unwrap());
        }
    }
    assert_eq!(seqs, (1..=200).collect::<Vec<_>>());
    al.get(&path(&last)).await.expect(200);
}
