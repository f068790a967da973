//! Lists of conversations: their pages and order, ranges of messages, and pinned, archived and muted conversations.

use serde_json::{Value, json};

use super::{changes_after, delete, progress};
use crate::support::{Caller, Server, Three, stored};

/// All pages of a list, by following `next`.
async fn pages(who: &Caller, first: &str) -> Vec<Value> {
    let (mut next, mut all) = (first.to_owned(), Vec::new());
    loop {
        let page = who.get(&next).await.expect(200).json();
        all.extend(page["conversations"].as_array().unwrap().iter().cloned());
        let Some(link) = page["next"].as_str() else { return all };
        next = link.split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
    }
}

fn names(conversations: &[Value]) -> Vec<&str> {
    conversations.iter().map(|conversation| conversation["with"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn conversations_come_newest_first_in_pages_of_any_size() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    al.send("bo", "one").await;
    al.send("al", "note").await;
    let last = cy.send("al", "two").await;
    let all = pages(&al, "/api/v1/conversation/").await;
    assert_eq!(names(&all), ["cy", "al", "bo"]);
    assert_eq!((&all[0]["last_message"]["body"], &all[0]["unread"]), (&json!("two"), &json!(1)));
    for limit in 1..4 {
        assert_eq!(pages(&al, &format!("/api/v1/conversation/?limit={limit}")).await, all);
    }
    delete(&al, &last, "me").await.expect(204);
    let one = al.conversation("cy").await.expect(200).json();
    assert_eq!((&one["last_message"], &one["last_seq"]), (&Value::Null, &json!(1)));
    assert_eq!((&one["place"], &all[0]["place"]), (&last["id"], &last["id"]));
    assert_eq!(names(&pages(&al, "/api/v1/conversation/?limit=1").await), ["cy", "al", "bo"]);
    assert_eq!(names(&pages(&bo, "/api/v1/conversation/").await), ["al"]);

    bo.conversation("cy").await.expect(404);
    bo.conversation("nobody").await.expect(404);
    al.get("/api/v1/conversation/?cursor=x").await.expect(400);
    let of_others = al.conversation_path("bo").await;
    cy.get(&of_others).await.expect(404);
    for path in ["", "1/", "1/message/"] {
        server.stranger().get(&format!("/api/v1/conversation/{path}")).await.expect(403);
    }
}

#[tokio::test]
async fn a_range_reports_which_sequence_numbers_it_covers() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let mut sent = Vec::new();
    for n in 1..=9 {
        sent.push(al.send("bo", &n.to_string()).await);
    }
    delete(&bo, &sent[4], "me").await.expect(204);
    delete(&al, &sent[6], "everyone").await.expect(204);
    let range = async |who: &Caller, query: &str| {
        let with = if who.name == "bo" { "al" } else { "bo" };
        let found = who.range(with, query).await.expect(200).json();
        let seqs = found["messages"].as_array().unwrap().iter().map(|message| message["seq"].as_i64().unwrap());
        let number = |name: &str| found[name].as_i64().unwrap();
        (seqs.collect::<Vec<_>>(), number("first"), number("last"), number("last_seq"))
    };
    assert_eq!(range(&bo, "limit=3").await, (vec![7, 8, 9], 7, 9, 9));
    assert_eq!(range(&bo, "before=7&limit=3").await, (vec![4, 6], 4, 6, 9));
    assert_eq!(range(&al, "before=7&limit=3").await, (vec![4, 5, 6], 4, 6, 9));
    assert_eq!(range(&bo, "before=2&limit=3").await, (vec![1], 1, 1, 9));
    assert_eq!(range(&bo, "before=1").await, (vec![], 1, 0, 9));
    assert_eq!(range(&bo, "after=7").await, (vec![8, 9], 8, 9, 9));
    assert_eq!(range(&bo, "after=9223372036854775807").await, (vec![], 10, 9, 9));
    for wrong in ["before=x", "after=", "before=1&after=1", "limit=0", "limit=101"] {
        bo.range("al", wrong).await.expect(400);
    }
    cy.range("al", "").await.expect(404);
    cy.get(&format!("{}message/", al.conversation_path("bo").await)).await.expect(404);
}

#[tokio::test]
async fn list_settings_belong_to_their_owner_alone() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let set = async |what| progress(&al, "bo", what).await.expect(200).json();
    let pinned = set(json!({ "pinned": true, "muted_until": "2031-01-01T01:00:00+01:00" })).await;
    assert_eq!((&pinned["pinned"], &pinned["muted_until"]), (&json!(true), &json!("2031-01-01T00:00:00Z")));
    assert_eq!(set(json!({ "pinned": true })).await["revision"], pinned["revision"], "no change, no revision");
    let archived = set(json!({ "archived": true, "muted_until": null })).await;
    assert_eq!((&archived["pinned"], &archived["archived"]), (&json!(false), &json!(true)));
    assert_eq!(archived["muted_until"], Value::Null);
    bo.send("al", "still there?").await;
    assert_eq!(al.conversation("bo").await.json()["archived"], true, "a message does not change it");

    let changes = changes_after(&al, pinned["revision"].as_i64().unwrap(), 10).await;
    assert_eq!(changes[0]["conversation"]["archived"], true);
    let others = bo.conversation("al").await.json();
    assert_eq!(others["archived"], false);
    assert!(
        others["revision"].as_i64().unwrap() < pinned["revision"].as_i64().unwrap(),
        "the other person gets no change"
    );
    for wrong in [json!({ "pinned": 7 }), json!({ "archived": "x" }), json!({ "muted_until": "soon" })] {
        progress(&al, "bo", wrong).await.expect(400);
    }
    progress(&bo, "cy", json!({ "pinned": true })).await.expect(404);
    progress(&server.stranger(), "al", json!({ "pinned": true })).await.expect(403);
}

