//! Blocking: nothing that a blocked person sends ever reaches the blocker, and nobody is notified.

use hyper::Method;
use serde_json::{Value, json};

use super::{ask, changes_after, delete, edit, path, progress, react};
use crate::support::{Answer, Caller, Listener, Server, Three, stored};

async fn block(who: &Caller, name: &str) -> Answer {
    ask(who, Method::PUT, &format!("/api/v1/block/{name}/"), json!({})).await
}

async fn unblock(who: &Caller, name: &str) -> Answer {
    ask(who, Method::DELETE, &format!("/api/v1/block/{name}/"), json!({})).await
}

async fn listen(who: &Caller) -> Listener {
    Listener::live(who, "").await.0
}

async fn next(listener: &mut Listener) -> Value {
    listener.next_event().await
}

/// Everything that this person can read, in one text.
async fn everything(who: &Caller) -> String {
    let mut all = String::new();
    for path in [
        "/api/v1/sync/",
        "/api/v1/sync/?since=0&limit=100",
        "/api/v1/conversation/",
        "/api/v1/conversation/?with=bo",
        "/api/v1/message/",
        "/api/v1/message/?after=0",
        "/api/v1/message/?target=bo",
        "/api/v1/message/?target=bo&after=0",
        "/api/v1/message/?target=bo&before=9999999",
        "/api/v1/user/",
        "/api/v1/user/?search=bo",
        "/simpleui/?target=bo",
    ] {
        all += &who.get(path).await.text();
    }
    all += &who.conversation("bo").await.text();
    for query in ["", "after=0"] {
        all += &who.range("bo", query).await.text();
    }
    all
}

#[tokio::test]
async fn nothing_a_blocked_person_sends_reaches_the_blocker() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let before = bo.send("al", "before").await;
    block(&al, "bo").await.expect(200);
    let (mut of_al, mut of_bo, mut original) = (listen(&al).await, listen(&bo).await, al.listen().await);
    let latest = al.conversation("bo").await.expect(200).json();
    let (count, people) =
        (al.get("/api/v1/message/").await.json()["count"].clone(), al.get("/api/v1/user/").await.text());

    let sent = bo.send("al", "the canary sings").await;
    assert_eq!(next(&mut of_bo).await["message"]["body"], "the canary sings");
    assert_eq!(bo.conversation("al").await.json()["last_message"]["id"], sent["id"]);
    let answer = json!({ "recipient": "al", "body": "canary again", "reply_to": sent["id"], "client_id": "k" });
    let answer = bo.post_json("/api/v1/message/", answer.to_string()).await.expect(201).json();
    bo.post_json(
        "/api/v1/message/",
        json!({ "recipient": "al", "body": "canary again", "client_id": "k" }).to_string(),
    )
    .await
    .expect(200);

    // The blocker's lists and counts are unchanged.
    assert_eq!(al.conversation("bo").await.json(), latest);
    assert_eq!(al.get("/api/v1/message/").await.json()["count"], count);
    assert_eq!(al.get("/api/v1/user/").await.text(), people);
    for hidden in [&sent, &answer] {
        al.get(&path(hidden)).await.expect(404);
        delete(&al, hidden, "me").await.expect(404);
        react(&al, hidden, "👍").await.expect(404);
        al.get(&format!("{}receipt/", path(hidden))).await.expect(404);
        let quoting = json!({ "recipient": "bo", "body": "x", "reply_to": hidden["id"] }).to_string();
        al.post_json("/api/v1/message/", quoting).await.expect(403);
        let passing_on = json!({ "recipient": "al", "forward": hidden["id"] }).to_string();
        al.post_json("/api/v1/message/", passing_on).await.expect(400);
    }
    assert!(!everything(&al).await.contains("canary"));

    // After unblocking, new messages arrive, but not those sent meanwhile.
    unblock(&al, "bo").await.expect(200);
    assert!(!everything(&al).await.contains("canary"));
    let quoting = json!({ "recipient": "bo", "body": "x", "reply_to": sent["id"] }).to_string();
    al.post_json("/api/v1/message/", quoting).await.expect(400);
    let quoting = json!({ "recipient": "al", "body": "after", "reply_to": sent["id"] }).to_string();
    let after = bo.post_json("/api/v1/message/", quoting).await.expect(201).json();
    assert!(react(&al, &after, "👍").await.expect(200).json()["reply_to"].is_null());
    edit(&bo, &sent, "canary, edited").await.expect(200);
    react(&bo, &sent, "👍").await.expect(200);
    let of_message = al.range("bo", "").await.json();
    assert_eq!(of_message["messages"].as_array().unwrap().len(), 2);
    assert_eq!(al.conversation("bo").await.json()["unread"], 2);
    assert_eq!(
        bo.get(&format!("{}receipt/", path(&sent))).await.json(),
        json!({ "delivered_at": null, "read_at": null })
    );
    assert!(!everything(&al).await.contains("canary"));
    assert!(bo.get("/api/v1/message/").await.text().contains("canary again"));

    // The sockets did not send it either: neither with this protocol nor with the original's.
    let last = bo.send("al", "last").await;
    loop {
        let frame = next(&mut of_al).await;
        assert!(!frame.to_string().contains("canary"), "{frame}");
        if frame["message"]["id"] == last["id"] {
            break;
        }
    }
    assert_eq!(original.next_id().await, after["id"]);
    assert_eq!(original.next_id().await, last["id"]);
    let received: Vec<i64> =
        stored::column(&server, "SELECT id FROM messages WHERE id NOT IN (SELECT message_id FROM hidden_messages)");
    let visible = [&before, &after, &last].map(|message| message["id"].as_i64().unwrap());
    assert_eq!(received, visible);
}

