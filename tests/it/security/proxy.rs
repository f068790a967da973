//! Forwarding headers: used from as many proxies as are trusted, and ignored otherwise.

use crate::support::caller::PASSWORD;
use crate::support::{Caller, Listener, Server, join};

async fn behind_a_proxy(force_https: bool) -> Server {
    Server::start_with(|config| {
        config.trusted_proxies = 1;
        config.force_https = force_https;
    })
    .await
}

/// As a proxy forwards a request that came over HTTPS.
fn over_https(caller: &Caller) -> Caller {
    caller.with("x-forwarded-proto", "https")
}

/// The same login with the cookie that a browser sends over HTTPS.
fn with_host_cookie(caller: &Caller) -> Caller {
    let cookie = caller.cookie.as_ref().map(|cookie| format!("__Host-{cookie}"));
    over_https(&Caller { cookie, ..caller.clone() })
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let server = behind_a_proxy(false).await;
    let fields = [("username", "al"), ("email", "al@e.test"), ("password1", PASSWORD), ("password2", PASSWORD)];
    let answer = over_https(&server.stranger()).post_form("/signup/", &fields).await.expect(302);
    let mut cookie: Vec<_> = answer.header("set-cookie").split("; ").collect();
    assert!(cookie.remove(0).starts_with("__Host-sessionid="));
    cookie.sort_unstable();
    // No Domain, and Path=/: what the prefix requires (RFC 6265bis, section 4.1.3.2).
    assert_eq!(cookie, ["HttpOnly", "Max-Age=1209600", "Path=/", "SameSite=Lax", "Secure"]);

    let al = over_https(&Caller { cookie: answer.cookie(), ..server.stranger() });
    al.get("/api/v1/").await.expect(200);
    // A cookie without the prefix is one that plain HTTP or a sibling domain could have set.
    let bare = answer.cookie().unwrap().replace("__Host-", "");
    over_https(&Caller { cookie: Some(bare.clone()), ..server.stranger() }).get("/api/v1/").await.expect(403);
    // It does no harm beside the correct one.
    let both = Some(format!("{bare}x; {}", answer.cookie().unwrap()));
    over_https(&Caller { cookie: both, ..server.stranger() }).get("/api/v1/").await.expect(200);
    let removed = al.get("/logout/").await.expect(302);
    let removed = removed.header("set-cookie");
    assert!(removed.starts_with("__Host-sessionid=;") && removed.contains("; Secure"), "{removed}");
    assert!(removed.contains("Max-Age=0"), "{removed}");
    al.get("/api/v1/").await.expect(403);
}

#[tokio::test]
async fn the_origin_is_checked_with_the_scheme_that_the_browser_uses() {
    let server = behind_a_proxy(false).await;
    let al = with_host_cookie(&join(&server, "al").await).with("host", "chat.example");
    for (origin, status) in [
        ("https://chat.example", 201),
        ("http://chat.example", 403),
        ("https://chat.example:8443", 403),
        ("https://evil.test", 403),
    ] {
        let from = al.with("origin", origin);
        from.post_form("/api/v1/message/", &[("recipient", "al"), ("body", "note")]).await.expect(status);
    }
    // The WebSocket client sets its own Host, which is the address here.
    let al = with_host_cookie(&join(&server, "bo").await);
    assert!(Listener::open(&al.with("origin", format!("http://{}", server.address))).await.is_err());
    Listener::open(&al.with("origin", format!("https://{}", server.address))).await.unwrap();
}

#[tokio::test]
async fn links_have_the_forwarded_scheme_and_host() {
    let server = behind_a_proxy(false).await;
    let al = with_host_cookie(&join(&server, "al").await);
    for n in 0..16 {
        al.send("al", &n.to_string()).await;
    }
    let next = async |caller: Caller| caller.get("/api/v1/message/").await.expect(200).json()["next"].clone();
    let address = server.address;
    assert_eq!(next(al.clone()).await, format!("https://{address}/api/v1/message/?page=2"));
    let named = al.with("x-forwarded-host", "chat.example");
    assert_eq!(next(named.clone()).await, "https://chat.example/api/v1/message/?page=2");
    // Of several names, the one that the trusted proxy added is used.
    let claimed = al.with("x-forwarded-host", "evil.test, chat.example:8443");
    assert_eq!(next(claimed).await, "https://chat.example:8443/api/v1/message/?page=2");
    // It is also the host for the origin check.
    let note = [("recipient", "al"), ("body", "note")];
    named.with("origin", "https://chat.example").post_form("/api/v1/message/", &note).await.expect(201);
    named.with("origin", format!("https://{address}")).post_form("/api/v1/message/", &note).await.expect(403);
    for garbage in ["evil.test/path", "a b", "", "user@evil.test"] {
        al.with("x-forwarded-host", garbage).get("/api/v1/message/").await.expect(400);
    }
}

