//! Destinations of a message: a conversation by its id, or a person by name; and finding one by the other.

use serde_json::{Value, json};

use super::changes_after;
use crate::support::{Answer, Caller, Server, Three};

async fn post(who: &Caller, input: Value) -> Answer {
    who.post_json("/api/v1/message/", input.to_string()).await
}

#[tokio::test]
async fn a_send_returns_the_same_message_as_its_event() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let first = post(&al, json!({ "recipient": "bo", "body": "hello", "client_id": "k" })).await.expect(201).json();
    assert_eq!(changes_after(&bo, 0, 100).await.last().unwrap()["message"], first);
    let id = first["conversation"].clone();
    let second = json!({ "conversation": id, "body": "hi", "client_id": "k2", "reply_to": first["id"] });
    let sent = post(&bo, second.clone()).await.expect(201).json();
    assert_eq!((&sent["conversation"], &sent["seq"], &sent["recipient"]), (&id, &json!(2), &json!("al")));
    assert_eq!(sent["reply_to"]["body"], "hello");
    assert_eq!(post(&bo, second).await.expect(200).json(), sent, "the same send has the same answer");
    // The same key for the same conversation, named by id or by person.
    let by_name = json!({ "recipient": "al", "body": "hi", "client_id": "k2", "reply_to": first["id"] });
    assert_eq!(post(&bo, by_name).await.expect(200).json(), sent);
    post(&bo, json!({ "recipient": "cy", "body": "hi", "client_id": "k2" })).await.expect(422);

    for of_nobody in [json!(0), json!(-1), json!(999_999), json!("999999")] {
        post(&al, json!({ "conversation": of_nobody, "body": "x" })).await.expect(404);
    }
    post(&cy, json!({ "conversation": id, "body": "x" })).await.expect(404);
    for (input, field) in [
        (json!({ "conversation": id, "recipient": "bo", "body": "x" }), "conversation"),
        (json!({ "conversation": "x", "body": "x" }), "conversation"),
        (json!({ "conversation": true, "body": "x" }), "conversation"),
        (json!({ "body": "x" }), "recipient"),
        (json!({ "conversation": null, "recipient": " ", "body": "x" }), "recipient"),
        (json!({ "conversation": id, "body": " " }), "body"),
    ] {
        let refused = post(&al, input.clone()).await.expect(400).json();
        assert_eq!(refused.as_object().unwrap().keys().collect::<Vec<_>>(), [field], "{input}");
    }
    let form = [("conversation", id.to_string()), ("body", "as a form".into())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(al.post_form("/api/v1/message/", &form).await.expect(201).json()["seq"], 3);
    let note = al.send("al", "note").await;
    let again = post(&al, json!({ "conversation": note["conversation"], "body": "another" })).await.expect(201).json();
    assert_eq!((&again["recipient"], &again["seq"]), (&json!("al"), &json!(2)));
}

#[tokio::test]
async fn a_conversation_is_found_by_the_name_of_the_other_person() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    server.enter("Rosé").await;
    let find = async |name: &str| al.get(&format!("/api/v1/conversation/?with={name}")).await;
    let stranger = find("bo").await.expect(200).json();
    let person = json!({ "username": "bo", "latest_message": null, "timestamp": null });
    assert_eq!(stranger, json!({ "conversations": [], "person": person, "next": null }));
    let sent = bo.send("al", "hello").await;
    let found = find("bo").await.expect(200).json();
    assert_eq!(found["conversations"], json!([al.conversation("bo").await.expect(200).json()]));
    assert_eq!(
        (&found["conversations"][0]["kind"], &found["conversations"][0]["with"]),
        (&json!("direct"), &json!("bo"))
    );
    let person = json!({ "username": "bo", "latest_message": "hello", "timestamp": sent["timestamp"] });
    assert_eq!(found["person"], person);
    for name in ["Ros%C3%A9", "ROS%C3%89", "rose%CC%81", "%20ros%C3%A9%20"] {
        assert_eq!(find(name).await.expect(200).json()["person"]["username"], "Rosé", "{name}");
    }
    assert_eq!(find("al").await.expect(200).json()["person"]["username"], "al", "notes to oneself are a conversation");
    for nobody in ["nobody", "", "rose", "%ff", &"x".repeat(5_000)] {
        find(nobody).await.expect(404);
    }
    let list = al.get("/api/v1/conversation/").await.expect(200).json();
    assert!(list.get("person").is_none());
}

#[tokio::test]
async fn an_invalid_conversation_id_is_not_found() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let id = al.send("bo", "hello").await["conversation"].as_i64().unwrap();
    bo.get(&format!("/api/v1/conversation/{id}/")).await.expect(200);
    cy.get(&format!("/api/v1/conversation/{id}/")).await.expect(404);
    let other = id + 1;
    for wrong in ["0", "-1", "x", "bo", "%20", "1.0", &other.to_string(), "999999999999999999999999999999"] {
        al.get(&format!("/api/v1/conversation/{wrong}/")).await.expect(404);
        al.get(&format!("/api/v1/conversation/{wrong}/message/")).await.expect(404);
        let path = format!("/api/v1/conversation/{wrong}/");
        super::ask(&al, hyper::Method::PATCH, &path, json!({ "read": 1 })).await.expect(404);
    }
}

#[tokio::test]
async fn a_deleted_person_is_found_only_by_people_who_share_a_conversation() {
    let server = Server::start().await;
    let (al, cy) = (server.enter("al").await, server.enter("cy").await);
    let bo = server.sign_up("bo").await;
    bo.send("al", "bye").await;
    let gone = json!({ "password": crate::support::caller::PASSWORD });
    super::ask(&bo, hyper::Method::DELETE, "/api/v1/me/", gone).await.expect(204);
    let found = al.get("/api/v1/conversation/?with=bo").await.expect(200).json();
    assert_eq!((&found["conversations"][0]["deleted"], &found["person"]["username"]), (&json!(true), &json!("bo")));
    cy.get("/api/v1/conversation/?with=bo").await.expect(404);
    let id = found["conversations"][0]["id"].clone();
    post(&al, json!({ "conversation": id, "body": "are you there?" })).await.expect(404);
}