#[tokio::test]
async fn a_blocked_person_changes_nothing_for_the_blocker() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let of_bo = bo.send("al", "hello").await;
    let of_al = al.send("bo", "hello yourself").await;
    block(&al, "bo").await.expect(200);
    let before = changes_after(&al, 0, 100).await;
    let late = edit(&bo, &of_bo, "buy now").await.expect(403).json();
    assert_eq!(late["detail"], "It is too late to edit this message.");
    let reacted = react(&bo, &of_al, "👎").await.expect(200).json();
    assert_eq!(reacted["reactions"], json!([]));
    progress(&bo, "al", json!({ "read": 2 })).await.expect(200);
    assert_eq!(changes_after(&al, 0, 100).await, before);
    let refused = al.post_json("/api/v1/message/", json!({ "recipient": "bo", "body": "x" }).to_string()).await;
    assert!(refused.expect(403).text().contains("unblock first"));
    // The blocker's positions are not sent either.
    let seen = bo.conversation("al").await.json()["positions"][1].clone();
    progress(&al, "bo", json!({ "read": 2 })).await.expect(200);
    assert_eq!(bo.conversation("al").await.json()["positions"][1], seen);
    // The blocked person can still delete their messages, and write to others.
    delete(&bo, &of_bo, "everyone").await.expect(204);
    bo.send("cy", "hello").await;
}

#[tokio::test]
async fn only_the_blocker_is_notified_of_a_block() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let (mut of_al, mut of_bo) = (listen(&al).await, listen(&bo).await);
    let since = al.get("/api/v1/sync/").await.json()["revision"].as_i64().unwrap();
    let me = block(&al, "bo").await.expect(200).json();
    assert_eq!(me["blocked"], json!(["bo"]));
    assert_eq!(block(&al, "bo").await.expect(200).json(), me, "a repeated block is no change");
    let conversation = next(&mut of_al).await;
    assert_eq!(
        (&conversation["type"], &conversation["conversation"]["blocked"]),
        (&json!("conversation"), &json!(true))
    );
    assert_eq!(next(&mut of_al).await["me"], me);
    assert_eq!(al.get("/api/v1/me/").await.json(), me);
    let missed = changes_after(&al, since, 100).await;
    assert_eq!((missed.len(), &missed[1]["me"]), (2, &me));
    assert_eq!(unblock(&al, "bo").await.expect(200).json()["blocked"], json!([]));
    assert_eq!(al.conversation("bo").await.json()["blocked"], false);
    let sent = al.send("bo", "hello again").await;
    assert_eq!(next(&mut of_bo).await["message"]["id"], sent["id"]);

    block(&al, "al").await.expect(400);
    block(&al, "nobody").await.expect(404);
    block(&server.stranger(), "al").await.expect(403);
    unblock(&al, "nobody").await.expect(404);
    unblock(&server.stranger(), "al").await.expect(403);
}

