//! Unsupported methods (section 9): nobody can change or delete anything with them.

use std::collections::BTreeSet;

use hyper::Method;

use super::detail;
use crate::support::{Answer, Caller, Server, Three, raw, stored};

const WRITES: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

async fn ask(who: &Caller, method: &Method, path: &str) -> Answer {
    let body = r#"{"body":"changed","recipient":"bo","username":"changed"}"#;
    who.ask(method.clone(), path, Some("application/json"), body.into()).await
}

fn allowed(answer: &Answer) -> BTreeSet<String> {
    answer.header("allow").split(", ").map(str::to_owned).collect()
}

fn set(methods: &str) -> BTreeSet<String> {
    methods.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn unsupported_methods_are_405_and_change_nothing() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    let first = al.send("bo", "hello").await;
    assert_eq!(
        (own.next_id().await, others.next_id().await),
        (first["id"].as_i64().unwrap(), first["id"].as_i64().unwrap())
    );
    let message = format!("/api/v1/message/{}/", first["id"]);
    let before = stored::dump(&server);
    let rows: &[(&str, &[Method], &str)] = &[
        ("/api/v1/", &WRITES, "GET HEAD OPTIONS"),
        ("/api/v1/message/", &WRITES[1..], "GET POST HEAD OPTIONS"),
        // Editing and deleting exist in the live protocol.
        (&message, &[Method::POST, Method::PUT], "GET HEAD PATCH DELETE OPTIONS"),
        ("/api/v1/message/999999/", &[Method::POST, Method::PUT], "GET HEAD PATCH DELETE OPTIONS"),
        ("/api/v1/user/", &WRITES, "GET HEAD OPTIONS"),
        ("/api/v1/user/1/", &WRITES, "GET HEAD OPTIONS"),
        ("/api/v1/user/bo/", &WRITES, "GET HEAD OPTIONS"),
    ];
    for (path, methods, allow) in rows {
        for method in *methods {
            for who in [&al, &bo, &cy] {
                let answer = ask(who, method, path).await;
                assert_eq!(answer.status.as_u16(), 405, "{method} {path}");
                detail(&answer);
                assert_eq!(allowed(&answer), set(allow), "{method} {path}");
            }
            detail(&ask(&server.stranger(), method, path).await.expect(403));
            // Without the slash and with the token the original asked for, too.
            let al = al.with("x-csrftoken", "x");
            ask(&al, method, path.trim_end_matches('/')).await.expect(405);
        }
    }
    assert_eq!(stored::dump(&server), before);
    let next = bo.send("al", "still here").await;
    assert_eq!(own.next_id().await, next["id"], "nothing else was sent");
    assert_eq!(others.next_id().await, next["id"]);
}

#[tokio::test]
async fn pages_accept_only_their_methods() {
    let server = Server::start().await;
    let al = Three::join(&server).await.al;
    let before = stored::dump(&server);
    for (path, allow) in [
        ("/", "GET HEAD OPTIONS"),
        ("/login/", "GET HEAD POST OPTIONS"),
        ("/signup/", "GET HEAD POST OPTIONS"),
        ("/logout/", "GET HEAD POST OPTIONS"),
        ("/simpleui/", "GET HEAD POST OPTIONS"),
        ("/healthz", "GET HEAD OPTIONS"),
        ("/readyz", "GET HEAD OPTIONS"),
        ("/api/docs", "GET HEAD OPTIONS"),
        ("/static/styles/common.css", "GET HEAD OPTIONS"),
        ("/ws", "GET OPTIONS"),
    ] {
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            let answer = ask(&al, &method, path).await;
            assert_eq!(answer.status.as_u16(), 405, "{method} {path}");
            assert_eq!(allowed(&answer), set(allow), "{method} {path}");
        }
    }
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn options_lists_the_allowed_methods_and_nothing_more() {
    let server = Server::start().await;
    let al = Three::join(&server).await.al;
    for (path, allow) in [
        ("/api/v1/", "GET HEAD OPTIONS"),
        ("/api/v1/message/", "GET POST HEAD OPTIONS"),
        ("/api/v1/message/1/", "GET HEAD PATCH DELETE OPTIONS"),
        ("/api/v1/user/", "GET HEAD OPTIONS"),
        ("/login/", "GET HEAD POST OPTIONS"),
    ] {
        let answer = raw::request(&al.with("origin", "https://evil.test"), "OPTIONS", path).await.expect(204);
        assert_eq!(allowed(&answer), set(allow), "{path}");
        assert!(answer.body.is_empty(), "{path}");
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{path}");
    }
    raw::request(&al, "OPTIONS", "/nope").await.expect(404);
    raw::request(&al, "OPTIONS", "*").await.expect(404);
    raw::request(&server.stranger(), "OPTIONS", "/api/v1/message/").await.expect(403);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let message = format!("/api/v1/message/{}/", al.send("bo", "hello").await["id"]);
    for who in [&al, &server.stranger()] {
        for path in [
            "/",
            "/login/",
            "/signup/",
            "/simpleui/",
            "/simpleui/?target=bo",
            "/api/v1/",
            "/api/v1/message/",
            &message,
            "/api/v1/user/",
            "/api/v1/openapi.json",
            "/api/docs",
            "/healthz",
            "/readyz",
            "/static/styles/common.css",
            "/nope",
            "/api/v1/message/0/",
        ] {
            let (get, head) = (raw::request(who, "GET", path).await, raw::request(who, "HEAD", path).await);
            assert_eq!(head.status, get.status, "{path}");
            assert!(head.body.is_empty(), "{path}: {}", head.text());
            for name in ["content-type", "location", "cache-control", "etag", "link"] {
                assert_eq!(head.header(name), get.header(name), "{path}: {name}");
            }
        }
    }
    // HEAD has the answer of GET, but not its effect.
    raw::request(&al, "HEAD", "/logout/").await.expect(302);
    al.get("/").await.expect(200);
}
