//! User input is always shown as text, never as markup.

use crate::support::people::join_as;
use crate::support::{Server, Three, join};

const HOSTILE: &str = r#"<script>alert(1)</script><img src=x onerror=alert(2)>"'&amp;</textarea>{{ 7 * 7 }}{% raw %}"#;

/// Asserts that the hostile text is on the page, and only as text.
#[track_caller]
fn check(page: &str, what: &str) {
    for markup in ["<script>alert", "<img src=x", "\"'&amp;<", "</textarea>{{", "49{%"] {
        assert!(!page.contains(markup), "{what}: {markup}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"), "{what}: not shown at all");
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_message_is_shown_as_text_on_the_plain_page() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    al.send("bo", HOSTILE).await;
    for who in [&al, &bo] {
        let other = if who.name == "al" { "bo" } else { "al" };
        check(&who.get("/simpleui/").await.expect(200).text(), "the list of people");
        check(&who.get(&format!("/simpleui/?target={other}")).await.expect(200).text(), "the conversation");
    }
    assert_eq!(bo.get("/api/v1/message/").await.json()["results"][0]["body"], HOSTILE, "verbatim for programs");
}

#[tokio::test]
async fn input_is_shown_again_as_text() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let refused = al.post_form("/simpleui/", &[("recipient", HOSTILE), ("body", HOSTILE)]).await.expect(404);
    assert!(!refused.text().contains("<script>alert"), "{}", refused.text());
    let reused = [("recipient", "bo"), ("body", HOSTILE), ("client_id", "a b")];
    check(&al.post_form("/simpleui/", &reused).await.expect(400).text(), "the refused form");
    check(&al.get(&format!("/simpleui/?search={}", encoded(HOSTILE))).await.expect(200).text(), "the search");

    let stranger = server.stranger();
    let fields = [("username", HOSTILE), ("email", HOSTILE), ("password1", HOSTILE), ("password2", "x")];
    check(&stranger.post_form("/signup/", &fields).await.expect(200).text(), "sign-up");
    let fields = [("username", HOSTILE), ("password", ""), ("next", HOSTILE)];
    check(&stranger.post_form("/login/", &fields).await.expect(200).text(), "login");
    check(&stranger.get(&format!("/login/?next={}", encoded(HOSTILE))).await.expect(200).text(), "login's next");
}

#[tokio::test]
async fn names_and_paths_are_escaped() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    join_as(&server, "bo", Some(HOSTILE), "!").await;
    for path in ["/", "/simpleui/", "/simpleui/?target=bo"] {
        assert!(!al.get(path).await.expect(200).text().contains("<script>alert"), "{path}");
    }
    // The media type is JSON, and `nosniff` makes browsers respect it.
    let people = al.get("/api/v1/user/").await.expect(200);
    assert_eq!(people.json()[0]["name"], HOSTILE);
    assert_eq!(
        (people.header("content-type"), people.header("x-content-type-options")),
        ("application/json", "nosniff")
    );
    for path in ["/%3Cscript%3Ealert(1)%3C/script%3E", "/simpleui/?target=%3Cscript%3Ealert(1)", "/static/%3Cscript%3E"]
    {
        let answer = al.get(path).await.expect(404);
        assert!(!answer.text().contains("<script>") && !answer.text().contains("alert"), "{path}: {}", answer.text());
    }
    // The redirect to the login stays a path.
    let location = server.stranger().get("/?x=%22%3E%3Cscript%3E%0d%0aset-cookie:a=b").await.expect(302);
    let location = location.header("location");
    assert!(location.starts_with("/login/?next=/%3Fx%3D"), "{location}");
    assert!(location.bytes().all(|b| b.is_ascii_alphanumeric() || b"/?=%.-_~".contains(&b)), "{location}");
}

#[tokio::test]
async fn the_plain_page_sends_once_and_redirects_to_the_conversation() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let page = al.get("/simpleui/?target=bo").await.expect(200).text();
    let key = page.split("name=\"client_id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("recipient", "bo"), ("body", "hello"), ("client_id", key)];
    for _ in 0..2 {
        let sent = al.post_form("/simpleui/", &fields).await.expect(303);
        assert_eq!(sent.header("location"), "/simpleui/?target=bo");
    }
    assert_eq!(bo.get("/api/v1/message/").await.json()["count"], 1);
    let stranger = server.stranger().post_form("/simpleui/", &fields).await.expect(302);
    assert_eq!(stranger.header("location"), "/login/?next=/simpleui/");
    // A name from a form cannot change the target of the redirect.
    let odd = [("recipient", "//evil.test/\r\nset-cookie: a=b"), ("body", "x")];
    assert!(!al.post_form("/simpleui/", &odd).await.expect(404).headers.contains_key("location"));
}
