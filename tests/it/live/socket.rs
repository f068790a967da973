//! The socket of the live protocol: typed events in the order of commits, and catching up over it.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{changes_after, delete, edit, path, progress, react};
use crate::support::{Caller, Listener, Server, Three};

const OFFER: &str = "sec-websocket-protocol";

pub(super) async fn listen(who: &Caller) -> (Listener, Value) {
    let mut listener = who.with(OFFER, "chinwag.v1").listen().await;
    let hello = next(&mut listener).await;
    (listener, hello)
}

pub(super) async fn next(listener: &mut Listener) -> Value {
    serde_json::from_str(&listener.next().await).unwrap()
}

pub(super) async fn say(listener: &mut Listener, what: Value) {
    listener.stream.send(Message::text(what.to_string())).await.unwrap();
}

/// Frames up to and with the one of this type.
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
async fn every_change_is_told_to_its_people_in_order() {
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
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(next(&mut of_al).await);
    }
    assert_eq!(kinds(&told), ["message", "message", "message", "position", "message", "message"]);
    assert!(told.iter().map(|frame| frame["revision"].as_i64().unwrap()).is_sorted());
    assert_eq!(told[0]["message"]["body"], "hello");
    assert_eq!(told[1]["message"]["body"], "hullo");
    assert_eq!(told[2]["message"]["reactions"], json!([{ "user": "bo", "emoji": "👍" }]));
    assert_eq!(told[3]["position"], json!({ "user": "bo", "delivered": 1, "read": 1 }));
    assert_eq!((&told[4]["message"]["deleted"], &told[4]["message"]["body"]), (&json!(true), &json!("")));
    let mut told = Vec::new();
    for _ in 0..7 {
        told.push(next(&mut of_bo).await);
    }
    // Of what one has deleted for oneself one hears no more.
    let expected = ["message", "message", "message", "position", "conversation", "hidden", "message"];
    assert_eq!(kinds(&told), expected);
    assert_eq!(told[4]["conversation"]["marked_unread"], true);
    assert_eq!(told[5]["message"], sent["id"]);

    // The original's frames are for new messages alone, and strangers hear nothing.
    assert_eq!(original.next_id().await, sent["id"]);
    assert_eq!(original.next_id().await, last["id"]);
    let own = cy.send("cy", "note").await;
    assert_eq!(next(&mut of_cy).await["message"]["id"], own["id"]);
}

#[tokio::test]
async fn the_live_protocol_is_spoken_where_it_is_offered() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut listening, _) = {
        let mut listener = al.with(OFFER, "graphql-ws, chinwag.v1 ,x").listen().await;
        let hello = next(&mut listener).await;
        (listener, hello)
    };
    for passed_over in ["", "{", "[]", "null", r#"{"type":"dance"}"#, r#"{"type":"read","with":7}"#, r#"{"since":1}"#] {
        listening.stream.send(Message::text(passed_over)).await.unwrap();
    }
    listening.stream.send(Message::binary(vec![0xff; 100])).await.unwrap();
    let sent = bo.send("al", "still there?").await;
    assert_eq!(next(&mut listening).await["message"]["id"], sent["id"]);
}

#[tokio::test]
async fn resuming_tells_exactly_what_was_missed() {
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

    let (mut back, _) = listen(&bo).await;
    say(&mut back, json!({ "type": "resume", "since": since })).await;
    let mut frames = until(&mut back, "synced").await;
    let synced = frames.pop().unwrap();
    assert_eq!(Value::from(frames), Value::from(changes_after(&bo, since, 100).await));
    assert_eq!(synced["revision"], bo.get("/api/v1/sync/").await.json()["revision"]);
    let live = al.send("bo", "live").await;
    assert_eq!(next(&mut back).await["message"]["id"], live["id"]);

    say(&mut back, json!({ "type": "resume", "since": 999_999 })).await;
    assert_eq!(next(&mut back).await["type"], "resync");
}

#[tokio::test]
async fn what_a_client_says_it_has_seen_is_taken_down() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut of_al, _) = listen(&al).await;
    let (mut of_bo, _) = listen(&bo).await;
    al.send("bo", "hello").await;
    let received = next(&mut of_bo).await["message"]["seq"].clone();
    say(&mut of_bo, json!({ "type": "delivered", "with": "al", "seq": received })).await;
    say(&mut of_bo, json!({ "type": "read", "with": "al", "seq": received })).await;
    next(&mut of_al).await;
    assert_eq!(next(&mut of_al).await["position"], json!({ "user": "bo", "delivered": 1, "read": 0 }));
    assert_eq!(next(&mut of_al).await["position"], json!({ "user": "bo", "delivered": 1, "read": 1 }));
    say(&mut of_bo, json!({ "type": "read", "with": "nobody", "seq": 1 })).await;
    assert_eq!(next(&mut of_bo).await["type"], "position");
}

#[tokio::test]
async fn a_client_that_does_not_keep_up_misses_nothing() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut of_bo, hello) = listen(&bo).await;
    // Far more than the server keeps for a socket, and more than the connection holds.
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
    assert!(hello["revision"].as_i64() < last["id"].as_i64());
    al.get(&path(&last)).await.expect(200);
}
