//! Editing, deleting, replying, reacting and forwarding: their effects, and who may do them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ask, delete, edit, path, react, state};
use crate::support::{Server, Three, stored};

#[tokio::test]
async fn a_sender_may_edit_within_the_edit_window() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let sent = al.send("bo", "helo").await;
    let edited = edit(&al, &sent, "  hello ").await.expect(200).json();
    assert_eq!((&edited["body"], &edited["id"]), (&json!("hello"), &sent["id"]));
    assert!(edited["edited_at"].is_string());
    assert_eq!(bo.get(&path(&sent)).await.expect(200).json()["body"], "hello");

    edit(&bo, &sent, "mine").await.expect(403);
    edit(&cy, &sent, "mine").await.expect(404);
    edit(&server.stranger(), &sent, "mine").await.expect(403);
    assert!(edit(&al, &sent, " ").await.expect(400).json()["body"][0].is_string());
    ask(&al, hyper::Method::PATCH, "/api/v1/message/999999/", json!({ "body": "x" })).await.expect(404);
    server.advance(Duration::from_secs(15 * 60 + 1));
    edit(&al, &sent, "too late").await.expect(403);
    assert_eq!(bo.get(&path(&sent)).await.json()["body"], "hello");
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM messages WHERE body LIKE '%helo'"), [0]);
}

#[tokio::test]
async fn a_message_deleted_for_everyone_is_erased_everywhere() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let secret = al.send("bo", "the canary sings").await;
    let answer = json!({ "recipient": "al", "body": "what?", "reply_to": secret["id"] });
    let answer = bo.post_json("/api/v1/message/", answer.to_string()).await.expect(201).json();
    assert_eq!(state(&al, &answer).await["reply_to"]["body"], "the canary sings");
    react(&bo, &secret, "👍").await.expect(200);

    delete(&bo, &secret, "everyone").await.expect(403);
    delete(&cy, &secret, "everyone").await.expect(404);
    delete(&al, &secret, "nobody").await.expect(400);
    delete(&al, &secret, "everyone").await.expect(204);
    delete(&al, &secret, "everyone").await.expect(204);

    for who in [&al, &bo] {
        let tombstone = state(who, &secret).await;
        assert_eq!((&tombstone["deleted"], &tombstone["body"]), (&json!(true), &json!("")));
        assert_eq!((&tombstone["reactions"], &tombstone["seq"]), (&json!([]), &json!(1)));
        assert_eq!(state(who, &answer).await["reply_to"], json!({ "id": secret["id"], "user": "al", "body": "" }));
        for page in ["/", "/simpleui/?target=al", "/simpleui/?target=bo", "/api/v1/user/", "/api/v1/message/"] {
            assert!(!who.get(page).await.text().contains("canary"), "{page}");
        }
    }
    edit(&al, &secret, "again").await.expect(403);
    react(&bo, &secret, "👍").await.expect(403);
    // A stop checkpoints the write-ahead log, which still had the text.
    let server = server.restart().await;
    assert!(!stored::dump(&server).contains("canary"));
    if let Some(file) = server.file() {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "the text is still in the file");
    }
}

#[tokio::test]
async fn a_message_deleted_for_oneself_stays_for_the_other_person() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let first = al.send("bo", "first").await;
    let last = bo.send("al", "the canary sings").await;
    delete(&cy, &last, "me").await.expect(404);
    delete(&al, &last, "me").await.expect(204);
    delete(&al, &last, "me").await.expect(404);

    al.get(&path(&last)).await.expect(404);
    react(&al, &last, "👍").await.expect(404);
    assert_eq!(state(&al, &last).await, Value::Null);
    for page in ["/simpleui/?target=bo", "/api/v1/user/", "/api/v1/message/", "/api/v1/message/?target=bo"] {
        assert!(!al.get(page).await.text().contains("canary"), "{page}");
    }
    let messages = al.get("/api/v1/message/?target=bo").await.json();
    assert_eq!((&messages["results"][0]["id"], &messages["results"][1]), (&first["id"], &Value::Null));
    assert_eq!(bo.get(&path(&last)).await.expect(200).json()["body"], "the canary sings");
}

