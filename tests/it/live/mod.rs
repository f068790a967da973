//! The live protocol: changes of messages, positions, one cursor for all of them, and the socket that sends them.

mod blocks;
mod changes;
mod cursor;
mod destinations;
mod document;
mod frames;
mod limited;
mod lists;
mod long_poll;
mod model;
mod positions;
mod presence;
mod processes;
mod profiles;
mod redis;
mod socket;

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller};

/// The path of a message.
fn path(message: &Value) -> String {
    format!("/api/v1/message/{}/", message["id"])
}

async fn ask(who: &Caller, method: Method, path: &str, body: Value) -> Answer {
    who.ask(method, path, Some("application/json"), body.to_string().into()).await
}

async fn edit(who: &Caller, message: &Value, body: &str) -> Answer {
    ask(who, Method::PATCH, &path(message), json!({ "body": body })).await
}

async fn delete(who: &Caller, message: &Value, whose: &str) -> Answer {
    ask(who, Method::DELETE, &format!("{}?for={whose}", path(message)), json!({})).await
}

async fn react(who: &Caller, message: &Value, emoji: &str) -> Answer {
    ask(who, Method::PUT, &format!("{}reaction/", path(message)), json!({ "emoji": emoji })).await
}

/// Sets the positions of a person in a conversation.
async fn progress(who: &Caller, with: &str, what: Value) -> Answer {
    ask(who, Method::PATCH, &who.conversation_path(with).await, what).await
}

/// All changes for a person after a revision, over all pages.
async fn changes_after(who: &Caller, since: i64, limit: usize) -> Vec<Value> {
    let mut next = format!("/api/v1/sync/?since={since}&limit={limit}");
    let mut all = Vec::new();
    loop {
        let page = who.get(&next).await.expect(200).json();
        all.extend(page["changes"].as_array().unwrap().iter().cloned());
        let Some(link) = page["next"].as_str() else { return all };
        next = link.split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
    }
}

/// A message's current state, as this person's sync has it.
async fn state(who: &Caller, message: &Value) -> Value {
    let all = changes_after(who, 0, 100).await;
    let mut found =
        all.into_iter().filter(|change| change["type"] == "message").map(|mut change| change["message"].take());
    found.rfind(|found| found["id"] == message["id"]).unwrap_or(Value::Null)
}
