//! Several servers on one database: what happens at one is heard at the others as if there were only one. Where the
//! database is a file there is only one.

use chinwag::clock::Clock;
use chinwag::store::Store;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::socket::{listen, next, say, until};
use super::{changes_after, edit, progress, react};
use crate::support::{self, Caller, Listener, Server, Three, join, postgres, stored};

/// Two servers and three people for each way in which servers reach each other: through the database, and through Redis.
/// None, and a line that says so, where there can be one server only.
async fn pairs() -> Vec<(Server, Server, Three)> {
    let mut pairs = Vec::new();
    let redis = support::redis::shared().map(Some);
    for redis in [None].into_iter().chain(redis) {
        let one = Server::start_with(|config| config.redis = redis).await;
        let Some(other) = one.beside().await else {
            eprintln!("processes: SKIPPED, since a file has one server; run this under tests/postgres");
            break;
        };
        let people = Three::join(&one).await;
        pairs.push((one, other, people));
    }
    pairs
}

/// The same person at another server.
fn at(who: &Caller, server: &Server) -> Caller {
    Caller { address: server.address, ..who.clone() }
}

/// Waits for an event like this.
async fn hears(listener: &mut Listener, is_it: impl Fn(&Value) -> bool) {
    while !is_it(&next(listener).await) {}
}

#[tokio::test]
async fn what_happens_at_one_is_heard_at_the_other_in_order() {
    for (_one, other, Three { al, bo, cy }) in pairs().await {
        let bo = at(&bo, &other);
        let ((mut of_al, hello), (mut of_bo, hello_other)) = (listen(&al).await, listen(&bo).await);
        assert_eq!(hello["epoch"], hello_other["epoch"], "it is one history");
        let (mut original, mut of_cy) = (bo.listen().await, listen(&at(&cy, &other)).await.0);

        let sent = al.send("bo", "hello").await;
        hears(&mut of_bo, |event| event["message"] == sent).await;
        assert_eq!(original.next_id().await, sent["id"].as_i64().unwrap());
        progress(&bo, "al", json!({ "read": 1 })).await.expect(200);
        let position = json!({ "user": "bo", "delivered": 1, "read": 1 });
        hears(&mut of_al, |event| event["conversation"]["positions"][1] == position).await;
        react(&bo, &sent, "👍").await.expect(200);
        hears(&mut of_al, |event| event["message"]["reactions"][0]["user"] == "bo").await;
        edit(&al, &sent, "hullo").await.expect(200);
        hears(&mut of_bo, |event| event["message"]["body"] == "hullo").await;

        // Both send at the same time, again and again: each socket gets everything once and in order.
        let before = hello["revision"].as_i64().unwrap();
        for n in 0..20 {
            let (there, back) = (format!("there {n}"), format!("back {n}"));
            tokio::join!(al.send("bo", &there), bo.send("al", &back));
        }
        for (listener, who) in [(&mut of_al, &al), (&mut of_bo, &bo)] {
            let mut seqs = Vec::new();
            while seqs.last() != Some(&41) {
                let event = next(listener).await;
                seqs.extend(event["message"]["seq"].as_i64().filter(|seq| *seq > 1));
            }
            assert_eq!(seqs, Vec::from_iter(2..=41), "{}", who.name);
            assert!(!changes_after(who, before, 50).await.is_empty());
        }
        say(&mut of_cy, json!({ "type": "ping" })).await;
        assert_eq!(next(&mut of_cy).await["type"], "pong", "nothing of it concerns cy");
    }
}

#[tokio::test]
async fn an_ended_login_ends_everywhere_at_once() {
    for (one, other, Three { al, .. }) in pairs().await {
        let there = at(&al, &other);
        // Both know the login already.
        al.get("/api/v1/").await.expect(200);
        there.get("/api/v1/").await.expect(200);
        let (of_there, _) = listen(&there).await;
        al.post_form("/logout/", &[]).await;
        assert_eq!(of_there.end().await.expect("a close frame").code, CloseCode::Policy);
        there.get("/api/v1/").await.expect(403);
        one.stranger().get("/api/v1/").await.expect(403);
    }
}

