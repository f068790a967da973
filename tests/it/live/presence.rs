//! Who is there and who is typing: told to those alone who may know, and kept nowhere but for the time of leaving.

use std::time::Duration;

use chinwag::model::{Event, Username};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::socket::{listen, say, until};
use crate::support::database::numbers;
use crate::support::{self, Caller, Listener, Server, Three};

async fn active(listener: &mut Listener, active: bool) {
    say(listener, json!({ "type": "active", "active": active })).await;
    settled(listener).await;
}

/// What was said before is done once a ping is answered.
async fn settled(listener: &mut Listener) {
    say(listener, json!({ "type": "ping" })).await;
    until(listener, "pong").await;
}

/// Watches these people. The last is one whose presence may be seen, so that its frame ends those that were due.
async fn watch(listener: &mut Listener, people: &[&str]) -> Vec<Value> {
    say(listener, json!({ "type": "watch", "people": people })).await;
    let mut frames = Vec::new();
    while frames.last().is_none_or(|frame: &Value| frame["user"] != people[people.len() - 1]) {
        frames.extend(until(listener, "presence").await);
    }
    frames
}

fn presence(user: &str, online: bool, last_seen: &Value) -> Value {
    json!({ "type": "presence", "user": user, "online": online, "last_seen": last_seen })
}

fn typing(conversation: i64, user: &str) -> Value {
    json!({ "type": "typing", "conversation": conversation, "user": user })
}

/// Says that one is typing in the conversation with someone.
async fn type_to(who: &Caller, listener: &mut Listener, with: &str) {
    let conversation = who.conversation_id(with).await;
    say(listener, json!({ "type": "typing", "conversation": conversation })).await;
}

/// Lets a person hide something, or not, and those see it who look at them.
async fn hide(server: &Server, who: &Caller, what: &str, hides: bool) {
    change(server, &format!("UPDATE users SET {what} = {hides} WHERE username = '{}'", who.name));
    let id = server.app.store.user(&Username::parse(&who.name).unwrap()).await.unwrap().unwrap().id;
    let account = server.app.store.account(id).await.unwrap().unwrap();
    server.app.presence.consider(&Event::AccountChanged(account));
}

fn change(server: &Server, sql: &str) {
    assert_eq!(Connection::open(server.database()).unwrap().execute(sql, []).unwrap(), 1);
}

#[tokio::test]
async fn only_those_who_share_a_conversation_learn_who_is_there() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    bo.send("al", "hello").await;
    cy.send("bo", "hello").await;
    let ((mut of_al, _), (mut of_bo, _), (mut of_cy, _)) = (listen(&al).await, listen(&bo).await, listen(&cy).await);
    let unseen = |user| presence(user, false, &Value::Null);
    assert_eq!(watch(&mut of_bo, &["bo", "nobody", "al"]).await, [unseen("al")]);
    assert_eq!(watch(&mut of_cy, &["al", "nobody", "bo"]).await, [unseen("bo")]);
    active(&mut of_al, true).await;
    assert_eq!(until(&mut of_bo, "presence").await, [presence("al", true, &Value::Null)]);
    // A first message makes acquaintances: nothing has been told before it.
    al.send("cy", "hello").await;
    // That may be told before the message or after it, which says the same.
    let mut told = until(&mut of_cy, "message").await;
    if told.len() == 1 {
        told.extend(until(&mut of_cy, "presence").await);
    }
    assert!(told.len() == 2 && told.contains(&presence("al", true, &Value::Null)), "{told:?}");
    // Whom one no longer watches one hears no more of.
    watch(&mut of_bo, &["cy"]).await;
    drop(of_al);
    until(&mut of_cy, "presence").await;
    assert_eq!(watch(&mut of_bo, &["cy"]).await, [unseen("cy")]);
}

#[tokio::test]
async fn one_is_there_while_any_page_is_looked_at_and_was_last_seen_at_the_end() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let ((mut first, _), (mut second, _), (mut of_bo, _)) = (listen(&al).await, listen(&al).await, listen(&bo).await);
    watch(&mut of_bo, &["al"]).await;
    active(&mut first, true).await;
    active(&mut second, true).await;
    assert_eq!(until(&mut of_bo, "presence").await, [presence("al", true, &Value::Null)]);
    active(&mut first, false).await;
    drop(second);
    let left = until(&mut of_bo, "presence").await.remove(0);
    let last_seen = left["last_seen"].clone();
    assert!(last_seen.is_string());
    assert_eq!(left, presence("al", false, &last_seen));

    // It outlives the program.
    let server = server.restart().await;
    let (mut again, _) = listen(&Caller { address: server.address, ..bo }).await;
    assert_eq!(watch(&mut again, &["al"]).await, [presence("al", false, &last_seen)]);
}

