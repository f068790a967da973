//! The documented protocol: every example is run, and has the shape of the real data on the wire.

use std::collections::{BTreeMap, BTreeSet};

use chinwag::model::{Revision, Username};
use chinwag::store::Item;
use chinwag::wire::Frame;
use futures_util::SinkExt;
use hyper::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{ask, delete, progress, react};
use crate::support::{Caller, Listener, Server, Three};

const DOCUMENT: &str = include_str!("../../../docs/PROTOCOL.md");

/// The code blocks of a part of the document with this language, without the indentation of a list.
fn blocks<'d>(part: &'d str, language: &str) -> Vec<&'d str> {
    part.split(&format!("```{language}\n")).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// The examples of server events, and of client events, by their type.
fn examples() -> [BTreeMap<String, Value>; 2] {
    let (server, client) = DOCUMENT.split_once("## What a client sends").unwrap();
    [server, client].map(|part| {
        let parsed = blocks(part, "json").into_iter().map(|block| serde_json::from_str::<Value>(block).unwrap());
        parsed.map(|example| (example["type"].as_str().unwrap().to_owned(), example)).collect()
    })
}

/// Compares keys and types. A list is compared by its first entry, and null matches anything.
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

/// Collects events by type until all these types have arrived.
async fn take(listener: &mut Listener, kinds: &[&str], into: &mut BTreeMap<String, Value>) {
    let mut open: BTreeSet<_> = kinds.iter().copied().collect();
    while !open.is_empty() {
        let event = listener.next_event().await;
        let kind = event["type"].as_str().unwrap().to_owned();
        open.remove(kind.as_str());
        into.insert(kind, event);
    }
}

/// The event that the server sends for a conversation with too many missed messages.
async fn limited(server: &Server, who: &str) -> Value {
    let store = &server.app.store;
    let me = store.user(&Username::parse(who).unwrap()).await.unwrap().unwrap();
    let newest = store.conversations(me.id, None, 1).await.unwrap().conversations.remove(0);
    let item = Item::Limited { conversation: newest.conversation, first: 1 };
    serde_json::to_value(Frame::of_item(Revision(1), &item)).unwrap()
}

#[tokio::test]
async fn documented_events_match_real_ones() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let first = bo.send("al", "Thirsty.").await;
    let (mut listener, hello) = Listener::live(&bo, "").await;
    let mut other = Listener::live(&al, "").await.0;
    let mut real = BTreeMap::from([("hello".to_owned(), hello), ("limited".to_owned(), limited(&server, "bo").await)]);

    let tea = json!({ "recipient": "bo", "body": "Tea?", "client_id": "5f0e", "reply_to": first["id"] });
    let tea = al.post_json("/api/v1/message/", tea.to_string()).await.expect(201).json();
    react(&bo, &tea, "👍").await.expect(200);
    let [examples, outgoing] = examples();
    let mut outgoing: Vec<Value> = outgoing.into_values().collect();
    outgoing.iter_mut().filter(|frame| frame.get("conversation").is_some()).for_each(|frame| {
        frame["conversation"] = first["conversation"].clone();
    });
    for event in &outgoing {
        listener.stream.send(Message::text(event.to_string())).await.unwrap();
        if event["type"] == "typing" {
            other.stream.send(Message::text(event.to_string())).await.unwrap();
        }
    }
    take(&mut listener, &["message", "position", "presence", "typing", "pong"], &mut real).await;
    assert_eq!(real["position"]["position"], json!({ "user": "bo", "delivered": 2, "read": 2 }));
    progress(&bo, "al", json!({ "unread": true })).await.expect(200);
    take(&mut listener, &["conversation"], &mut real).await;
    delete(&bo, &first, "me").await.expect(204);
    take(&mut listener, &["hidden"], &mut real).await;
    let named = json!({ "display_name": "Al", "about": "Tea first." });
    ask(&al, Method::PATCH, "/api/v1/me/", named).await.expect(200);
    take(&mut listener, &["profile"], &mut real).await;
    ask(&bo, Method::PUT, "/api/v1/block/cy/", json!({})).await.expect(200);
    take(&mut listener, &["me"], &mut real).await;
    take(&mut Listener::live(&bo, "?since=0").await.0, &["synced"], &mut real).await;
    take(&mut Listener::live(&bo, "?since=1000000").await.0, &["resync"], &mut real).await;

    assert!(examples.keys().eq(real.keys()), "{:?} {:?}", examples.keys(), real.keys());
    for (kind, example) in &examples {
        assert!(fits(example, &real[kind]), "{kind}: {example} {}", real[kind]);
    }
}

