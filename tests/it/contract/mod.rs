//! The wire contract of the Django application that this server replaces: what its clients rely on, in detail, with and
//! without a login, for members and for other people.

mod login;
mod messages_read;
mod messages_send;
mod methods;
mod pages;
mod signup;
mod socket;
mod users;

use serde_json::Value;

use crate::support::Answer;

/// Whether the page shows an error for this field of its form.
fn complains_about(page: &Answer, field: &str) -> bool {
    page.text().contains(&format!("id=\"{field}-error\""))
}

/// The one sentence of a refusal; its wording is not checked.
#[track_caller]
fn detail(answer: &Answer) -> String {
    assert_eq!(answer.header("content-type"), "application/json");
    let json = answer.json();
    assert_eq!(json.as_object().map(serde_json::Map::len), Some(1), "{json}");
    let sentence = json["detail"].as_str().unwrap_or_default().to_owned();
    assert!(!sentence.is_empty(), "{json}");
    sentence
}

/// The five fields that the original returns for a message, out of all that a send returns.
fn original(sent: &Value) -> Value {
    let kept = ["id", "user", "recipient", "timestamp", "body"];
    kept.into_iter().map(|key| (key.to_owned(), sent[key].clone())).collect::<serde_json::Map<_, _>>().into()
}

/// The keys of a JSON object, in the order of the alphabet.
fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