#[tokio::test]
async fn presence_and_typing_cross_over() {
    for (_one, other, Three { al, bo, .. }) in pairs().await {
        let bo = at(&bo, &other);
        let conversation = al.send("bo", "hello").await["conversation"].clone();
        let ((mut of_al, _), (mut of_bo, _)) = (listen(&al).await, listen(&bo).await);
        say(&mut of_bo, json!({ "type": "watch", "people": ["al"] })).await;
        let shown = |frames: Vec<Value>| frames.last().unwrap()["online"].clone();
        assert_eq!(shown(until(&mut of_bo, "presence").await), false);
        say(&mut of_al, json!({ "type": "active", "active": true })).await;
        assert_eq!(shown(until(&mut of_bo, "presence").await), true);
        say(&mut of_al, json!({ "type": "typing", "conversation": conversation })).await;
        assert_eq!(until(&mut of_bo, "typing").await.last().unwrap()["user"], "al");
        drop(of_al);
        let left = until(&mut of_bo, "presence").await.pop().unwrap();
        assert!(left["online"] == false && left["last_seen"].is_string(), "{left}");
    }
}

#[tokio::test]
async fn a_long_poll_ends_with_a_change_elsewhere() {
    for (_one, other, Three { al, bo, .. }) in pairs().await {
        let bo = at(&bo, &other);
        let now = bo.get("/api/v1/sync/").await.expect(200).json();
        let path = format!("/api/v1/sync/?since={}&epoch={}&wait=15", now["revision"], now["epoch"].as_str().unwrap());
        let poll = tokio::spawn(async move { bo.get(&path).await });
        support::until("the poll waits", async || other.app.hub.subscriber_count() > 0).await;
        let sent = al.send("bo", "hello").await;
        let changes = poll.await.unwrap().expect(200).json()["changes"].clone();
        assert_eq!(changes.as_array().unwrap().last().unwrap()["message"], sent);
    }
}

#[tokio::test]
async fn a_key_is_one_message_and_a_guess_counts_wherever_it_is_used() {
    for (one, other, Three { al, .. }) in pairs().await {
        let input = json!({ "recipient": "bo", "body": "once", "client_id": "one-key" }).to_string();
        let there = at(&al, &other);
        let sent = join_all(
            (0..10)
                .map(|n| if n % 2 == 0 { &al } else { &there })
                .map(async |who| who.post_json("/api/v1/message/", input.clone()).await.json()["id"].clone()),
        );
        let ids = sent.await;
        assert!(ids[0].is_i64() && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(stored::column::<i64>(&one, "SELECT count(*) FROM messages"), [1]);

        // The tenth wrong password is the last one that is looked at, at either server.
        for _ in 0..10 {
            let wrong = [("username", "al"), ("password", "wrong")];
            one.stranger().post_form("/login/", &wrong).await.expect(200);
        }
        support::until("the other knows", async || {
            let wrong = [("username", "al"), ("password", "wrong")];
            other.stranger().post_form("/login/", &wrong).await.status == 429
        })
        .await;
    }
}

#[tokio::test]
async fn the_first_account_alone_is_the_administrators() {
    let one = Server::start().await;
    let Some(other) = one.beside().await else { return };
    let names: Vec<_> = (0..8).map(|n| format!("user{n}")).collect();
    join_all(names.iter().enumerate().map(|(n, name)| join(if n % 2 == 0 { &one } else { &other }, name))).await;
    assert_eq!(stored::column::<i64>(&one, "SELECT count(*) FROM users WHERE is_admin = 1"), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_the_same_moment_make_the_tables_once() {
    let Some(database) = postgres::database() else { return };
    let open = || Store::open(database.clone(), Clock::system(), |_| {});
    let stores = join_all((0..4).map(|_| open())).await;
    let stores: Vec<_> = stores.into_iter().map(Result::unwrap).collect();
    assert!(stores.iter().all(|store| store.epoch() == stores[0].epoch()), "it is one history");
    join_all(stores.iter().map(Store::close)).await;
}

#[tokio::test]
async fn servers_that_come_and_go_are_one_history() {
    for (one, mut other, Three { al, bo, .. }) in pairs().await {
        let (mut of_bo, hello) = listen(&bo).await;
        for n in 0..5 {
            at(&al, &other).send("bo", &format!("message {n}")).await;
            other = other.restart().await;
        }
        for seq in 1..=5 {
            assert_eq!(until(&mut of_bo, "message").await.last().unwrap()["message"]["seq"], seq);
        }
        let (_, again) = listen(&at(&bo, &other)).await;
        assert_eq!(again["epoch"], hello["epoch"]);
        // When all have ended, the next one begins a history.
        other.stop().await;
        let one = one.restart().await;
        let (_, new) = listen(&at(&bo, &one)).await;
        assert_ne!(new["epoch"], hello["epoch"]);
    }
}
