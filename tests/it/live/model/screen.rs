//! A screen: a client that keeps what frames tell, and knows nothing else.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::picture::{self, Picture, position};
use crate::support::{Caller, Listener};

/// What a client keeps, from frames alone.
#[derive(Default)]
pub struct Kept {
    /// Up to where it has everything, and of which history.
    revision: i64,
    epoch: Option<String>,
    messages: BTreeMap<i64, Value>,
    conversations: BTreeMap<i64, Conversation>,
    blocked: BTreeSet<String>,
}

#[derive(Default)]
struct Conversation {
    with: String,
    /// Delivered and read, by user name.
    positions: BTreeMap<String, (i64, i64)>,
    /// As last told.
    state: Value,
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

impl Kept {
    pub fn apply(&mut self, me: &str, frame: &Value) {
        match frame["type"].as_str().unwrap() {
            "message" => self.take_message(me, &frame["message"]),
            "hidden" => drop(self.messages.remove(&number(&frame["message"]))),
            "position" => {
                self.conversations.entry(number(&frame["conversation"])).or_default().take(&frame["position"]);
            }
            "conversation" => {
                let state = &frame["conversation"];
                let kept = self.conversations.entry(number(&state["id"])).or_default();
                kept.with = text(&state["with"]);
                state["positions"].as_array().unwrap().iter().for_each(|position| kept.take(position));
                kept.state = state.clone();
            }
            "me" => self.blocked = frame["me"]["blocked"].as_array().unwrap().iter().map(text).collect(),
            other => panic!("{other}"),
        }
        self.revision = self.revision.max(number(&frame["revision"]));
    }

    fn take_message(&mut self, me: &str, message: &Value) {
        let conversation = self.conversations.entry(number(&message["conversation"])).or_default();
        conversation.with = text(&message[if message["user"] == me { "recipient" } else { "user" }]);
        let newer = |kept: &Value| number(&kept["revision"]) <= number(&message["revision"]);
        if self.messages.get(&number(&message["id"])).is_none_or(newer) {
            self.messages.insert(number(&message["id"]), message.clone());
        }
    }

    pub fn picture(&self, me: &str) -> Picture {
        let shown = |(id, conversation): (&i64, &Conversation)| (conversation.with.clone(), self.conversation(me, *id));
        Picture {
            messages: self.messages.iter().map(|(id, message)| (*id, picture::message(message))).collect(),
            conversations: self.conversations.iter().map(shown).collect(),
            blocked: self.blocked.clone(),
        }
    }

    fn conversation(&self, me: &str, id: i64) -> Value {
        let kept = &self.conversations[&id];
        let at = |name: &str| kept.positions.get(name).copied().unwrap_or_default();
        let people = if kept.with == me { vec![me] } else { vec![me, &kept.with] };
        let positions: Vec<_> = people.into_iter().map(|name| position(name, at(name).0, at(name).1)).collect();
        let unread = |message: &&Value| {
            message["conversation"] == id
                && message["user"] != me
                && message["deleted"] == false
                && number(&message["seq"]) > at(me).1
        };
        let flag = |name: &str| kept.state[name] == true;
        json!({
            "positions": positions, "unread": self.messages.values().filter(unread).count(),
            "marked_unread": flag("marked_unread"), "pinned": flag("pinned"), "archived": flag("archived"),
            "blocked": flag("blocked"),
        })
    }
}

impl Conversation {
    fn take(&mut self, position: &Value) {
        let kept = self.positions.entry(text(&position["user"])).or_default();
        kept.0 = kept.0.max(number(&position["delivered"]));
        kept.1 = kept.1.max(number(&position["read"]));
    }
}

#[derive(Default)]
pub struct Screen {
    kept: Kept,
    listener: Option<Listener>,
}

impl Screen {
    pub fn disconnect(&mut self) {
        self.listener = None;
    }

    /// Reconnects where it must, asks for what it missed, takes in everything up to now, and shows it.
    pub async fn look(&mut self, who: &Caller) -> Picture {
        if self.listener.is_none() {
            let mut listener = who.with("sec-websocket-protocol", "chinwag.v1").listen().await;
            let hello = listener.next().await;
            assert!(hello.contains("\"hello\""), "{hello}");
            self.listener = Some(listener);
        }
        let listener = self.listener.as_mut().unwrap();
        let resume = json!({ "type": "resume", "since": self.kept.revision, "epoch": self.kept.epoch }).to_string();
        listener.stream.send(Message::text(resume)).await.unwrap();
        loop {
            let frame: Value = serde_json::from_str(&listener.next().await).unwrap();
            if frame["type"] == "synced" {
                self.kept.revision = number(&frame["revision"]);
                self.kept.epoch = Some(text(&frame["epoch"]));
                return self.kept.picture(&who.name);
            }
            self.kept.apply(&who.name, &frame);
        }
    }
}
