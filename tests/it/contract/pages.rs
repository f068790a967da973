//! Paths, with and without a trailing slash, and their answers with and without a login (sections 1 and 4).

use bytes::Bytes;
use hyper::Method;
use serde_json::json;

use super::detail;
use crate::support::{Caller, Server, Three, join};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

/// Path, status, and the media type or the target of the redirect.
type Row = (&'static str, u16, &'static str);

async fn check(who: &Caller, rows: &[Row]) {
    for (path, status, expected) in rows {
        let answer = who.get(path).await;
        let found = answer.header(if answer.status.is_redirection() { "location" } else { "content-type" });
        assert_eq!((answer.status.as_u16(), found), (*status, *expected), "{path}");
    }
}

#[tokio::test]
async fn every_path_answers_as_documented_without_a_login() {
    let server = Server::start().await;
    let rows = [
        ("/signup/", 200, HTML),
        ("/login/", 200, HTML),
        ("/logout/", 302, "/"),
        ("/", 302, "/login/?next=/"),
        ("/?x=1", 302, "/login/?next=/%3Fx%3D1"),
        ("/simpleui/", 302, "/login/?next=/simpleui/"),
        ("/api/v1/", 403, JSON),
        ("/api/v1/user/", 403, JSON),
        ("/api/v1/user/al/", 403, JSON),
        ("/api/v1/message/", 403, JSON),
        ("/api/v1/message/1/", 403, JSON),
        ("/ws", 404, HTML),
        ("/ws/", 404, HTML),
        ("/static/styles/common.css", 200, "text/css; charset=utf-8"),
        ("/nope", 404, HTML),
        ("/nope/", 404, HTML),
        ("/login/nope/", 404, HTML),
        ("//", 404, HTML),
    ];
    check(&server.stranger(), &rows).await;
}

#[tokio::test]
async fn every_path_answers_as_documented_with_a_login() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let note = al.send("al", "note").await;
    let rows = [
        ("/signup/", 200, HTML),
        ("/login/", 200, HTML),
        ("/", 200, HTML),
        ("/simpleui/", 200, HTML),
        ("/api/v1/", 200, JSON),
        ("/api/v1/user/", 200, JSON),
        ("/api/v1/user/al/", 404, JSON),
        ("/api/v1/user/1/", 404, JSON),
        ("/api/v1/message/", 200, JSON),
        ("/ws", 404, HTML),
        ("/ws/", 404, HTML),
        ("/wsx", 404, HTML),
        ("/nope", 404, HTML),
        ("/logout/", 302, "/"),
    ];
    al.get(&format!("/api/v1/message/{}/", note["id"])).await.expect(200);
    check(&al, &rows).await;
}

#[tokio::test]
async fn the_trailing_slash_is_optional() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let id = al.send("bo", "hello").await["id"].to_string();
    for path in ["/api/v1", "/api/v1/user", "/api/v1/message", &format!("/api/v1/message/{id}")] {
        let (with, without) = (al.get(&format!("{path}/")).await, al.get(path).await.expect(200));
        assert_eq!(with.json(), without.json(), "{path}");
    }
    let query = "target=bo&page=1";
    let (with, without) =
        (al.get(&format!("/api/v1/message/?{query}")).await, al.get(&format!("/api/v1/message?{query}")).await);
    assert_eq!(with.json(), without.expect(200).json());
    for path in ["/signup", "/login", "/simpleui"] {
        al.get(path).await.expect(200);
    }
    // A POST keeps its body.
    let sent = al.post_json("/api/v1/message", json!({"recipient": "bo", "body": "again"}).to_string()).await;
    assert_eq!(sent.expect(201).json()["body"], "again");
    let found = bo.get("/api/v1/message/").await.json();
    assert_eq!(found["count"], 2);
    assert_eq!(bo.get("/logout").await.expect(302).header("location"), "/");
}

#[tokio::test]
async fn the_api_root_links_to_the_lists() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let here = format!("http://{}", server.address);
    let lists = json!({"message": format!("{here}/api/v1/message/"), "user": format!("{here}/api/v1/user/")});
    assert_eq!(al.get("/api/v1/").await.expect(200).json(), lists);
    // It is the host of the request, not the address of the socket.
    let lists = al.with("host", "chat.example:81").get("/api/v1/").await.expect(200).json();
    assert_eq!(lists["user"], "http://chat.example:81/api/v1/user/");
}

#[tokio::test]
async fn the_api_answers_403_without_a_login() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let own = format!("/api/v1/message/{}/", al.send("bo", "hello").await["id"]);
    let stranger = server.stranger();
    let strangers = [
        stranger.clone(),
        Caller { cookie: Some("sessionid=garbage".into()), ..stranger.clone() },
        Caller { cookie: Some(format!("sessionid={}", "A".repeat(43))), ..stranger.clone() },
        stranger.with("authorization", "Basic YWw6cHcteC1sb25n"),
        stranger.with("authorization", "Bearer x"),
    ];
    let mut answers = Vec::new();
    for who in &strangers {
        for path in ["/api/v1/", "/api/v1/user/", "/api/v1/message/", &own, "/api/v1/message/999999/"] {
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS] {
                let answer = who.ask(method.clone(), path, Some(JSON), Bytes::from_static(b"{}")).await.expect(403);
                assert!(!answer.headers.contains_key("set-cookie"), "{method} {path}");
                answers.push(detail(&answer));
            }
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for all: {answers:?}");
    // For every media type and body.
    for (media, body) in [(None, ""), (Some("text/plain"), "x"), (Some(JSON), "{"), (Some("multipart/form-data"), "x")]
    {
        stranger.ask(Method::POST, "/api/v1/message/", media, body.into()).await.expect(403);
    }
    assert_eq!(al.get("/api/v1/message/").await.json()["count"], 1);
}

#[tokio::test]
async fn every_answer_has_the_originals_headers() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    for path in ["/login/", "/signup/", "/", "/simpleui/", "/api/v1/", "/api/v1/message/", "/api/v1/user/", "/nope"] {
        for who in [&al, &server.stranger()] {
            let answer = who.get(path).await;
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
            // Caches store nothing that depends on the cookie, so no `Vary` header is needed.
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn pages_show_the_logged_in_person() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let chat = al.get("/").await.expect(200).text();
    assert!(chat.contains(r#"<meta name="chinwag-me" content="al">"#), "{chat}");
    assert!(chat.contains(r#"<meta name="chinwag-messages-to-load" content="15">"#), "{chat}");
    let plain = al.get("/simpleui/").await.expect(200).text();
    assert!(plain.contains("<bdi>al</bdi>"), "{plain}");
}
