//! The list of people (section 5).

use serde_json::{Value, json};

use super::keys;
use crate::support::{Caller, Server, Three, join};

async fn people(who: &Caller) -> Vec<Value> {
    let list = who.get("/api/v1/user/").await.expect(200).json();
    list.as_array().expect("a plain array").clone()
}

fn names(people: &[Value]) -> Vec<&str> {
    people.iter().map(|person| person["username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_list_has_everyone_else_with_the_newest_message() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    assert_eq!(
        people(&al).await,
        [
            json!({"username": "bo", "latest_message": null, "timestamp": null}),
            json!({"username": "cy", "latest_message": null, "timestamp": null}),
        ]
    );
    al.send("bo", "first").await;
    let long = "reply ".repeat(200).trim().to_owned();
    let reply = bo.send("al", &long).await;
    // Messages between other people do not change this list.
    cy.send("bo", "psst").await;
    assert_eq!(
        people(&al).await,
        [
            json!({"username": "bo", "latest_message": long, "timestamp": reply["timestamp"]}),
            json!({"username": "cy", "latest_message": null, "timestamp": null}),
        ]
    );
    assert_eq!(names(&people(&bo).await), ["cy", "al"], "the newest conversation first");
    for person in people(&cy).await {
        assert_eq!(keys(&person), ["latest_message", "timestamp", "username"], "no ids, no e-mail");
    }
}

#[tokio::test]
async fn notes_to_oneself_change_no_row() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    bo.send("al", "hello").await;
    let before = people(&al).await;
    al.send("al", "note").await;
    assert_eq!(people(&al).await, before);
    assert!(!names(&before).contains(&"al"));
}

#[tokio::test]
async fn people_without_messages_come_last_by_name() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    for name in ["zoe", "Mia", "Ärne", "bob", "ann"] {
        join(&server, name).await;
    }
    al.send("zoe", "1").await;
    al.send("Mia", "2").await;
    assert_eq!(names(&people(&al).await), ["Mia", "zoe", "ann", "bob", "Ärne"]);
    al.send("zoe", "3").await;
    assert_eq!(names(&people(&al).await), ["zoe", "Mia", "ann", "bob", "Ärne"]);
}

#[tokio::test]
async fn the_only_person_sees_an_empty_list() {
    let server = Server::start().await;
    assert!(people(&join(&server, "al").await).await.is_empty());
}
