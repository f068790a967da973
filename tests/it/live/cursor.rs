//! The cursor: everything after a revision, in order, in pages; and the snapshot to start from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{changes_after, delete, edit, progress, react};
use crate::support::{Server, Three};

fn revisions(changes: &[Value]) -> Vec<i64> {
    changes.iter().map(|change| change["revision"].as_i64().unwrap()).collect()
}

/// The last change of each item.
fn last_changes(changes: &[Value]) -> BTreeMap<String, Value> {
    let key =
        |change: &Value| format!("{} {} {}", change["type"], change["message"]["id"], change["conversation"]["id"]);
    let said = |change: &Value| [&change["message"], &change["conversation"]].map(Value::clone);
    changes.iter().map(|change| (key(change), json!(said(change)))).collect()
}

#[tokio::test]
async fn pages_of_any_size_have_all_changes_in_order() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let mut sent = Vec::new();
    for n in 0..8 {
        sent.push(al.send(if n % 2 == 0 { "bo" } else { "cy" }, &n.to_string()).await);
    }
    edit(&al, &sent[0], "zero").await.expect(200);
    react(&bo, &sent[2], "👍").await.expect(200);
    delete(&al, &sent[1], "everyone").await.expect(204);
    delete(&al, &sent[4], "me").await.expect(204);
    progress(&bo, "al", json!({ "read": 2 })).await.expect(200);

    let whole = changes_after(&al, 0, 100).await;
    assert!(revisions(&whole).is_sorted());
    // An item that changes after the page comes again with its later revision, so the last change counts.
    for limit in 1..8 {
        assert_eq!(last_changes(&changes_after(&al, 0, limit).await), last_changes(&whole), "pages of {limit}");
    }
    // After any revision, the result is everything that changed since, in its current state.
    for since in revisions(&whole) {
        let later = changes_after(&al, since, 2).await;
        assert!(revisions(&later).iter().all(|revision| *revision > since));
        let expected: Vec<_> =
            whole.iter().filter(|change| change["revision"].as_i64() > Some(since)).cloned().collect();
        let later = last_changes(&later);
        for (item, state) in last_changes(&expected) {
            assert_eq!(later.get(&item), Some(&state), "{item} since {since}");
        }
    }
    let of_cy = changes_after(&cy, 0, 3).await;
    let text = Value::from(of_cy).to_string();
    assert!(text.contains("\"7\"") && !text.contains("zero") && !text.contains("\"bo\""), "{text}");
}

#[tokio::test]
async fn an_unknown_history_is_answered_with_a_snapshot() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let fresh = bo.get("/api/v1/sync/").await.expect(200).json();
    assert_eq!((&fresh["resync"], &fresh["me"]["user"], &fresh["more"]), (&json!(false), &json!("bo"), &json!(false)));
    assert_eq!(fresh["conversations"][0]["last_message"]["body"], "hello");
    let mut again = bo.get("/api/v1/sync/?since=9999999").await.expect(200).json();
    assert_eq!(again["resync"].take(), true);
    assert_eq!(again["conversations"], fresh["conversations"]);
    for wrong in ["-1", "x", "", "1e9", "99999999999999999999"] {
        let refused = bo.get(&format!("/api/v1/sync/?since={wrong}")).await.expect(400).json();
        assert!(refused["since"][0].is_string(), "{wrong}");
    }
    server.stranger().get("/api/v1/sync/").await.expect(403);
}

#[tokio::test]
async fn the_cursor_stays_valid_after_a_restart() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let sent = al.send("bo", "hello").await;
    react(&bo, &sent, "👍").await.expect(200);
    let before = changes_after(&bo, 0, 100).await;
    let server = server.restart().await;
    let bo = crate::support::Caller { address: server.address, ..bo };
    assert_eq!(changes_after(&bo, 0, 100).await, before);
    let al = crate::support::Caller { address: server.address, ..al };
    let last = bo.get("/api/v1/sync/?since=0").await.json()["revision"].as_i64().unwrap();
    let next = al.send("bo", "again").await;
    assert!(next["id"].as_i64().unwrap() > last);
    assert_eq!(changes_after(&bo, last, 100).await.len(), 1);
}