#[tokio::test]
async fn ten_conversations_can_be_pinned_and_a_snapshot_has_them_all() {
    let server = Server::start().await;
    let al = server.enter("al").await;
    for n in 0..42 {
        server.enter(&format!("p{n}")).await;
        al.send(&format!("p{n}"), "hello").await;
    }
    for n in 0..10 {
        progress(&al, &format!("p{n}"), json!({ "pinned": true })).await.expect(200);
    }
    let refused = progress(&al, "p10", json!({ "pinned": true, "read": 1 })).await.expect(400).json();
    assert!(refused["pinned"][0].is_string());
    let unread: Vec<i64> = stored::column(&server, "SELECT read_seq FROM members ORDER BY read_seq DESC LIMIT 1");
    assert_eq!(unread, [0], "a refused change has no effect at all");
    let snapshot = al.get("/api/v1/sync/").await.expect(200).json();
    let conversations = snapshot["conversations"].as_array().unwrap();
    assert_eq!((conversations.len(), &snapshot["more"]), (40, &json!(true)));
    assert_eq!(conversations.iter().filter(|conversation| conversation["pinned"] == true).count(), 10);
    progress(&al, "p0", json!({ "pinned": false })).await.expect(200);
    progress(&al, "p10", json!({ "pinned": true })).await.expect(200);
}

#[tokio::test]
async fn a_person_sees_their_own_account() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let me = al.get("/api/v1/me/").await.expect(200).json();
    assert_eq!((&me["user"], &me["is_admin"], &me["blocked"]), (&json!("al"), &json!(true), &json!([])));
    assert_eq!(al.get("/api/v1/sync/").await.json()["me"], me);
    server.stranger().get("/api/v1/me/").await.expect(403);
}

#[tokio::test]
async fn a_cursor_of_a_lost_history_gets_a_resync() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "kept").await;
    let begun = bo.get("/api/v1/sync/").await.json();
    let (since, first) = (begun["revision"].as_i64().unwrap(), begun["epoch"].as_str().unwrap().to_owned());
    let server = server.restart().await;
    let (al, bo) = (Caller { address: server.address, ..al }, Caller { address: server.address, ..bo });
    al.send("bo", "later").await;
    let sync = async |since: i64, epoch: &str| bo.get(&format!("/api/v1/sync/?since={since}&epoch={epoch}")).await;
    let known = sync(since, &first).await.expect(200).json();
    assert_eq!(known["changes"].as_array().unwrap().len(), 1);
    assert_ne!(known["epoch"], first, "every start begins an epoch");
    // Revisions of the first epoch after the restart are not those of the second.
    assert_eq!(sync(since + 1, &first).await.expect(200).json()["resync"], true);
    assert_eq!(sync(since + 1, known["epoch"].as_str().unwrap()).await.json()["changes"], json!([]));
    assert_eq!(sync(0, "of-another-file").await.json()["resync"], true);
}
