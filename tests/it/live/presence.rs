//! Presence and typing: sent only to people who may see them, and not stored, except for the last seen time.

use std::time::Duration;

use chinwag::model::{Event, Username};
use serde_json::{Value, json};

use super::socket::{listen, say, until};
use crate::support::{self, Caller, Listener, Server, Three, stored};

async fn active(listener: &mut Listener, active: bool) {
    say(listener, json!({ "type": "active", "active": active })).await;
    settled(listener).await;
}

/// Waits for a pong: everything that was sent before is then handled.
async fn settled(listener: &mut Listener) {
    say(listener, json!({ "type": "ping" })).await;
    until(listener, "pong").await;
}

/// Watches these people. The presence of the last one is visible, so its frame shows that all others have arrived.
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

/// Sends a typing event for the conversation with someone.
async fn type_to(who: &Caller, listener: &mut Listener, with: &str) {
    let conversation = who.conversation_id(with).await;
    say(listener, json!({ "type": "typing", "conversation": conversation })).await;
}

/// Makes a person hide something, or not, and notifies their watchers.
async fn hide(server: &Server, who: &Caller, what: &str, hides: bool) {
    stored::change(server, &format!("UPDATE users SET {what} = {} WHERE username = '{}'", u8::from(hides), who.name));
    let id = server.app.store.user(&Username::parse(&who.name).unwrap()).await.unwrap().unwrap().id;
    let account = server.app.store.account(id).await.unwrap().unwrap();
    server.app.presence.consider(&Event::AccountChanged(account));
}

#[tokio::test]
async fn only_people_who_share_a_conversation_see_presence() {
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
    // Presence is visible from the first message on, and not before.
    al.send("cy", "hello").await;
    // It may arrive before or after the message.
    let mut frames = until(&mut of_cy, "message").await;
    if frames.len() == 1 {
        frames.extend(until(&mut of_cy, "presence").await);
    }
    assert!(frames.len() == 2 && frames.contains(&presence("al", true, &Value::Null)), "{frames:?}");
    // People who are no longer watched cause no events.
    watch(&mut of_bo, &["cy"]).await;
    drop(of_al);
    until(&mut of_cy, "presence").await;
    assert_eq!(watch(&mut of_bo, &["cy"]).await, [unseen("cy")]);
}

#[tokio::test]
async fn a_person_is_online_while_any_page_is_active_and_then_has_a_last_seen_time() {
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

    // It survives a restart.
    let server = server.restart().await;
    let (mut again, _) = listen(&Caller { address: server.address, ..bo }).await;
    assert_eq!(watch(&mut again, &["al"]).await, [presence("al", false, &last_seen)]);
}

#[tokio::test]
async fn last_seen_times_are_stored_periodically() {
    let server = Server::start_with(|config| config.timeouts.last_seen = Duration::from_millis(50)).await;
    let Three { al, .. } = Three::join(&server).await;
    let (mut of_al, _) = listen(&al).await;
    active(&mut of_al, true).await;
    active(&mut of_al, false).await;
    let seen = || stored::column::<i64>(&server, "SELECT count(*) FROM users WHERE last_seen_at IS NOT NULL")[0] == 1;
    support::until("it is stored", async || seen()).await;
    // It is not published as a change.
    assert_eq!(al.get("/api/v1/sync/?since=0").await.expect(200).json()["changes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn hiding_presence_also_hides_the_presence_of_others() {
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
    // One last event without information, in both directions, and then none.
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
async fn typing_reaches_all_screens_at_a_limited_rate() {
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
    assert_eq!(watch(&mut of_cy, &["bo"]).await.len(), 1, "strangers receive nothing");
    assert_eq!(watch(&mut of_al, &["bo"]).await.len(), 1, "nor does the person who types");
}

#[tokio::test]
async fn typing_is_cleared_when_the_message_arrives() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
    // A recent frame delays the next one, and with it the typing event.
    watch(&mut of_bo, &["al"]).await;
    type_to(&al, &mut of_al, "bo").await;
    settled(&mut of_al).await;
    al.send("bo", "I was typing this").await;
    let frames = watch(&mut of_bo, &["al"]).await;
    let message = frames.iter().position(|frame| frame["type"] == "message").expect("the message arrives");
    assert!(frames[message..].iter().all(|event| event["type"] != "typing"), "{frames:?}");
}

#[tokio::test]
async fn typing_is_hidden_in_both_directions() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
    hide(&server, &al, "hides_typing", true).await;
    type_to(&al, &mut of_al, "bo").await;
    type_to(&bo, &mut of_bo, "al").await;
    settled(&mut of_al).await;
    settled(&mut of_bo).await;
    let frames = watch(&mut of_al, &["bo"]).await;
    assert!(frames.iter().all(|frame| frame["type"] != "typing"), "{frames:?}");
    assert_eq!(watch(&mut of_bo, &["al"]).await, [presence("al", false, &Value::Null)]);
}

#[tokio::test]
async fn a_block_hides_presence_in_both_directions() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    for (one, other) in [(&al, "bo"), (&bo, "cy"), (&cy, "al")] {
        one.send(other, "hello").await;
    }
    stored::change(
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
    stored::change(&server, "DELETE FROM blocks");
    assert_eq!(watch(&mut of_bo, &["al", "cy"]).await[0], presence("al", true, &Value::Null));
}
