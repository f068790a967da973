//! Several events in one frame: missed events come in pages, and waiting events come together.

use serde_json::{Value, json};

use super::{changes_after, progress};
use crate::support::{Caller, Listener, Server, Three};

/// The size limit of a frame, which only a single event may exceed.
const MAX_FRAME: usize = 64 * 1024;

/// The texts of the frames up to the event of this type, and the events in them.
async fn frames_until(listener: &mut Listener, kind: &str) -> (Vec<String>, Vec<Value>) {
    let (mut frames, mut events) = (Vec::new(), Vec::<Value>::new());
    while events.last().is_none_or(|event| event["type"] != kind) {
        let text = listener.next().await;
        match serde_json::from_str(&text).unwrap() {
            Value::Array(several) => {
                assert!(several.len() > 1, "a list has several events: {several:?}");
                events.extend(several);
            }
            event => events.push(event),
        }
        frames.push(text);
    }
    (frames, events)
}

async fn send_all(from: &Caller, to: &str, bodies: impl Iterator<Item = String>) {
    for body in bodies {
        from.send(to, &body).await;
    }
}

#[tokio::test]
async fn missed_events_come_in_few_frames_of_bounded_size() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    send_all(&al, "bo", (0..150).map(|n| n.to_string())).await;
    let mut missed = Listener::live(&bo, "?since=0").await.0;
    let (frames, mut events) = frames_until(&mut missed, "synced").await;
    events.pop();
    assert_eq!(Value::from(events), Value::from(changes_after(&bo, 0, 100).await));
    assert!(frames.len() <= 4, "{} frames", frames.len());

    // Long messages: each frame is bounded, except by a single event that is longer.
    send_all(&bo, "al", (0..8).map(|n| format!("{n}{}", "x".repeat(30_000)))).await;
    send_all(&bo, "al", [format!("long {}", "\u{1}".repeat(20_000))].into_iter()).await;
    let mut missed = Listener::live(&al, "?since=0").await.0;
    let (frames, mut events) = frames_until(&mut missed, "synced").await;
    events.pop();
    assert_eq!(Value::from(events), Value::from(changes_after(&al, 0, 100).await));
    for frame in &frames {
        let single = frame.starts_with('{');
        assert!(single || frame.len() <= MAX_FRAME + 200, "{} bytes", frame.len());
    }
    assert!(frames.iter().any(|frame| frame.len() > MAX_FRAME), "a single event may be longer");
}

#[tokio::test]
async fn waiting_events_are_sent_together_and_in_order() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let mut listener = Listener::live(&bo, "").await.0;
    let mut original = bo.listen().await;
    // One commit with several events for the same person: a block changes the conversation and the account.
    for n in 0..20 {
        let method = if n % 2 == 0 { hyper::Method::PUT } else { hyper::Method::DELETE };
        super::ask(&bo, method, "/api/v1/block/al/", json!({})).await.expect(200);
    }
    progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
    let (frames, events) = frames_until(&mut listener, "position").await;
    assert_eq!(events.len(), 41);
    assert!(events.iter().map(|event| event["revision"].as_i64().unwrap()).is_sorted());
    assert!(frames.len() < events.len(), "some events came together");
    // The original's clients know no lists.
    let sent = al.send("bo", "again").await;
    assert_eq!(original.next_id().await, sent["id"]);
}

/// The `seq` of all messages of this conversation.
fn seqs(events: &[Value], conversation: &Value) -> Vec<i64> {
    let messages = events.iter().filter(|event| event["type"] == "message").map(|event| &event["message"]);
    let of_it = messages.filter(|message| message["conversation"] == *conversation);
    of_it.map(|message| message["seq"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn after_a_long_absence_only_the_newest_messages_of_a_conversation_are_sent() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let (long, short) = (al.send("bo", "first").await, cy.send("bo", "first").await);
    let since = bo.get("/api/v1/sync/").await.expect(200).json()["revision"].as_i64().unwrap();
    send_all(&al, "bo", (2..=100).map(|n| n.to_string())).await;
    send_all(&cy, "bo", (2..=200).map(|n| n.to_string())).await;
    send_all(&al, "bo", (101..=300).map(|n| n.to_string())).await;

    let mut missed = Listener::live(&bo, &format!("?since={since}")).await.0;
    let (_, mut events) = frames_until(&mut missed, "synced").await;
    events.pop();
    assert_eq!(Value::from(events.clone()), Value::from(changes_after(&bo, since, 100).await));
    let limited: Vec<_> = events.iter().filter(|event| event["type"] == "limited").collect();
    assert!(!limited.is_empty());
    for event in &limited {
        assert_eq!(event["conversation"], limited[0]["conversation"]);
        assert_eq!(
            (&event["conversation"]["id"], &event["conversation"]["last_seq"]),
            (&long["conversation"], &json!(300))
        );
        assert_eq!(event["conversation"]["unread"], 300);
    }
    // After the last of them, all messages from `first` on follow, or from an earlier one on.
    let at = events.iter().rposition(|event| event["type"] == "limited").unwrap();
    let first = events[at]["first"].as_i64().unwrap();
    let received = seqs(&events[at..], &long["conversation"]);
    assert!((100..=300).contains(&first) && received[0] <= first && received.len() <= 200, "{first} {received:?}");
    assert_eq!(received, (received[0]..=300).collect::<Vec<_>>());
    // At most 200 messages come one by one.
    assert_eq!(seqs(&events, &short["conversation"]), (2..=200).collect::<Vec<_>>());
    // Messages before `first` are loaded on demand.
    let range = bo.range("al", &format!("before={first}&limit=1")).await.expect(200).json();
    assert_eq!(range["messages"][0]["seq"], first - 1);
    // Live events continue as usual.
    let live = al.send("bo", "live").await;
    assert_eq!(missed.next_event().await["message"]["id"], live["id"]);
}