#[tokio::test]
async fn when_people_were_last_seen_is_written_down_now_and_then() {
    let server = Server::start_with(|config| config.timeouts.last_seen = Duration::from_millis(50)).await;
    let Three { al, .. } = Three::join(&server).await;
    let (mut of_al, _) = listen(&al).await;
    active(&mut of_al, true).await;
    active(&mut of_al, false).await;
    let seen = || numbers(&server.database(), "SELECT count(*) FROM users WHERE last_seen_at IS NOT NULL")[0] == 1;
    support::until("it is written down", async || seen()).await;
    // Nothing is told of that as a change.
    assert_eq!(al.get("/api/v1/sync/?since=0").await.expect(200).json()["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_hides_being_there_sees_of_others_as_little() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    for (one, other) in [(&al, "bo"), (&bo, "cy"), (&cy, "al")] {
        one.send(other, "hello").await;
    }
    let ((mut of_al, _), (mut of_bo, _), (mut of_cy, _)) = (listen(&al).await, listen(&bo).await, listen(&cy).await);
    active(&mut of_al, true).await;
    active(&mut of_bo, true).await;
    watch(&mut of_bo, &["al"]).await;
    assert_eq!(watch(&mut of_al, &["bo"]).await, [presence("bo", true, &Value::Null)]);

    hide(&server, &al, "hides_presence", true).await;
    // One last word that shows nothing, both ways, and no more.
    assert_eq!(until(&mut of_bo, "presence").await, [presence("al", false, &Value::Null)]);
    assert_eq!(until(&mut of_al, "presence").await.last().unwrap(), &presence("bo", false, &Value::Null));
    active(&mut of_al, false).await;
    active(&mut of_al, true).await;
    let unseen = presence("cy", false, &Value::Null);
    assert_eq!(watch(&mut of_bo, &["al", "cy"]).await, [unseen]);
    assert_eq!(watch(&mut of_cy, &["al", "bo"]).await, [presence("bo", true, &Value::Null)]);

    hide(&server, &al, "hides_presence", false).await;
    assert_eq!(until(&mut of_bo, "presence").await, [presence("al", true, &Value::Null)]);
}

#[tokio::test]
async fn typing_is_passed_on_to_all_screens_once_in_a_while() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    bo.send("al", "hello").await;
    bo.send("cy", "hello").await;
    let ((mut of_al, _), (mut first, _), (mut second, _)) = (listen(&al).await, listen(&bo).await, listen(&bo).await);
    let (mut of_cy, _) = listen(&cy).await;
    let conversation = al.conversation_id("bo").await;
    let of_others = bo.conversation_id("cy").await;
    for _ in 0..3 {
        for conversation in [conversation, of_others, 0, -1, 999_999] {
            say(&mut of_al, json!({ "type": "typing", "conversation": conversation })).await;
        }
    }
    settled(&mut of_al).await;
    for listener in [&mut first, &mut second] {
        assert_eq!(watch(listener, &["al"]).await, [typing(conversation, "al"), presence("al", false, &Value::Null)]);
    }
    assert_eq!(watch(&mut of_cy, &["bo"]).await.len(), 1, "strangers are told nothing");
    assert_eq!(watch(&mut of_al, &["bo"]).await.len(), 1, "nor is oneself");
}

#[tokio::test]
async fn who_has_written_is_not_said_to_be_typing_after_it() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
    // One look holds the next one back, and with it the word that someone is typing.
    watch(&mut of_bo, &["al"]).await;
    type_to(&al, &mut of_al, "bo").await;
    settled(&mut of_al).await;
    al.send("bo", "I was typing this").await;
    let told = watch(&mut of_bo, &["al"]).await;
    let message = told.iter().position(|frame| frame["type"] == "message").expect("the message is told");
    assert!(told[message..].iter().all(|event| event["type"] != "typing"), "{told:?}");
}

#[tokio::test]
async fn typing_is_hidden_both_ways() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
    hide(&server, &al, "hides_typing", true).await;
    type_to(&al, &mut of_al, "bo").await;
    type_to(&bo, &mut of_bo, "al").await;
    settled(&mut of_al).await;
    settled(&mut of_bo).await;
    let told = watch(&mut of_al, &["bo"]).await;
    assert!(told.iter().all(|frame| frame["type"] != "typing"), "{told:?}");
    assert_eq!(watch(&mut of_bo, &["al"]).await, [presence("al", false, &Value::Null)]);
}

#[tokio::test]
async fn who_blocks_another_is_not_there_for_them_nor_they_for_who_blocks() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    for (one, other) in [(&al, "bo"), (&bo, "cy"), (&cy, "al")] {
        one.send(other, "hello").await;
    }
    change(
        &server,
        "INSERT INTO blocks SELECT a.id, b.id, 0 FROM users a, users b WHERE a.username = 'al' AND b.username = 'bo'",
    );
    let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
    active(&mut of_al, true).await;
    active(&mut of_bo, true).await;
    type_to(&al, &mut of_al, "bo").await;
    type_to(&bo, &mut of_bo, "al").await;
    settled(&mut of_al).await;
    settled(&mut of_bo).await;
    let unseen = [presence("cy", false, &Value::Null)];
    assert_eq!(watch(&mut of_al, &["bo", "cy"]).await, unseen);
    assert_eq!(watch(&mut of_bo, &["al", "cy"]).await, unseen);
    change(&server, "DELETE FROM blocks");
    assert_eq!(watch(&mut of_bo, &["al", "cy"]).await[0], presence("al", true, &Value::Null));
}