#[tokio::test]
async fn headers_of_untrusted_proxies_are_ignored() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let claiming =
        over_https(&al).with("x-forwarded-host", "evil.test").with("forwarded", "proto=https;host=evil.test");
    let root = claiming.get("/api/v1/").await.expect(200);
    assert_eq!(root.json()["user"], format!("http://{}/api/v1/user/", server.address));
    assert_eq!(root.header("strict-transport-security"), "", "a browser could not use plain HTTP for two years");
    let answer = claiming.get("/logout/").await.expect(302);
    assert!(answer.header("set-cookie").starts_with("sessionid="), "{}", answer.header("set-cookie"));
}

#[tokio::test]
async fn http_requests_are_redirected_to_https() {
    let server = behind_a_proxy(true).await;
    let plain = server.stranger().with("host", "chat.example").with("x-forwarded-proto", "http");
    for (path, location) in [
        ("/", "https://chat.example/"),
        ("/login/?next=/simpleui/", "https://chat.example/login/?next=/simpleui/"),
        ("/nope", "https://chat.example/nope"),
        ("//evil.test/", "https://chat.example//evil.test/"),
        ("/static/styles/common.css", "https://chat.example/static/styles/common.css"),
    ] {
        let answer = plain.get(path).await.expect(308);
        assert_eq!(answer.header("location"), location);
        assert_eq!(answer.header("strict-transport-security"), "", "it counts over HTTPS only");
    }
    // Cookies and passwords are not checked before the redirect; with 308 the client repeats the request unchanged.
    plain.post_form("/login/", &[("username", "al"), ("password", PASSWORD)]).await.expect(308);
    server.stranger().get("/").await.expect(308);
    plain.with("x-forwarded-proto", "https").get("/").await.expect(302);
    let claimed = server.stranger().with("x-forwarded-proto", "https, http").get("/").await;
    claimed.expect(308);

    let secure = over_https(&server.stranger());
    for (path, status) in [("/login/", 200), ("/", 302), ("/api/v1/", 403), ("/nope", 404)] {
        let answer = secure.get(path).await.expect(status);
        let hsts = answer.header("strict-transport-security");
        let seconds: u64 = hsts.split(';').next().unwrap().trim_start_matches("max-age=").parse().unwrap();
        assert!(seconds >= 31_536_000, "{path}: {hsts}");
    }
    // Health checks come from inside, without HTTPS.
    assert_eq!(server.stranger().get("/healthz").await.expect(200).text(), "ok\n");
    server.stranger().get("/readyz").await.expect(200);
    server.stranger().get("/healthz/x").await.expect(308);
}

#[tokio::test]
async fn the_request_id_of_a_trusted_proxy_is_used() {
    let open = Server::start().await;
    let ours = |id: &str| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let first = open.stranger().with("x-request-id", "chosen-by-me").get("/login/").await;
    assert!(ours(first.header("x-request-id")), "{}", first.header("x-request-id"));
    let second = open.stranger().get("/nope").await;
    assert!(ours(second.header("x-request-id")));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));

    let behind = behind_a_proxy(false).await;
    let called = async |id: &str| {
        let answer = behind.stranger().with("x-request-id", id).get("/login/").await.expect(200);
        answer.header("x-request-id").to_owned()
    };
    for id in ["0a1B-2c_3.d", "x", &"x".repeat(128)] {
        assert_eq!(called(id).await, id);
    }
    // Ids that could forge or flood the log are not used.
    for id in ["", "a b", "a=b", "a\"b", "a,b", &"x".repeat(129)] {
        assert!(ours(&called(id).await), "{id}");
    }
}
