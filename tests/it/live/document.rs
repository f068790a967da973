//! The protocol as it is written down: every example has the shape of what really goes over the wire.

use std::collections::BTreeMap;

use futures_util::SinkExt;
use hyper::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{ask, delete, progress, react};
use crate::support::{Server, Three};

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

/// The examples of what the server says, and of what clients say, by their type.
fn examples() -> [BTreeMap<String, Value>; 2] {
    let (server, client) = DOCUMENT.split_once("## What a client says").unwrap();
    [server, client].map(examples_in)
}

fn examples_in(part: &str) -> BTreeMap<String, Value> {
    let blocks = part.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let parsed = blocks.map(|block| serde_json::from_str::<Value>(block).unwrap());
    parsed.map(|example| (example["type"].as_str().unwrap().to_owned(), example)).collect()
}

/// A value's keys and kinds. A list counts by its first entry, and nothing fits anything.
fn fits(example: &Value, real: &Value) -> bool {
    match (example, real) {
        (Value::Null, _) | (_, Value::Null) => true,
        (Value::Object(example), Value::Object(real)) => {
            example.keys().eq(real.keys()) && example.iter().all(|(key, value)| fits(value, &real[key]))
        }
        (Value::Array(example), Value::Array(real)) => match (example.first(), real.first()) {
            (Some(example), Some(real)) => fits(example, real),
            _ => true,
        },
        _ => std::mem::discriminant(example) == std::mem::discriminant(real),
    }
}

#[tokio::test]
async fn every_example_is_as_it_really_is() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = bo.send("al", "Thirsty.").await;
    let mut listener = bo.with("sec-websocket-protocol", "chinwag.v1").listen().await;
    let mut real: BTreeMap<String, Value> = BTreeMap::new();

    let tea = json!({ "recipient": "bo", "body": "Tea?", "client_id": "5f0e", "reply_to": first["id"] });
    let tea = al.post_json("/api/v1/message/", tea.to_string()).await.expect(201).json();
    react(&bo, &tea, "👍").await.expect(200);
    let [examples, mut said] = examples();
    let mut future = said.remove("resume").unwrap();
    future["since"] = json!(1_000_000);
    let mut other = al.with("sec-websocket-protocol", "chinwag.v1").listen().await;
    for said in said.into_values().chain([future]) {
        listener.stream.send(Message::text(said.to_string())).await.unwrap();
    }
    other.stream.send(Message::text(json!({ "type": "typing", "with": "bo" }).to_string())).await.unwrap();
    // They come in any order, and the last position tells that all that was said of positions was taken.
    let is_last = |frame: Option<&Value>| frame.is_some_and(|frame| frame["position"]["read"] == 2);
    while !is_last(real.get("position"))
        || !["resync", "typing", "presence"].iter().all(|kind| real.contains_key(*kind))
    {
        let frame: Value = serde_json::from_str(&listener.next().await).unwrap();
        real.insert(frame["type"].as_str().unwrap().to_owned(), frame);
    }
    assert_eq!(real["position"]["position"], json!({ "user": "bo", "delivered": 2, "read": 2 }));
    let mut take = async |kind: &str| {
        loop {
            let frame: Value = serde_json::from_str(&listener.next().await).unwrap();
            let found = frame["type"] == kind;
            real.insert(frame["type"].as_str().unwrap().to_owned(), frame);
            if found {
                return;
            }
        }
    };
    progress(&bo, "al", json!({ "unread": true })).await.expect(200);
    take("conversation").await;
    delete(&bo, &first, "me").await.expect(204);
    take("hidden").await;
    let named = json!({ "display_name": "Al", "about": "Tea first." });
    ask(&al, Method::PATCH, "/api/v1/me/", named).await.expect(200);
    take("profile").await;
    let mut again = bo.with("sec-websocket-protocol", "chinwag.v1").listen().await;
    again.stream.send(Message::text(json!({ "type": "resume", "since": 0 }).to_string())).await.unwrap();
    loop {
        let frame: Value = serde_json::from_str(&again.next().await).unwrap();
        let done = frame["type"] == "synced";
        real.insert(frame["type"].as_str().unwrap().to_owned(), frame);
        if done {
            break;
        }
    }

    assert!(examples.keys().eq(real.keys()), "{:?} {:?}", examples.keys(), real.keys());
    for (kind, example) in &examples {
        assert!(fits(example, &real[kind]), "{kind}: {example} {}", real[kind]);
    }
}

#[tokio::test]
async fn every_route_that_is_named_is_there() {
    let server = Server::start().await;
    let al = server.enter("al").await;
    let described = al.get("/api/v1/openapi.json").await.expect(200).json();
    let rows: Vec<_> = DOCUMENT.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(!rows.is_empty());
    for row in rows {
        let named: Vec<_> = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        let (last, methods) = named.split_last().unwrap();
        let (method, path) = last.split_once(' ').unwrap();
        for method in methods.iter().chain([&method]) {
            let described = &described["paths"][format!("/api/v1/{path}")][method.to_lowercase()];
            assert!(described.is_object(), "{method} {path}");
        }
    }
}