#[tokio::test]
async fn a_conversation_may_begin_with_a_shadow_blocked_message() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    block(&al, "bo").await.expect(200);
    bo.send("al", "the canary sings").await;
    al.conversation("bo").await.expect(404);
    al.range("bo", "").await.expect(404);
    al.get(&format!("{}message/", bo.conversation_path("al").await)).await.expect(404);
    assert!(!everything(&al).await.contains("canary"));
    let names =
        |people: Value| people.as_array().unwrap().iter().map(|one| one["username"].clone()).collect::<Vec<_>>();
    assert_eq!(names(bo.get("/api/v1/user/").await.json()), ["al", "cy"]);
    assert_eq!(names(al.get("/api/v1/user/").await.json()), ["bo", "cy"]);
    let own = bo.conversation("al").await.expect(200).json();
    assert_eq!(
        (&own["last_seq"], &own["positions"][1]),
        (&json!(1), &json!({ "user": "al", "delivered": 0, "read": 0 }))
    );

    let mut of_al = listen(&al).await;
    unblock(&al, "bo").await.expect(200);
    assert_eq!(next(&mut of_al).await["type"], "me");
    // The position of bo in hidden messages is not sent either, until there is a visible message.
    progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
    let first = al.send("bo", "hello").await;
    assert_eq!(next(&mut of_al).await["message"]["id"], first["id"]);
    let begun = next(&mut of_al).await;
    assert_eq!(begun["conversation"]["positions"][1], json!({ "user": "bo", "delivered": 1, "read": 1 }));
    assert_eq!(changes_after(&bo, 0, 100).await.last().unwrap()["message"]["seq"], 2);
    let range = al.range("bo", "").await.expect(200).json();
    assert_eq!((&range["messages"][0]["id"], &range["first"], &range["last"]), (&first["id"], &json!(1), &json!(2)));
}

#[tokio::test]
async fn a_thousand_people_can_be_blocked() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    stored::change(
        &server,
        "WITH RECURSIVE n (i) AS (VALUES (100) UNION ALL SELECT i + 1 FROM n WHERE i < 1098)
         INSERT INTO users (id, username, username_key, email, email_key, password, created_at, revision)
         SELECT i, 'p' || i, 'p' || i, i || '@x.test', i || '@x.test', '!', 0, 0 FROM n",
    );
    stored::change(&server, "INSERT INTO blocks SELECT 1, id, 0 FROM users WHERE id >= 100");
    assert_eq!(block(&al, "bo").await.expect(200).json()["blocked"].as_array().unwrap().len(), 1_000);
    block(&al, "cy").await.expect(400);
    unblock(&al, "p100").await.expect(200);
    block(&al, "cy").await.expect(200);
}

#[tokio::test]
async fn the_times_of_two_hundred_moves_are_kept_and_those_of_many_more_are_not() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut sent = Vec::new();
    for seq in 1..=260 {
        sent.push(al.send("bo", "hello").await);
        progress(&bo, "al", json!({ "read": seq })).await.expect(200);
    }
    let kept = stored::column::<i64>(&server, "SELECT count(*) FROM receipts")[0];
    assert!((200..250).contains(&kept), "{kept}");
    // Those of the first 50 are gone, and with them it is unknown whether the next one moved further than they did.
    for (seq, known) in [(1, false), (51, false), (52, true), (260, true)] {
        let receipt = al.get(&format!("{}receipt/", path(&sent[seq - 1]))).await.expect(200).json();
        for time in ["delivered_at", "read_at"] {
            assert_eq!(receipt[time].is_string(), known, "seq {seq}: {receipt}");
        }
    }
}

#[tokio::test]
async fn a_sender_sees_when_a_message_was_delivered_and_read() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let (first, second) = (al.send("bo", "one").await, al.send("bo", "two").await);
    let receipt = async |message: &Value| al.get(&format!("{}receipt/", path(message))).await.expect(200).json();
    assert_eq!(receipt(&first).await, json!({ "delivered_at": null, "read_at": null }));
    progress(&bo, "al", json!({ "delivered": 2 })).await.expect(200);
    server.advance(std::time::Duration::from_secs(60));
    progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
    let (of_first, of_second) = (receipt(&first).await, receipt(&second).await);
    assert_eq!(of_first["delivered_at"], of_second["delivered_at"]);
    assert!(of_first["read_at"].as_str() > of_first["delivered_at"].as_str());
    assert!(of_second["read_at"].is_null());
    let path = format!("{}receipt/", path(&first));
    bo.get(&path).await.expect(403);
    cy.get(&path).await.expect(404);
    server.stranger().get(&path).await.expect(403);
    al.get("/api/v1/message/x/receipt/").await.expect(404);
}