#[tokio::test]
async fn paging_continues_beyond_hidden_messages() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let mut sent = Vec::new();
    for n in 0..6 {
        sent.push(al.send("bo", &n.to_string()).await);
    }
    for message in &sent[2..5] {
        delete(&al, message, "me").await.expect(204);
    }
    for query in ["target=bo&", ""] {
        let mut next = format!("/api/v1/message/?{query}before=9007199254740991&limit=2");
        let mut found = Vec::new();
        loop {
            let page = al.get(&next).await.expect(200).json();
            found.extend(page["results"].as_array().unwrap().iter().map(|message| message["body"].clone()));
            let Some(link) = page["next"].as_str() else { break };
            next = link.split_once("/api/").map(|(_, path)| format!("/api/{path}")).unwrap();
        }
        assert_eq!(found, ["5", "1", "0"]);
    }
}

#[tokio::test]
async fn a_person_has_at_most_one_reaction() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let sent = al.send("bo", "hello").await;
    react(&bo, &sent, "👍").await.expect(200);
    react(&al, &sent, "🎉").await.expect(200);
    let both = react(&bo, &sent, "❤️").await.expect(200).json();
    assert_eq!(both["reactions"], json!([{ "user": "al", "emoji": "🎉" }, { "user": "bo", "emoji": "❤️" }]));
    let same = react(&bo, &sent, "❤️").await.expect(200).json();
    assert_eq!(same["revision"], both["revision"], "the same again is no change");

    react(&cy, &sent, "👍").await.expect(404);
    for emoji in ["", "a", "ok", "👍👍👍👍👍👍👍👍👍👍👍👍👍"] {
        assert!(react(&bo, &sent, emoji).await.expect(400).json()["emoji"][0].is_string(), "{emoji}");
    }
    let taken_back = ask(&bo, hyper::Method::DELETE, &format!("{}reaction/", path(&sent)), json!({})).await;
    assert_eq!(taken_back.expect(200).json()["reactions"], json!([{ "user": "al", "emoji": "🎉" }]));
}

#[tokio::test]
async fn a_reply_quotes_the_current_text() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let asked = al.send("bo", "tea?").await;
    let elsewhere = al.send("cy", "secret").await;
    let reply = |to: Value| json!({ "recipient": "al", "body": "yes", "reply_to": to }).to_string();
    for wrong in [elsewhere["id"].clone(), json!(999_999), json!("x"), json!(true)] {
        let refused = bo.post_json("/api/v1/message/", reply(wrong.clone())).await.expect(400).json();
        assert!(refused["reply_to"][0].is_string(), "{wrong}: {refused}");
    }
    cy.post_json("/api/v1/message/", reply(asked["id"].clone())).await.expect(400);
    let answer = bo.post_json("/api/v1/message/", reply(asked["id"].clone())).await.expect(201).json();
    edit(&al, &asked, "coffee?").await.expect(200);
    let quote = json!({ "id": asked["id"], "user": "al", "body": "coffee?" });
    assert_eq!(state(&al, &answer).await["reply_to"], quote);
}

#[tokio::test]
async fn a_forward_copies_the_text_of_a_visible_message() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let news = al.send("bo", "news").await;
    let forward = |to: &str, id: &Value| json!({ "recipient": to, "forward": id, "body": "other" }).to_string();
    let passed_on = bo.post_json("/api/v1/message/", forward("cy", &news["id"])).await.expect(201).json();
    assert_eq!(passed_on["body"], "news");
    assert_eq!(state(&cy, &passed_on).await["forwarded"], true);
    assert_eq!(state(&al, &news).await["forwarded"], false);

    let refused = cy.post_json("/api/v1/message/", forward("al", &news["id"])).await.expect(400).json();
    assert!(refused["forward"][0].is_string(), "{refused}");
    delete(&al, &news, "everyone").await.expect(204);
    bo.post_json("/api/v1/message/", forward("cy", &news["id"])).await.expect(400);
}