/// A documented request: its first line, headers, and a JSON body.
struct Request<'d> {
    method: Method,
    path: &'d str,
    headers: Vec<(&'static str, &'d str)>,
    body: &'d str,
}

impl<'d> Request<'d> {
    fn parse(block: &'d str) -> Self {
        let (head, body) = block.find('{').map_or((block, ""), |at| block.split_at(at));
        let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let header = |line: &'d str| match line.split_once(": ").unwrap() {
            ("Chinwag-User", value) => ("chinwag-user", value),
            (other, _) => panic!("{other}"),
        };
        Self { method: method.parse().unwrap(), path, headers: lines.map(header).collect(), body }
    }

    async fn run(&self, who: &Caller) -> u16 {
        let mut who = who.clone();
        who.headers.extend(self.headers.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let body = self.body.to_owned().into();
        who.ask(self.method.clone(), self.path, Some("application/json"), body).await.status.as_u16()
    }
}

#[tokio::test]
async fn documented_requests_work() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let id = al.send("bo", "Thirsty.").await["conversation"].clone();
    let mut count = 0;
    for block in blocks(DOCUMENT, "http") {
        // The first conversation of the document has another id here.
        let block = block.replace("/conversation/1/", &format!("/conversation/{id}/"));
        let block = block.replace("\"conversation\": 1,", &format!("\"conversation\": {id},"));
        let request = Request::parse(&block);
        match request.path.strip_prefix("/ws") {
            Some(query) => drop(Listener::live(&bo, query).await),
            None => {
                let status = request.run(&bo).await;
                assert_eq!(status, if request.method == Method::POST { 201 } else { 200 }, "{block}");
            }
        }
        count += 1;
    }
    assert_eq!(count, DOCUMENT.matches("```http").count());
    assert_eq!(al.range("bo", "").await.json()["messages"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_documented_problem_matches_a_real_one() {
    let server = Server::start().await;
    let bo = Three::join(&server).await.bo;
    let [example] = blocks(DOCUMENT, "problem").try_into().unwrap();
    let mut example: Value = serde_json::from_str(example).unwrap();
    let asking = bo.with("accept", "application/problem+json, application/json");
    let refused = asking.post_json("/api/v1/message/", r#"{"recipient": "al", "body": " "}"#).await.expect(400);
    example["request_id"] = json!(refused.header("x-request-id"));
    assert_eq!(refused.json(), example);
}

#[tokio::test]
async fn every_problem_code_is_documented() {
    let server = Server::start().await;
    let described = server.stranger().get("/api/v1/openapi.json").await.expect(200).json();
    let tables = DOCUMENT.split_once("## Problems").unwrap().1.split_once("| code of a field |").unwrap();
    for (schema, table) in [("ProblemCode", tables.0), ("FieldCode", tables.1)] {
        let codes = described["components"]["schemas"][schema]["enum"].as_array().unwrap();
        let codes: BTreeSet<&str> = codes.iter().map(|code| code.as_str().unwrap()).collect();
        let rows = table.lines().filter(|line| line.starts_with("| `")).map(|row| row.split('|').nth(1).unwrap());
        let written: BTreeSet<&str> = rows.flat_map(|names| names.split('`').skip(1).step_by(2)).collect();
        assert_eq!(written, codes);
    }
}

#[tokio::test]
async fn every_documented_route_exists() {
    let server = Server::start().await;
    let al = server.enter("al").await;
    let described = al.get("/api/v1/openapi.json").await.expect(200).json();
    let rows: Vec<_> = DOCUMENT.lines().filter(|line| line.starts_with("| `") && line.contains("/`")).collect();
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
