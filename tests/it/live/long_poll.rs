//! The long poll, for clients without a socket.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::{delete, path};
use crate::support::{Answer, Caller, Server, Three, until};

/// Far less than any wait requested here.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A person's current cursor.
async fn cursor(who: &Caller) -> (i64, String) {
    let now = who.get("/api/v1/sync/").await.expect(200).json();
    (now["revision"].as_i64().unwrap(), now["epoch"].as_str().unwrap().to_owned())
}

async fn wait(who: &Caller, (since, epoch): &(i64, String), seconds: u64) -> Answer {
    who.get(&format!("/api/v1/sync/?since={since}&epoch={epoch}&wait={seconds}")).await
}

/// Waits in the background; returns once the server listens for it.
async fn waiting(server: &Server, who: &Caller, cursor: &(i64, String)) -> JoinHandle<Answer> {
    let before = server.app.hub.subscriber_count();
    let (caller, cursor) = (who.clone(), cursor.clone());
    let task = tokio::spawn(async move { wait(&caller, &cursor, 15).await });
    until("the poll waits", async || server.app.hub.subscriber_count() > before).await;
    task
}

#[tokio::test]
async fn a_change_ends_the_wait_at_once() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let start = Instant::now();
    let now = cursor(&bo).await;
    let poll = waiting(&server, &bo, &now).await;
    // Changes for other people do not end the wait.
    al.send("cy", "psst").await;
    cy.send("cy", "note").await;
    let sent = al.send("bo", "hello").await;
    let answer = poll.await.unwrap().expect(200).json();
    assert_eq!(answer["changes"].as_array().unwrap().last().unwrap()["message"], sent);
    assert!(answer["revision"].as_i64() >= sent["revision"].as_i64());
    // Existing changes are returned without a wait.
    let again = wait(&bo, &now, 15).await.expect(200).json();
    assert_eq!(again["changes"], answer["changes"]);
    assert!(start.elapsed() < AT_ONCE, "after {:?}", start.elapsed());
    // Each kind of change ends it.
    let poll = waiting(&server, &bo, &cursor(&bo).await).await;
    delete(&bo, &sent, "me").await.expect(204);
    assert_eq!(poll.await.unwrap().expect(200).json()["changes"][0]["type"], "hidden");
    assert_eq!(server.app.hub.subscriber_count(), 0, "no subscription is left");
}

#[tokio::test]
async fn the_wait_is_bounded_and_may_end_without_changes() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    let now = cursor(&bo).await;
    let start = Instant::now();
    let nothing = wait(&bo, &now, 1).await.expect(200).json();
    assert_eq!((&nothing["changes"], &nothing["next"]), (&json!([]), &Value::Null));
    assert_eq!(nothing["revision"], now.0);
    assert!((Duration::from_secs(1)..AT_ONCE).contains(&start.elapsed()), "after {:?}", start.elapsed());
    let start = Instant::now();
    wait(&bo, &now, 0).await.expect(200);
    let lost = wait(&bo, &(now.0 + 1_000, now.1.clone()), 15).await.expect(200).json();
    assert_eq!(lost["resync"], true, "there is nothing to wait for");
    bo.get("/api/v1/sync/?wait=15").await.expect(200);
    assert!(start.elapsed() < AT_ONCE, "after {:?}", start.elapsed());
    for wrong in ["-1", "26", "x", "", "1.5"] {
        let refused = bo.get(&format!("/api/v1/sync/?since={}&wait={wrong}", now.0)).await.expect(400).json();
        assert!(refused["wait"][0].is_string(), "{wrong}");
    }
}

#[tokio::test]
async fn logging_out_ends_the_wait() {
    let server = Server::start().await;
    let bo = server.enter("bo").await;
    let poll = waiting(&server, &bo, &cursor(&bo).await).await;
    bo.get("/logout/").await.expect(302);
    poll.await.unwrap().expect(403);
}

#[tokio::test]
async fn a_client_that_disconnects_frees_its_subscription() {
    let server = Server::start().await;
    let bo = server.enter("bo").await;
    let poll = waiting(&server, &bo, &cursor(&bo).await).await;
    poll.abort();
    until("its subscription is dropped", async || server.app.hub.subscriber_count() == 0).await;
}

#[tokio::test]
async fn shutdown_ends_all_waits() {
    let server = Server::start().await;
    let bo = server.enter("bo").await;
    let poll = waiting(&server, &bo, &cursor(&bo).await).await;
    let start = Instant::now();
    server.stop().await;
    assert_eq!(poll.await.unwrap().expect(200).json()["changes"], json!([]));
    assert!(start.elapsed() < AT_ONCE, "after {:?}", start.elapsed());
}

#[tokio::test]
async fn one_person_can_have_64_waits_and_sockets_without_affecting_others() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let now = cursor(&bo).await;
    let _socket = bo.listen().await;
    let mut polls = Vec::new();
    for _ in 1..64 {
        polls.push(waiting(&server, &bo, &now).await);
    }
    let refused = wait(&bo, &now, 15).await.expect(429);
    assert!(!refused.header("retry-after").is_empty());
    wait(&bo, &now, 0).await.expect(200);
    let other = waiting(&server, &al, &cursor(&al).await).await;
    let sent = al.send("bo", "hello").await;
    polls.push(other);
    for poll in polls {
        let answer = poll.await.unwrap().expect(200).json();
        assert_eq!(answer["changes"].as_array().unwrap().last().unwrap()["message"]["id"], sent["id"]);
    }
    bo.get(&path(&sent)).await.expect(200);
}

#[tokio::test]
async fn nothing_is_missed_between_two_polls() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut at = cursor(&bo).await;
    let sending = tokio::spawn(async move {
        for n in 0..60 {
            al.send("bo", &n.to_string()).await;
            sleep(Duration::from_millis(n % 7)).await;
        }
    });
    let mut received = Vec::new();
    while received.len() < 60 {
        let answer = wait(&bo, &at, 15).await.expect(200).json();
        let changes = answer["changes"].as_array().unwrap();
        received.extend(changes.iter().filter_map(|change| change["message"]["seq"].as_i64()));
        at.0 = answer["revision"].as_i64().unwrap();
    }
    assert_eq!(received, (1..=60).collect::<Vec<_>>());
    sending.await.unwrap();
}
