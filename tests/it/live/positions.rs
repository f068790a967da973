//! Delivered and read positions, and unread messages.

use serde_json::{Value, json};

use super::socket::{listen, say, until};
use super::{changes_after, delete, progress};
use crate::support::{self, Server, Three, stored};

#[tokio::test]
async fn positions_only_move_forward_and_no_further_than_the_newest() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    progress(&bo, "al", json!({ "read": 1 })).await.expect(404);
    for n in 0..5 {
        al.send("bo", &n.to_string()).await;
    }
    let of_bo = async |what| progress(&bo, "al", what).await.expect(200).json()["positions"][0].clone();
    let at = |delivered, read| json!({ "user": "bo", "delivered": delivered, "read": read });
    assert_eq!(of_bo(json!({ "delivered": 2 })).await, at(2, 0));
    assert_eq!(of_bo(json!({ "read": 3 })).await, at(3, 3));
    assert_eq!(of_bo(json!({ "read": 1, "delivered": 1 })).await, at(3, 3));
    assert_eq!(of_bo(json!({ "read": -7 })).await, at(3, 3));
    let before = progress(&bo, "al", json!({})).await.expect(200).json()["revision"].clone();
    assert_eq!(progress(&bo, "al", json!({ "read": 3 })).await.json()["revision"], before, "no change, no revision");
    assert_eq!(of_bo(json!({ "read": 9_000_000 })).await, at(5, 5));

    let seen = changes_after(&al, before.as_i64().unwrap(), 100).await;
    assert_eq!(seen.last().unwrap()["conversation"]["positions"][1], at(5, 5));
    assert!(progress(&bo, "al", json!({ "read": "x" })).await.expect(400).json()["read"][0].is_string());
    progress(&cy, "al", json!({ "read": 1 })).await.expect(404);
    progress(&bo, "nobody", json!({ "read": 1 })).await.expect(404);
    progress(&server.stranger(), "al", json!({ "read": 1 })).await.expect(403);
}

#[tokio::test]
async fn unread_counts_incoming_messages_that_still_exist() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut sent = Vec::new();
    for n in 0..6 {
        sent.push(al.send("bo", &n.to_string()).await);
    }
    bo.send("al", "my own").await;
    let unread = async || bo.get("/api/v1/sync/").await.json()["conversations"][0]["unread"].as_i64().unwrap();
    assert_eq!(unread().await, 6);
    delete(&al, &sent[5], "everyone").await.expect(204);
    delete(&bo, &sent[4], "me").await.expect(204);
    assert_eq!(unread().await, 4);
    progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
    assert_eq!(unread().await, 3);

    let marked = async |what| progress(&bo, "al", what).await.expect(200).json()["marked_unread"].clone();
    assert_eq!(marked(json!({ "unread": true })).await, true);
    assert_eq!(marked(json!({ "unread": false })).await, false);
    assert_eq!(marked(json!({ "unread": true })).await, true);
    assert_eq!(marked(json!({ "read": 7 })).await, false, "reading further removes the mark");
    assert_eq!(unread().await, 0);
    assert!(progress(&bo, "al", json!({ "unread": "x" })).await.expect(400).json()["unread"][0].is_string());
    assert_eq!(al.get("/api/v1/sync/").await.json()["conversations"][0]["marked_unread"], false);
}

#[tokio::test]
async fn notes_to_oneself_have_one_position() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    al.send("al", "milk").await;
    let noted = progress(&al, "al", json!({ "read": 1 })).await.expect(200).json();
    assert_eq!(noted["positions"], json!([{ "user": "al", "delivered": 1, "read": 1 }]));
    assert_eq!((&noted["with"], &noted["unread"]), (&json!("al"), &json!(0)));
}

#[tokio::test]
async fn positions_sent_while_the_store_is_busy_become_one_update() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    for n in 0..20 {
        al.send("bo", &n.to_string()).await;
    }
    let conversation = bo.conversation_id("al").await;
    let (mut of_bo, hello) = listen(&bo).await;
    let held = stored::hold(&server).await;
    for n in 0..600 {
        let kind = if n % 2 == 0 { "delivered" } else { "read" };
        say(&mut of_bo, json!({ "type": "ack", "conversation": conversation, kind: n % 20 + 1 })).await;
    }
    say(&mut of_bo, json!({ "type": "ping" })).await;
    until(&mut of_bo, "pong").await;
    drop(held);
    let at = |delivered, read| json!({ "user": "bo", "delivered": delivered, "read": read });
    let mut frames: Vec<Value> = Vec::new();
    while frames.last().is_none_or(|frame| frame["position"] != at(20, 20)) {
        frames.extend(until(&mut of_bo, "position").await);
    }
    assert!(frames.len() <= 2, "{frames:?}");
    let now = bo.get("/api/v1/sync/").await.expect(200).json()["revision"].as_i64().unwrap();
    assert_eq!(now - hello["revision"].as_i64().unwrap(), frames.len() as i64);
}

#[tokio::test]
async fn positions_are_stored_even_if_the_client_disconnects_at_once() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    for n in 0..3 {
        al.send("bo", &n.to_string()).await;
    }
    let conversation = bo.conversation_id("al").await;
    let (mut of_bo, _) = listen(&bo).await;
    // More conversations than the queue takes, most of which do not exist.
    for n in 0..100 {
        say(&mut of_bo, json!({ "type": "ack", "conversation": conversation + 1 + n, "read": 1 })).await;
    }
    for seq in 1..=3 {
        say(&mut of_bo, json!({ "type": "ack", "conversation": conversation, "read": seq })).await;
    }
    drop(of_bo);
    let read = || stored::column::<i64>(&server, "SELECT max(read_seq) FROM members") == [3];
    support::until("the position is stored", async || read()).await;
}
