//! A screen: a client that keeps the content of frames, and knows nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::changes_after;
use super::picture::{self, Picture, position};
use crate::support::{Caller, Listener};

/// The state of a client, from frames alone.
#[derive(Default)]
pub struct Kept {
    /// The revision up to which it has everything, and the epoch of that revision.
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
    /// As in the last event.
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
        // A new message that has changed since comes once, at the revision of its creation; everything up to its change
        // is in the same frame.
        let changed = frame["message"]["revision"].as_i64().unwrap_or(0);
        self.revision = self.revision.max(number(&frame["revision"])).max(changed);
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

    /// Receives everything up to now, over a new connection if it has none, and returns what it shows.
    pub async fn look(&mut self, who: &Caller) -> Picture {
        match &mut self.listener {
            Some(listener) => {
                // Every change in the sync has come as an event, or will. A message that was changed later has its
                // event at the revision of its creation.
                let changes = changes_after(who, self.kept.revision, 100).await;
                let states = changes.iter().flat_map(|change| [&change["revision"], &change["message"]["revision"]]);
                let due = states.filter_map(Value::as_i64).max().unwrap_or(0);
                while self.kept.revision < due {
                    // What has the same revision is in one frame: a new conversation and its first message.
                    for event in listener.next_frame().await {
                        self.kept.apply(&who.name, &event);
                    }
                }
            }
            None => {
                let epoch = self.kept.epoch.as_ref().map(|epoch| format!("&epoch={epoch}")).unwrap_or_default();
                let (listener, _) = Listener::live(who, &format!("?since={}{epoch}", self.kept.revision)).await;
                self.listener = Some(listener);
                self.catch_up(who).await;
            }
        }
        self.kept.picture(&who.name)
    }

    async fn catch_up(&mut self, who: &Caller) {
        loop {
            let event = self.listener.as_mut().unwrap().next_event().await;
            if event["type"] == "synced" {
                self.kept.revision = number(&event["revision"]);
                self.kept.epoch = Some(text(&event["epoch"]));
                return;
            }
            self.kept.apply(&who.name, &event);
        }
    }
}
