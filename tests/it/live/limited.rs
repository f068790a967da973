//! Catching up on too many messages of a conversation: the newest ones come, with a `limited` event.

use serde_json::{Value, json};

use super::changes_after;
use crate::support::listener::Listener;
use crate::support::{Caller, Server, Three};

/// The most missed messages of one conversation that are all sent.
const MOST: i64 = 200;
/// How many are sent when more were missed.
const NEWEST: i64 = 50;

async fn revision(who: &Caller) -> i64 {
    who.get("/api/v1/sync/").await.json()["revision"].as_i64().unwrap()
}

async fn send_many(from: &Caller, to: &str, count: i64) -> Value {
    let mut last = Value::Null;
    for number in 1..=count {
        last = from.send(to, &format!("{number} of {count}")).await;
    }
    last
}

fn kind<'v>(changes: &'v [Value], kind: &str) -> Vec<&'v Value> {
    changes.iter().filter(|change| change["type"] == kind).collect()
}

#[tokio::test]
async fn more_than_200_missed_messages_are_limited_to_the_newest_50() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    al.send("bo", "known").await;
    let since = revision(&bo).await;
    cy.send("bo", "before").await;
    let last = send_many(&al, "bo", MOST).await;
    let all = changes_after(&bo, since, 100).await;
    assert_eq!((kind(&all, "limited").len(), kind(&all, "message").len() as i64), (0, MOST + 1));

    cy.send("bo", "between").await;
    let last = al.send("bo", &format!("one more than {}", last["seq"])).await;
    cy.send("bo", "after").await;
    let all = changes_after(&bo, since, 100).await;
    let limited = kind(&all, "limited");
    assert!(!limited.is_empty());
    for limited in limited {
        assert_eq!(limited["conversation"]["id"], last["conversation"]);
        assert_eq!(limited["conversation"]["last_seq"], last["seq"]);
        assert_eq!(limited["conversation"]["unread"], MOST + 2);
        assert_eq!(limited["first"], last["seq"].as_i64().unwrap() - NEWEST + 1);
    }
    let messages = kind(&all, "message");
    let of_al = messages.iter().filter(|change| change["message"]["user"] == "al");
    let seqs: Vec<_> = of_al.map(|change| change["message"]["seq"].as_i64().unwrap()).collect();
    let newest = last["seq"].as_i64().unwrap();
    assert_eq!(seqs, Vec::from_iter(newest - NEWEST + 1..=newest));
    let of_cy =
        messages.iter().filter(|change| change["message"]["user"] == "cy").map(|change| &change["message"]["body"]);
    assert_eq!(of_cy.collect::<Vec<_>>(), ["before", "between", "after"]);
    // In the order of revisions, even if messages are left out.
    assert!(all.is_sorted_by_key(|change| change["revision"].as_i64().unwrap()));
}

#[tokio::test]
async fn omitted_messages_are_reported_for_every_page_size() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let begin = revision(&bo).await;
    for round in 0..MOST + NEWEST {
        al.send("bo", &format!("{round}")).await;
        if round % 8 == 0 {
            cy.send("bo", "also").await;
        }
    }
    let conversation = bo.get("/api/v1/conversation/?with=al").await.json()["conversations"][0]["id"].clone();
    for limit in [1, 3, 7, 100] {
        // Like a client that keeps its newest messages without gaps.
        let (mut since, mut next, mut left_out) = (begin, 1, false);
        loop {
            let page = bo.get(&format!("/api/v1/sync/?since={since}&limit={limit}")).await.json();
            for change in page["changes"].as_array().unwrap() {
                let message = &change["message"];
                if change["type"] == "limited" {
                    left_out = true;
                } else if change["type"] == "message" && message["conversation"] == conversation {
                    let seq = message["seq"].as_i64().unwrap();
                    assert!(seq == next || left_out, "{seq} comes after {next}, and no gap was reported");
                    (next, left_out) = (seq + 1, false);
                }
            }
            since = page["revision"].as_i64().unwrap();
            if page["next"].is_null() {
                break;
            }
        }
        assert_eq!(next, MOST + NEWEST + 1, "pages of {limit}");
    }
}

#[tokio::test]
async fn a_socket_that_resumes_receives_the_same() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let since = revision(&bo).await;
    let last = send_many(&al, "bo", MOST + 1).await;
    let expected = changes_after(&bo, since, 100).await;
    let mut listener = Listener::live(&bo, &format!("?since={since}")).await.0;
    let mut received = Vec::new();
    let synced = loop {
        let event = listener.next_event().await;
        if event["type"] == "synced" {
            break event;
        }
        received.push(event);
    };
    assert_eq!((&received, &synced["revision"]), (&expected, &last["revision"]));
    // The messages that were left out can be loaded.
    let path =
        format!("/api/v1/conversation/{}/message/?before={}&limit=100", last["conversation"], received[1]["first"]);
    assert_eq!(bo.get(&path).await.expect(200).json()["last"], json!(MOST + 1 - NEWEST));
}
