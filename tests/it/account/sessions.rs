//! The list of a person's logins, and ending them.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::call;
use crate::support::{Caller, Listener, Server, Three};

const SESSIONS: &str = "/api/v1/session/";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn logins(who: &Caller) -> Vec<Value> {
    who.get(SESSIONS).await.expect(200).json().as_array().unwrap().clone()
}

/// The path of the caller's own login.
async fn own(who: &Caller) -> String {
    let all = logins(who).await;
    let current: Vec<_> = all.iter().filter(|login| login["current"] == true).collect();
    assert_eq!(current.len(), 1, "{all:?}");
    format!("{SESSIONS}{}/", current[0]["id"].as_str().unwrap())
}

async fn expect_logged_out(socket: Listener) {
    assert_eq!(socket.end().await.expect("a close frame").code, CloseCode::Policy);
}

#[tokio::test]
async fn the_list_has_device_times_and_the_current_login() {
    let server = Server::start().await;
    let first = server.stranger().with("user-agent", FIREFOX).sign_up("al").await;
    server.advance(Duration::from_secs(90 * 60));
    let second = server.stranger().with("user-agent", "x".repeat(5_000)).log_in("al").await;
    first.get("/api/v1/").await.expect(200);
    let list = logins(&second).await;
    assert_eq!(list.len(), 2);
    assert_eq!((&list[0]["current"], &list[1]["current"]), (&true.into(), &false.into()), "newest first");
    assert_eq!(list[0]["device"], "x".repeat(256), "bounded");
    assert_eq!(list[1]["device"], FIREFOX);
    let time = |login: &Value, key: &str| login[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(list[0]["created_at"], list[0]["last_used_at"]);
    let unused = time(&list[1], "last_used_at").duration_since(time(&list[1], "created_at"));
    assert!(unused.as_mins() >= 90, "its last use was just now, an hour and a half after it began: {unused}");
    assert!(!server.stranger().with("user-agent", FIREFOX).get(SESSIONS).await.text().contains("Firefox"));
    // An expired login is not in the list.
    server.advance(Duration::from_secs(14 * 24 * 60 * 60 - 60));
    first.get("/api/v1/").await.expect(200);
    server.advance(Duration::from_secs(120));
    assert_eq!(logins(&first).await.len(), 1);
}

#[tokio::test]
async fn ending_a_login_from_another_one_closes_its_sockets_at_once() {
    let server = Server::start().await;
    let here = server.sign_up("al").await;
    let there = server.stranger().log_in("al").await;
    let (mine, theirs) = (here.listen().await, there.listen().await);
    call(&here, Method::DELETE, &own(&there).await).await.expect(204);
    expect_logged_out(theirs).await;
    there.get("/api/v1/").await.expect(403);
    here.get("/api/v1/").await.expect(200);
    // The current login can be ended, too.
    call(&here, Method::DELETE, &own(&here).await).await.expect(204);
    expect_logged_out(mine).await;
    here.get(SESSIONS).await.expect(403);
}

#[tokio::test]
async fn ending_all_other_logins_keeps_the_current_one() {
    let server = Server::start().await;
    let here = server.sign_up("al").await;
    let bo = server.enter("bo").await;
    let others = [server.stranger().log_in("al").await, server.stranger().log_in("al").await];
    let sockets = [others[0].listen().await, others[1].listen().await];
    let (mut mine, mut bos) = (here.listen().await, bo.listen().await);
    call(&here, Method::DELETE, SESSIONS).await.expect(204);
    for socket in sockets {
        expect_logged_out(socket).await;
    }
    for other in &others {
        other.get("/api/v1/").await.expect(403);
    }
    assert_eq!(logins(&here).await.len(), 1);
    let sent = bo.send("al", "still there?").await;
    assert_eq!(mine.next_id().await, sent["id"]);
    assert_eq!(bos.next_id().await, sent["id"]);
    call(&here, Method::DELETE, SESSIONS).await.expect(204);
}

#[tokio::test]
async fn logins_of_other_people_are_not_found() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let path = own(&al).await;
    for who in [&bo, &server.stranger()] {
        let expected = if who.cookie.is_some() { 404 } else { 403 };
        call(who, Method::DELETE, &path).await.expect(expected);
    }
    for id in ["x", "%20", "AAAA", &"A".repeat(43), &"A".repeat(10_000)] {
        call(&al, Method::DELETE, &format!("{SESSIONS}{id}/")).await.expect(404);
    }
    for (method, path) in [(Method::GET, SESSIONS), (Method::DELETE, SESSIONS)] {
        call(&server.stranger(), method.clone(), path).await.expect(403);
        let foreign = bo.with("origin", "https://evil.test").with("sec-fetch-site", "cross-site");
        let expected = if method == Method::DELETE { 403 } else { 200 };
        call(&foreign, method, path).await.expect(expected);
    }
    assert_eq!(logins(&al).await.len(), 1);
    assert_eq!(logins(&bo).await.len(), 1, "neither is in the other's list");
}
