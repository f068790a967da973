//! Requests that another site makes a browser send: refused in every form, before they have an effect.

use hyper::Method;

use crate::support::caller::PASSWORD;
use crate::support::{Caller, Listener, Server, Three, join, stored};

/// Every way to change something, with a body that would be accepted from our own page.
const CHANGES: [(&str, &str); 5] = [
    ("/api/v1/message/", "recipient=bo&body=forged"),
    ("/simpleui/", "recipient=bo&body=forged"),
    ("/login/", "username=al&password=pw-x-long"),
    ("/signup/", "username=forged&email=f@e.test&password1=pw-x-long&password2=pw-x-long"),
    ("/logout/", ""),
];

/// Media types that another site can send without a preflight, those it cannot, and none.
const MEDIA: [Option<&str>; 5] = [
    Some("application/x-www-form-urlencoded"),
    Some("multipart/form-data; boundary=XX"),
    Some("text/plain"),
    Some("application/json"),
    None,
];

/// Headers of browsers on other sites, for a server at `own` (host and port).
fn foreign(own: &str) -> Vec<Vec<(&'static str, String)>> {
    let origin = |text: String| vec![("origin", text)];
    let site = |site: &str| vec![("sec-fetch-site", site.to_owned())];
    let host = own.split(':').next().unwrap();
    vec![
        site("cross-site"),
        site("same-site"),
        site("Same-Origin"),
        site(""),
        vec![("sec-fetch-site", "cross-site".into()), ("origin", format!("http://{own}"))],
        vec![("sec-fetch-site", "same-site".into()), ("origin", format!("http://{host}:1"))],
        origin("https://evil.test".into()),
        origin("null".into()),
        origin(String::new()),
        origin(format!("https://{own}")),
        origin(format!("http://{host}")),
        origin(format!("http://{host}:1")),
        origin(format!("http://{own}0")),
        origin(format!("http://{own}.evil.test")),
        origin(format!("http://{own}@evil.test")),
        origin(format!("http://evil.test#http://{own}")),
        origin(format!("http://{own}/")),
        origin(own.to_owned()),
        vec![("origin", format!("http://{own}")), ("origin", "https://evil.test".into())],
        vec![("origin", "https://evil.test".into()), ("referer", format!("http://{own}/"))],
    ]
}

fn sending(caller: &Caller, headers: &[(&'static str, String)]) -> Caller {
    headers.iter().fold(caller.clone(), |caller, (name, value)| caller.with(name, value))
}

#[tokio::test]
async fn another_site_cannot_change_anything() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    let (mut own, mut others) = (al.listen().await, bo.listen().await);
    let before = stored::dump(&server);
    let headers = foreign(&server.address.to_string());
    for (n, headers) in headers.iter().enumerate() {
        let forged = sending(&al, headers);
        for (path, body) in CHANGES {
            // Every media type with some of the headers, and every header with some of the media types.
            for media in MEDIA.iter().skip(n % 2).step_by(2) {
                let answer = forged.ask(Method::POST, path, *media, body.into()).await;
                assert_eq!(answer.status.as_u16(), 403, "{headers:?} {path} {media:?}");
                assert!(!answer.headers.contains_key("set-cookie"), "{headers:?} {path}");
            }
        }
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            forged.ask(method, "/api/v1/message/", None, "".into()).await.expect(403);
        }
    }
    assert_eq!(stored::dump(&server), before);
    let sent = al.send("bo", "my own").await;
    assert_eq!(
        (own.next_id().await, others.next_id().await),
        (sent["id"].as_i64().unwrap(), sent["id"].as_i64().unwrap())
    );
}

#[tokio::test]
async fn own_pages_and_programs_can_make_changes() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let own = format!("http://{}", server.address);
    for headers in [
        vec![],
        vec![("sec-fetch-site", "same-origin".to_owned())],
        vec![("sec-fetch-site", "same-origin".into()), ("origin", own.clone())],
        // The address bar and bookmarks.
        vec![("sec-fetch-site", "none".into())],
        vec![("origin", own.clone())],
        vec![("origin", own.clone()), ("referer", "https://evil.test/".into())],
    ] {
        let al = sending(&al, &headers);
        al.post_form("/api/v1/message/", &[("recipient", "bo"), ("body", "hello")]).await.expect(201);
        al.post_form("/simpleui/", &[("recipient", "bo"), ("body", "hello")]).await.expect(303);
    }
    // For any host name that the request has.
    let named = al.with("host", "Chat.Example:81").with("origin", "http://chat.example:81");
    named.send("bo", "hello").await;
}

#[tokio::test]
async fn another_site_can_link_here_but_not_read() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let visiting = al.with("sec-fetch-site", "cross-site").with("origin", "https://evil.test");
    for path in ["/", "/login/", "/simpleui/", "/api/v1/message/", "/api/v1/user/"] {
        let answer = visiting.get(path).await.expect(200);
        // Without this header the browser hides the response from the other site's scripts.
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
    }
}

#[tokio::test]
async fn another_site_cannot_log_anybody_out() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let own = format!("http://{}", server.address);
    for (name, value) in [
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".into()),
        ("referer", "https://evil.test/".into()),
        ("referer", format!("{own}0/")),
        ("referer", format!("{own}.evil.test/")),
        ("referer", format!("https://evil.test/?{own}/")),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let answer = al.with(name, &value).ask(method, "/logout/", None, "".into()).await.expect(403);
            assert!(!answer.headers.contains_key("set-cookie"), "{name}: {value}");
        }
        al.get("/api/v1/").await.expect(200);
    }
    for (name, value) in
        [("sec-fetch-site", "same-origin".into()), ("referer", format!("{own}/")), ("accept", "*/*".into())]
    {
        let another = join(&server, &value.replace(|c: char| !c.is_ascii_alphanumeric(), "x")).await;
        another.with(name, value).get("/logout/").await.expect(302);
        another.get("/api/v1/").await.expect(403);
    }
}

#[tokio::test]
async fn another_site_cannot_open_a_socket() {
    let server = Server::start().await;
    let Three { al, bo, .. } = Three::join(&server).await;
    for headers in foreign(&server.address.to_string()) {
        if headers.iter().all(|(name, _)| *name != "origin") || headers[0].0 == "sec-fetch-site" {
            continue;
        }
        let refused = Listener::open(&sending(&al, &headers)).await.err().map(|answer| answer.status().as_u16());
        assert_eq!(refused, Some(403), "{headers:?}");
    }
    // Browsers send the origin with every handshake; a client without one is not a browser.
    let own = format!("http://{}", server.address);
    let (mut program, mut page) = (al.listen().await, al.with("origin", &own).listen().await);
    let sent = bo.send("al", "hello").await;
    assert_eq!(program.next_id().await, sent["id"]);
    assert_eq!(page.next_id().await, sent["id"]);
    // Without a login, our own page gets no socket either.
    let refused = Listener::open(&server.stranger().with("origin", own)).await.err().unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert!(refused.headers().contains_key("www-authenticate"));
}

#[tokio::test]
async fn another_site_cannot_log_anybody_in() {
    // After a login to the attacker's account, the victim would write messages there.
    let server = Server::start().await;
    server.sign_up("al").await;
    let before = stored::dump(&server);
    let fields = [("username", "al"), ("password", PASSWORD)];
    let answer = server.stranger().with("origin", "https://evil.test").post_form("/login/", &fields).await.expect(403);
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(stored::dump(&server), before);
    server.stranger().post_form("/login/", &fields).await.expect(302);
}
