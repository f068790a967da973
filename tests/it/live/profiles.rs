//! Profile changes: sent to all own sockets and, as far as others may see them, to people who share a conversation;
//! both are also part of the next sync.

use hyper::Method;
use serde_json::{Value, json};

use super::{ask, changes_after};
use crate::support::caller::PASSWORD;
use crate::support::{Caller, Listener, Server, Three};

async fn listen(who: &Caller) -> Listener {
    Listener::live(who, "").await.0
}

async fn next(listener: &mut Listener) -> Value {
    listener.next_event().await
}

async fn change(who: &Caller, what: Value) -> Value {
    ask(who, Method::PATCH, "/api/v1/me/", what).await.expect(200).json()
}

async fn revision(who: &Caller) -> i64 {
    who.get("/api/v1/sync/").await.expect(200).json()["revision"].as_i64().unwrap()
}

#[tokio::test]
async fn a_profile_change_reaches_own_screens_and_conversation_partners() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let mut own = [listen(&al).await, listen(&al).await];
    let (mut partner, mut stranger, mut original) = (listen(&bo).await, listen(&cy).await, bo.listen().await);
    let me = change(&al, json!({ "display_name": "Ali", "about": "Tea first." })).await;
    for screen in &mut own {
        assert_eq!(next(screen).await, json!({ "type": "me", "revision": me["revision"], "me": me }));
    }
    let profile =
        json!({ "user": "al", "display_name": "Ali", "about": "Tea first.", "avatar": null, "deleted": false });
    assert_eq!(next(&mut partner).await, json!({ "type": "profile", "revision": me["revision"], "profile": profile }));
    // Privacy settings are not sent to others.
    let hidden = change(&al, json!({ "hides_typing": true })).await;
    for screen in &mut own {
        assert_eq!(next(screen).await["me"], hidden);
    }
    let sent = al.send("cy", "first word").await;
    assert_eq!(next(&mut stranger).await["message"]["id"], sent["id"], "a stranger received nothing before");
    let sent = al.send("bo", "second word").await;
    assert_eq!(next(&mut partner).await["message"]["id"], sent["id"]);
    assert_eq!(original.next_id().await, sent["id"], "the original's frames are of messages only");
}

#[tokio::test]
async fn profiles_changed_during_an_absence_come_with_the_next_sync() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    al.send("bo", "hello").await;
    al.send("al", "note").await;
    let since = revision(&al).await;
    let me = change(&al, json!({ "display_name": "Ali" })).await;
    let changes = changes_after(&bo, since, 100).await;
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!((&changes[0]["type"], &changes[0]["conversation"]["name"]), (&json!("conversation"), &json!("Ali")));
    assert_eq!(changes[0]["revision"], me["revision"]);
    let changes = changes_after(&al, since, 100).await;
    let kinds: Vec<_> = changes.iter().map(|change| change["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["me", "conversation", "conversation"],
        "the own account, and every conversation whose people see the change"
    );
    assert_eq!(changes[0]["me"], me);
    assert!(changes.iter().any(|change| change["conversation"]["name"] == "Ali"), "{changes:?}");
    assert!(changes_after(&cy, since, 100).await.is_empty());
    change(&al, json!({ "hides_presence": true })).await;
    assert!(changes_after(&bo, me["revision"].as_i64().unwrap(), 100).await.is_empty());
}

#[tokio::test]
async fn account_deletion_reaches_conversation_partners() {
    let server = Server::start().await;
    let (bo, cy) = (server.enter("bo").await, server.enter("cy").await);
    let al = server.sign_up("al").await;
    change(&al, json!({ "display_name": "Ali" })).await;
    al.send("bo", "bye").await;
    let since = revision(&bo).await;
    let (mut partner, mut stranger) = (listen(&bo).await, listen(&cy).await);
    ask(&al, Method::DELETE, "/api/v1/me/", json!({ "password": PASSWORD })).await.expect(204);
    let event = next(&mut partner).await;
    let gone = json!({ "user": "al", "display_name": null, "about": "", "avatar": null, "deleted": true });
    assert_eq!((&event["type"], &event["profile"]), (&json!("profile"), &gone));
    let away = changes_after(&bo, since, 100).await;
    assert_eq!((away.len(), &away[0]["conversation"]["deleted"]), (1, &json!(true)));
    let sent = bo.send("cy", "have you heard?").await;
    assert_eq!(next(&mut stranger).await["message"]["id"], sent["id"]);
}
