//! Problems as programs read them: every refusal has its own code, and so has every invalid field.

use std::net::IpAddr;
use std::time::Duration;

use chinwag::config::Signup;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::caller::PASSWORD;
use crate::support::{Answer, Caller, Server, Three};

const STANDARD: &str = "application/problem+json, application/json";

/// The same caller, asking for problems in the format of RFC 9457.
fn precise(who: &Caller) -> Caller {
    who.with("accept", STANDARD)
}

async fn ask(who: &Caller, method: Method, path: &str, body: Value) -> Answer {
    precise(who).ask(method, path, Some("application/json"), body.to_string().into()).await
}

#[track_caller]
fn expect(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{code}: {}", answer.text());
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (status, &json!(code)), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    assert!(problem["detail"].is_string() && problem["title"].is_string(), "{problem}");
    assert_eq!(problem.get("errors").is_some(), code == "invalid", "{problem}");
}

#[tokio::test]
async fn every_refusal_has_its_code() {
    let server = Server::start().await;
    let Three { al, bo, cy } = Three::join(&server).await;
    let (of_al, of_bo) = (al.send("bo", "hello").await, bo.send("al", "hi").await);
    let path = |message: &Value| format!("/api/v1/message/{}/", message["id"]);
    let (get, post, put, patch, delete) = (Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    ask(&al, put.clone(), "/api/v1/block/cy/", json!({})).await.expect(200);
    let send = |input: Value| ask(&al, post.clone(), "/api/v1/message/", input);
    send(json!({ "recipient": "bo", "body": "once", "client_id": "k" })).await.expect(201);
    let gone = al.send("bo", "oops").await;
    al.ask(delete.clone(), &path(&gone), None, "".into()).await.expect(204);

    expect(&precise(&al).post_json("/api/v1/message/", "{").await, 400, "malformed");
    expect(&precise(&al).post_json("/api/v1/message/", "null").await, 400, "not_an_object");
    expect(&send(json!({ "recipient": "bo", "body": "" })).await, 400, "invalid");
    expect(&send(json!({ "recipient": "nobody", "body": "x" })).await, 404, "no_such_recipient");
    expect(&send(json!({ "conversation": 0, "body": "x" })).await, 404, "not_found");
    expect(&send(json!({ "recipient": "cy", "body": "x" })).await, 403, "blocked");
    expect(&send(json!({ "recipient": "bo", "body": "twice", "client_id": "k" })).await, 422, "client_id_reused");
    expect(&ask(&al, patch.clone(), &path(&of_bo), json!({ "body": "x" })).await, 403, "not_yours");
    expect(&ask(&al, patch.clone(), &path(&gone), json!({ "body": "x" })).await, 403, "deleted");
    expect(&ask(&cy, patch.clone(), &path(&of_bo), json!({ "body": "x" })).await, 404, "not_found");
    expect(&ask(&al, put.clone(), "/api/v1/block/al/", json!({})).await, 400, "own_block");
    expect(&ask(&al, delete, "/api/v1/message/", json!({})).await, 405, "method_not_allowed");
    expect(&ask(&server.stranger(), get.clone(), "/api/v1/me/", json!({})).await, 403, "signed_out");
    expect(&ask(&al.with("chinwag-user", "bo"), get.clone(), "/api/v1/me/", json!({})).await, 409, "other_person");
    expect(
        &ask(&al.with("origin", "https://evil.test"), post.clone(), "/api/v1/message/", json!({})).await,
        403,
        "cross_site",
    );
    expect(&precise(&al).post_json("/api/v1/message/", "x".repeat(300_000)).await, 413, "too_large");
    expect(&precise(&al).ask(post, "/api/v1/message/", Some("text/plain"), "x".into()).await, 415, "unsupported_media");
    server.advance(Duration::from_secs(15 * 60 + 1));
    expect(&ask(&al, patch, &path(&of_al), json!({ "body": "x" })).await, 403, "too_late");
    for _ in 0..70 {
        if ask(&al, Method::PATCH, "/api/v1/me/", json!({ "about": "x" })).await.status != 200 {
            break;
        }
    }
    expect(&ask(&al, Method::PATCH, "/api/v1/me/", json!({ "about": "y" })).await, 429, "too_many_requests");
}

#[tokio::test]
async fn form_and_handshake_refusals_have_codes() {
    let server = Server::start_with(|config| config.signup = Signup::Closed).await;
    let al = server.enter("al").await;
    let program = server.stranger().with("accept", STANDARD);
    // Errors that a person can correct come back as the form; all others are problems.
    program.post_form("/login/", &[("username", "al"), ("password", "wrong")]).await.expect(200);
    let ws = |who: &Caller, version: &'static str| {
        who.with("accept", STANDARD)
            .with("upgrade", "websocket")
            .with("connection", "upgrade")
            .with("sec-websocket-version", version)
            .with("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    expect(&ws(&server.stranger(), "13").get("/ws").await, 401, "signed_out");
    expect(&ws(&al, "8").get("/ws").await, 426, "upgrade_required");
    expect(&ws(&al, "13").get("/ws?user=bo").await, 409, "other_person");
    let secure = Server::start_with(|config| config.force_https = true).await;
    let answer = secure.stranger().with("accept", STANDARD).get("/api/v1/me/").await;
    expect(&answer, 308, "https_required");
}

#[tokio::test]
async fn every_invalid_field_has_its_code() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    server.enter("bo").await;
    let address: IpAddr = "203.0.113.7".parse().unwrap();
    assert!(server.app.throttle.may_log_in(address, "al", server.app.clock.now()).is_ok());
    for (method, path, input, field, code) in [
        ("POST", "message/", json!({ "body": "x" }), "recipient", "required"),
        ("POST", "message/", json!({ "recipient": "bo" }), "body", "blank"),
        ("POST", "message/", json!({ "recipient": "bo", "body": true }), "body", "not_text"),
        ("POST", "message/", json!({ "recipient": true, "body": true }), "recipient", "not_text"),
        ("POST", "message/", json!({ "recipient": "bo", "client_id": [] }), "body", "required"),
        ("POST", "message/", json!({ "recipient": "bo", "body": "x".repeat(65_537) }), "body", "too_long"),
        ("POST", "message/", json!({ "recipient": "bo", "body": "a\0b" }), "body", "nul"),
        ("POST", "message/", json!({ "recipient": "bo", "conversation": 1, "body": "x" }), "conversation", "not_both"),
        ("POST", "message/", json!({ "conversation": "x", "body": "x" }), "conversation", "not_a_number"),
        ("POST", "message/", json!({ "recipient": "bo", "body": "x", "client_id": "a b" }), "client_id", "characters"),
        ("POST", "message/", json!({ "recipient": "bo", "body": "x", "reply_to": 999 }), "reply_to", "no_such_message"),
        ("POST", "message/", json!([]), "non_field_errors", "not_an_object"),
        ("PATCH", "me/", json!({ "about": 7.5, "hides_typing": "x" }), "hides_typing", "not_a_flag"),
        ("PATCH", "me/", json!({ "about": "x".repeat(141) }), "about", "too_long"),
        ("PATCH", "me/", json!({ "display_name": "a\u{202e}b" }), "display_name", "characters"),
        ("PUT", "me/password/", json!({ "current": "wrong", "new": "long enough" }), "current", "wrong_password"),
        ("PUT", "me/password/", json!({ "current": PASSWORD, "new": "short" }), "new", "too_short"),
        ("GET", "conversation/?limit=0", json!(null), "limit", "out_of_range"),
        ("GET", "conversation/?cursor=x", json!(null), "cursor", "not_a_number"),
        ("GET", "user/?cursor=x", json!(null), "cursor", "not_a_cursor"),
        ("GET", "message/?before=1&after=1", json!(null), "before", "not_both"),
        ("GET", "sync/?since=-1", json!(null), "since", "out_of_range"),
    ] {
        let path = format!("/api/v1/{path}");
        let answer = ask(&al, method.parse().unwrap(), &path, input.clone()).await;
        expect(&answer, 400, "invalid");
        assert_eq!(answer.json()["errors"][field][0]["code"], code, "{method} {path} {input}: {}", answer.text());
        // Without this `Accept` header there are no codes.
        let plain = al.ask(method.parse().unwrap(), &path, Some("application/json"), input.to_string().into()).await;
        assert!(plain.json()[field][0].is_string(), "{method} {path}: {}", plain.text());
    }
    let id = al.send("bo", "hello").await;
    let conversation = format!("/api/v1/conversation/{}/", id["conversation"]);
    for (input, field, code) in [
        (json!({ "read": "x" }), "read", "not_a_number"),
        (json!({ "pinned": "x" }), "pinned", "not_a_flag"),
        (json!({ "muted_until": "soon" }), "muted_until", "not_a_time"),
    ] {
        let answer = ask(&al, Method::PATCH, &conversation, input).await;
        assert_eq!(answer.json()["errors"][field][0]["code"], code, "{}", answer.text());
    }
    let path = format!("/api/v1/message/{}/", id["id"]);
    let reaction = ask(&al, Method::PUT, &format!("{path}reaction/"), json!({ "emoji": "ok" })).await;
    assert_eq!(reaction.json()["errors"]["emoji"][0]["code"], "not_an_emoji");
    let whose = ask(&al, Method::DELETE, &format!("{path}?for=nobody"), json!({})).await;
    assert_eq!(whose.json()["errors"]["for"][0]["code"], "out_of_range");
    let picture = precise(&al).ask(Method::PUT, "/api/v1/me/avatar/", Some("image/png"), "x".into()).await;
    assert_eq!(picture.json()["errors"]["avatar"][0]["code"], "not_a_picture");
}
