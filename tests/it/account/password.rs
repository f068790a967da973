//! Changing the password.

use std::net::IpAddr;

use hyper::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::ask;
use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, stored};

const PATH: &str = "/api/v1/me/password/";
const NEW: &str = "another one 🐴";

async fn change(who: &Caller, current: &str, new: &str) -> Answer {
    ask(who, Method::PUT, PATH, &json!({"current": current, "new": new}).to_string()).await
}

async fn log_in(server: &Server, password: &str) -> u16 {
    let fields = [("username", "al"), ("password", password)];
    server.stranger().post_form("/login/", &fields).await.status.as_u16()
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_ends_all_other_logins() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let elsewhere = server.stranger().log_in("al").await;
    let (mut mine, theirs) = (al.listen().await, elsewhere.listen().await);
    change(&al, PASSWORD, NEW).await.expect(204);
    assert_eq!(theirs.end().await.expect("a close frame").code, CloseCode::Policy);
    elsewhere.get("/api/v1/").await.expect(403);
    let note = al.send("al", "still in").await;
    assert_eq!(mine.next_id().await, note["id"]);
    assert_eq!((log_in(&server, PASSWORD).await, log_in(&server, NEW).await), (200, 302));
}

#[tokio::test]
async fn a_change_requires_the_old_password_and_a_valid_new_one() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let before = stored::column::<String>(&server, "SELECT password FROM users");
    for (current, new, field) in [
        ("wrong one", NEW, "current"),
        ("", NEW, "current"),
        (PASSWORD, "", "new"),
        (PASSWORD, "1234567", "new"),
        (PASSWORD, &"x".repeat(257), "new"),
    ] {
        let refused = change(&al, current, new).await.expect(400).json();
        assert!(refused[field][0].is_string(), "{refused}");
    }
    ask(&al, Method::PUT, PATH, "[]").await.expect(400);
    change(&server.stranger(), PASSWORD, NEW).await.expect(403);
    change(&al.with("sec-fetch-site", "cross-site"), PASSWORD, NEW).await.expect(403);
    assert_eq!(stored::column::<String>(&server, "SELECT password FROM users"), before);
}

#[tokio::test]
async fn guesses_are_rate_limited_as_at_the_login() {
    let server = Server::start_with(|config| config.trusted_proxies = 1).await;
    let al = server.stranger().with("x-forwarded-for", "203.0.113.7").sign_up("al").await;
    let guess = async || change(&al, "a guess", NEW).await.status.as_u16();
    for _ in 0..3 {
        assert_eq!(guess().await, 400);
    }
    let address: IpAddr = "203.0.113.7".parse().unwrap();
    (0..7).for_each(|_| server.app.throttle.failed(address, "al", server.app.clock.now()));
    // A person at an unlocked screen has no more guesses than at the login.
    let waiting = change(&al, PASSWORD, NEW).await.expect(429);
    assert!(waiting.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn a_login_with_a_password_that_changes_meanwhile_is_refused() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let checked = server.app.store.credentials("al").await.unwrap().unwrap();
    change(&al, PASSWORD, NEW).await.expect(204);
    let late = chinwag::store::NewSession {
        key: chinwag::auth::token::Token::generate().key(),
        user: checked.user.id,
        password: checked.password,
        device: String::new(),
        expires_at: server.app.clock.now().after(std::time::Duration::from_secs(60)),
    };
    assert!(!server.app.store.start_session(late).await.unwrap());
    assert_eq!(stored::column::<i64>(&server, "SELECT count(*) FROM sessions"), [1]);
}
