//! What a person sees, in a form that can be compared: from the model, from the frames of a screen, or from a new
//! request to the server.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Value, json};

#[derive(Default)]
pub struct Picture {
    /// By id, without times and revisions.
    pub messages: BTreeMap<i64, Value>,
    /// By the other person's name.
    pub conversations: BTreeMap<String, Value>,
    pub blocked: BTreeSet<String>,
}

impl Picture {
    /// Descriptions of all differences from the expected state.
    pub fn differs_from(&self, expected: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        compare("message", &self.messages, &expected.messages, &mut differences);
        compare("conversation with", &self.conversations, &expected.conversations, &mut differences);
        if self.blocked != expected.blocked {
            differences.push(format!("blocked: {:?}, not {:?}", expected.blocked, self.blocked));
        }
        differences
    }
}

fn compare<K: Ord + Display>(
    what: &str,
    got: &BTreeMap<K, Value>,
    expected: &BTreeMap<K, Value>,
    into: &mut Vec<String>,
) {
    let keys: BTreeSet<_> = got.keys().chain(expected.keys()).collect();
    let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
    for key in keys.into_iter().filter(|key| got.get(key) != expected.get(key)) {
        into.push(format!("{what} {key}: {}, not {}", show(expected.get(key)), show(got.get(key))));
    }
}

/// A message without the fields that the model cannot know.
pub fn message(state: &Value) -> Value {
    let mut shown = json!({ "edited": !state["edited_at"].is_null() });
    let kept = ["id", "seq", "user", "recipient", "body", "client_id", "deleted", "forwarded", "reply_to", "reactions"];
    kept.into_iter().for_each(|key| shown[key] = state[key].clone());
    shown
}

/// A conversation without the fields that the model cannot know.
pub fn conversation(state: &Value) -> Value {
    let kept = ["positions", "unread", "marked_unread", "pinned", "archived", "blocked"];
    kept.into_iter().map(|key| (key.to_owned(), state[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

pub fn position(user: &str, delivered: i64, read: i64) -> Value {
    json!({ "user": user, "delivered": delivered, "read": read })
}
