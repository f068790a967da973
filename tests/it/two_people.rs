//! Two people in one browser: a new login ends the previous one, and no request from the first person's page is handled
//! as the second person.

use hyper::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::support::caller::PASSWORD;
use crate::support::{Caller, Listener, Server, Three, stored};

/// Logs in from another tab of a browser in which this person is logged in.
async fn log_in_over(browser: &Caller, name: &str, password: &str) -> crate::support::Answer {
    browser.post_form("/login/", &[("username", name), ("password", password)]).await
}

fn sessions(server: &Server) -> Vec<i64> {
    stored::column(server, "SELECT user_id FROM sessions ORDER BY created_at")
}

#[tokio::test]
async fn a_login_in_the_same_browser_ends_the_previous_one_and_its_sockets() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    server.sign_up("bo").await;
    let elsewhere = server.stranger().log_in("al").await;
    let (mut live, original) = (Listener::live(&al, "").await.0, al.listen().await);
    let mut other_device = Listener::live(&elsewhere, "").await.0;
    // A wrong password changes nothing.
    log_in_over(&al, "bo", "not the password").await.expect(200);
    let note = al.send("al", "still here").await;
    for listener in [&mut live, &mut other_device] {
        assert_eq!(listener.next_event().await["message"]["id"], note["id"]);
    }
    let over = log_in_over(&al, "bo", PASSWORD).await.expect(302);
    assert_ne!(over.cookie(), al.cookie);
    assert_eq!(live.end().await.unwrap().code, CloseCode::Policy);
    assert_eq!(original.end().await.unwrap().code, CloseCode::Policy);
    al.get("/api/v1/me/").await.expect(403);
    // The login on another device is separate.
    let note = elsewhere.send("al", "and here").await;
    assert_eq!(other_device.next_event().await["message"]["id"], note["id"]);
    let bo = Caller { cookie: over.cookie(), ..server.stranger() };
    assert_eq!(bo.get("/api/v1/me/").await.expect(200).json()["user"], "bo");
}

#[tokio::test]
async fn a_successful_sign_up_ends_the_previous_login_and_a_failed_one_does_not() {
    let server = Server::start().await;
    let al = server.sign_up("al").await;
    let fields = |name, email| [("username", name), ("email", email), ("password1", PASSWORD), ("password2", PASSWORD)];
    al.post_form("/signup/", &fields("al", "new@example.test")).await.expect(200);
    al.get("/api/v1/me/").await.expect(200);
    let over = al.post_form("/signup/", &fields("cy", "cy@example.test")).await.expect(302);
    al.get("/api/v1/me/").await.expect(403);
    let cy = Caller { cookie: over.cookie(), ..server.stranger() };
    assert_eq!(cy.get("/api/v1/me/").await.expect(200).json()["user"], "cy");
    assert_eq!(sessions(&server).len(), 1);
    // Logging in again as the same person leaves one login as well.
    log_in_over(&cy, "cy", PASSWORD).await.expect(302);
    assert_eq!(sessions(&server).len(), 1);
}

#[tokio::test]
async fn requests_from_a_page_of_another_person_get_409() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let ünï = server.enter("ünï").await;
    al.send("bo", "secret").await;
    // The browser has bo's cookie by now; the page is still al's.
    let page = bo.with("chinwag-user", "al").with("accept", "application/problem+json, application/json");
    let before = stored::dump(&server);
    let refused = page.get("/api/v1/sync/").await.expect(409);
    assert_eq!(refused.json()["code"], "other_person");
    assert!(!refused.text().contains("secret"));
    let input = json!({ "recipient": "bo", "body": "for bo", "client_id": "k" }).to_string();
    page.post_json("/api/v1/message/", input).await.expect(409);
    page.ask(Method::POST, "/logout/", None, "".into()).await.expect(409);
    page.get("/api/v1/message/999/").await.expect(409);
    // The plain page's form names its person as well.
    assert!(al.get("/simpleui/?target=bo").await.text().contains(r#"<input type="hidden" name="user" value="al">"#));
    bo.post_form("/simpleui/", &[("recipient", "bo"), ("body", "for bo"), ("user", "al")]).await.expect(409);
    page.ask(Method::PUT, "/api/v1/message/", None, "".into()).await.expect(409);
    assert_eq!(stored::dump(&server), before);
    bo.get("/api/v1/me/").await.expect(200);

    // The own name is accepted in any encoding; without a login the answer is the usual 403.
    bo.with("chinwag-user", "bo").get("/api/v1/me/").await.expect(200);
    ünï.with("chinwag-user", "%C3%BCn%C3%AF").get("/api/v1/me/").await.expect(200);
    server.stranger().with("chinwag-user", "al").get("/api/v1/me/").await.expect(403);
    // Two names are refused.
    bo.with("chinwag-user", "bo").with("chinwag-user", "bo").get("/api/v1/me/").await.expect(409);
}

#[tokio::test]
async fn a_socket_for_another_person_is_refused() {
    let server = Server::start().await;
    let Three { bo, .. } = Three::join(&server).await;
    let ünï = server.enter("ünï").await;
    let live = bo.with("sec-websocket-protocol", "chinwag.v1");
    for (who, query, status) in [
        (&live, "?user=al&since=0", 409),
        (&live, "?since=0&user=", 409),
        (&bo, "?user=al", 409),
        (&server.stranger(), "?user=al", 401),
        (&live, "?since=x", 400),
    ] {
        let Err(refused) = Listener::open_at(who, &format!("/ws{query}")).await else { panic!("{query} was taken") };
        assert_eq!(refused.status().as_u16(), status, "{query}");
    }
    assert_eq!(server.app.hub.subscriber_count(), 0);
    let hello = Listener::live(&ünï, "?user=%C3%BCn%C3%AF").await.1;
    assert_eq!(hello["user"], "ünï");
    // The original's clients may send any query.
    for query in ["?session_key=x", "?since=x&epoch=%ff", "?user=bo&session_key=", "?"] {
        let mut listener = Listener::open_at(&bo, &format!("/ws{query}")).await.unwrap();
        let sent = bo.send("bo", query).await;
        assert_eq!(listener.next_id().await, sent["id"]);
    }
}

#[tokio::test]
async fn a_message_names_the_logged_in_person_as_its_sender() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let mut of_al = Listener::live(&al, "").await.0;
    // Without a name nothing is checked, as for the original's clients.
    let sent = bo.send("al", "hello").await;
    assert_eq!(sent["user"], "bo");
    assert_eq!(of_al.next_event().await["message"], sent);
    assert_eq!(al.get("/api/v1/message/").await.json()["results"][0]["user"], Value::from("bo"));
}
