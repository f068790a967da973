//! The security headers of every response, for all requests and results.

use chinwag::assets::VERSION;
use hyper::Method;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Answer, Caller, Server, Three, raw, soon};

/// Words that no response may contain: names of libraries, of the original, and of the machine.
const GIVEAWAYS: [&str; 14] = [
    "warp",
    "hyper",
    "tokio",
    "rusqlite",
    "sqlite",
    "tera",
    "serde",
    "multer",
    "django",
    "panicked",
    "rejection",
    "rs",
    "src",
    "db",
];

/// A word in the response that reveals how the server is made.
fn giveaway(answer: &Answer) -> Option<String> {
    // Pages name their scripts by this attribute.
    let text = answer.text().to_lowercase().replace(" src=", " ");
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| GIVEAWAYS.contains(word)).map(str::to_owned)
}

#[track_caller]
fn check(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("chinwag-version", VERSION),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{what}: {name}");
    }
    let policy: Vec<_> = answer.header("content-security-policy").split(';').map(str::trim).collect();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(&directive), "{what}: {directive} in {policy:?}");
    }
    assert!(!policy.iter().any(|directive| directive.contains("unsafe")), "{what}: {policy:?}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
    for name in ["server", "x-powered-by", "access-control-allow-origin", "strict-transport-security"] {
        assert_eq!(answer.header(name), "", "{what}: {name}");
    }
    assert_eq!(answer.body.is_empty(), answer.header("content-type").is_empty(), "{what}: a body has a media type");
}

/// Caller, method, path, media type of the body, body, and status of the response.
type Row<'r> = (&'r Caller, &'static str, &'r str, Option<&'static str>, &'static str, u16);

/// Sends a request with a body, so that every kind of refusal occurs.
async fn ask(who: &Caller, method: &str, path: &str, media: Option<&str>, body: &str) -> Answer {
    who.ask(Method::from_bytes(method.as_bytes()).unwrap(), path, media, body.to_owned().into()).await
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let message = format!("/api/v1/message/{}/", al.send("bo", "hello").await["id"]);
    let foreign = al.with("origin", "https://evil.test");
    let stranger = server.stranger();
    let (json, form, text) = (Some("application/json"), Some("application/x-www-form-urlencoded"), Some("text/plain"));
    let rows: &[Row<'_>] = &[
        (&al, "GET", "/", None, "", 200),
        (&stranger, "GET", "/login/", None, "", 200),
        (&stranger, "GET", "/signup/", None, "", 200),
        (&stranger, "POST", "/login/", form, "", 200),
        (&stranger, "POST", "/signup/", form, "", 200),
        (&al, "GET", "/simpleui/?target=bo", None, "", 200),
        (&al, "GET", "/api/v1/", None, "", 200),
        (&al, "GET", "/api/v1/message/", None, "", 200),
        (&al, "GET", &message, None, "", 200),
        (&al, "GET", "/api/v1/user/", None, "", 200),
        (&stranger, "GET", "/api/v1/openapi.json", None, "", 200),
        (&stranger, "GET", "/api/docs", None, "", 200),
        (&stranger, "GET", "/healthz", None, "", 200),
        (&stranger, "GET", "/readyz", None, "", 200),
        (&stranger, "GET", "/static/styles/common.css", None, "", 200),
        (&al, "POST", "/api/v1/message/", json, r#"{"recipient":"bo","body":"x"}"#, 201),
        (&al, "OPTIONS", "/api/v1/message/", None, "", 204),
        (&stranger, "GET", "/", None, "", 302),
        (&stranger, "GET", "/simpleui/", None, "", 302),
        (&stranger, "GET", "/logout/", None, "", 302),
        (&al, "POST", "/simpleui/", form, "recipient=bo&body=x", 303),
        (&al, "POST", "/simpleui/", form, "recipient=bo&body=+", 400),
        (&al, "POST", "/simpleui/", form, "recipient=nobody&body=x", 404),
        (&al, "POST", "/api/v1/message/", json, "{", 400),
        (&al, "GET", "/api/v1/message/?before=x", None, "", 400),
        (&al, "GET", "/simpleui/?cursor=x", None, "", 400),
        (&stranger, "GET", "/api/v1/message/", None, "", 403),
        (&foreign, "POST", "/login/", form, "", 403),
        (&foreign, "POST", "/api/v1/message/", json, "{}", 403),
        (&foreign, "DELETE", "/nope", None, "", 403),
        (&stranger, "GET", "/nope", None, "", 404),
        (&al, "GET", "/nope.php?id=1'", None, "", 404),
        (&al, "GET", "/api/nope", None, "", 404),
        (&al, "GET", "/api/v1/message/0/", None, "", 404),
        (&al, "GET", "/api/v1/message/?page=0", None, "", 404),
        (&al, "GET", "/simpleui/?target=nobody", None, "", 404),
        (&stranger, "GET", "/static/nope.css", None, "", 404),
        (&stranger, "GET", "/ws", None, "", 404),
        (&stranger, "DELETE", "/login/", None, "", 405),
        (&al, "PUT", &message, json, "{}", 405),
        (&stranger, "POST", "/static/styles/common.css", None, "", 405),
        (&al, "POST", "/api/v1/message/", text, "x", 415),
        (&al, "POST", "/simpleui/", text, "x", 415),
        (&stranger, "POST", "/login/", text, "x", 415),
    ];
    for (who, method, path, media, body, status) in rows {
        let what = format!("{method} {path}");
        let answer = ask(who, method, path, *media, body).await;
        assert_eq!(answer.status.as_u16(), *status, "{what}: {}", answer.text());
        check(&answer, &what);
        if *status >= 400 {
            assert_eq!(giveaway(&answer), None, "{what}: {}", answer.text());
        }
        let kept = answer.header("cache-control");
        let expected = if path.starts_with("/static/") && *status == 200 { "public, max-age=60" } else { "no-store" };
        assert_eq!(kept, expected, "{what}");
    }
}

#[tokio::test]
async fn responses_without_a_body_have_the_version_header_too() {
    let server = Server::start_with(|config| config.max_connections = 2).await;
    let stranger = server.stranger();
    let file = stranger.get("/static/styles/common.css").await.expect(200);
    let known = stranger.with("if-none-match", file.header("etag")).get("/static/styles/common.css").await.expect(304);
    let head = stranger.ask(Method::HEAD, "/login/", None, "".into()).await.expect(200);
    for answer in [&file, &known, &head] {
        assert_eq!(answer.header("chinwag-version"), VERSION);
    }
    let al = server.enter("al").await;
    let (switched, _socket) = handshake(&al).await;
    assert!(switched.starts_with("HTTP/1.1 101 ") && switched.contains(&named()), "{switched}");
    // At the connection limit the response does not come from the site's handlers.
    let (_, _socket) = handshake(&al).await;
    let mut full = String::new();
    let mut refused = TcpStream::connect(server.address).await.unwrap();
    soon("the refusal", refused.read_to_string(&mut full)).await.unwrap();
    assert!(full.starts_with("HTTP/1.1 503 ") && full.to_lowercase().contains(&named()), "{full}");

    let server = Server::start_with(|config| config.force_https = true).await;
    assert_eq!(server.stranger().get("/").await.expect(308).header("chinwag-version"), VERSION);
}

/// The header as it is written.
fn named() -> String {
    format!("\r\nchinwag-version: {VERSION}\r\n")
}

/// The answer to a handshake, and the connection.
async fn handshake(who: &Caller) -> (String, TcpStream) {
    let mut stream = TcpStream::connect(who.address).await.unwrap();
    let (address, cookie) = (who.address, who.cookie.as_ref().unwrap());
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = vec![0; 4096];
    let length = soon("an answer", stream.read(&mut head)).await.unwrap();
    (String::from_utf8_lossy(&head[..length]).into_owned(), stream)
}

#[tokio::test]
async fn responses_of_the_http_library_have_no_body() {
    let server = Server::start().await;
    let address = server.address;
    let many = "X-A: b\r\n".repeat(150);
    let long = "x".repeat(40_000);
    for (request, statuses) in [
        ("nonsense\r\n\r\n".to_owned(), [400, 400]),
        (format!("GET / HTTP/9.9\r\nHost: {address}\r\n\r\n"), [400, 505]),
        (format!("GET / HTTP/1.1\r\nHost: {address}\r\n{many}\r\n"), [431, 431]),
        (format!("GET /{long} HTTP/1.1\r\nHost: {address}\r\n\r\n"), [431, 414]),
        (format!("GET / HTTP/1.1\r\nHost: {address}\r\nX: {long}\r\n\r\n"), [431, 431]),
        (format!("POST / HTTP/1.1\r\nHost: {address}\r\nContent-Length: x\r\n\r\n"), [400, 400]),
    ] {
        let answer = raw::speak(address, &request).await;
        assert!(statuses.contains(&answer.status.as_u16()), "{request:.60}: {answer:?}");
        assert_eq!(answer.text(), "", "{request:.60}");
    }
}

#[tokio::test]
async fn no_page_has_inline_scripts_or_styles() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    al.send("bo", "hello").await;
    for path in ["/", "/login/", "/signup/", "/simpleui/?target=bo", "/api/docs", "/nope"] {
        let page = al.get(path).await.text();
        for script in page.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.contains("src=\"/static/") && rest.starts_with("</script>"), "{path}: <script{tag}>");
        }
        for forbidden in
            ["<style", " style=\"", " onclick=", " onload=", " onerror=", "javascript:", "http://", "https://"]
        {
            assert!(!page.contains(forbidden), "{path}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn problems_have_the_media_type_that_the_client_accepts() {
    let server = Server::start().await;
    let al = Three::join(&server).await.al;
    let ask = async |accept: &'static str, path: &str| al.with("accept", accept).get(path).await.expect(404);
    let standard = ask("application/problem+json", "/api/v1/message/0/").await;
    assert_eq!(standard.header("content-type"), "application/problem+json");
    let problem = standard.json();
    assert_eq!((&problem["status"], &problem["title"]), (&404.into(), &"Not Found".into()));
    assert_eq!(problem["code"], "not_found");
    assert_eq!(problem["request_id"], standard.header("x-request-id"));
    assert!(problem["detail"].is_string() && problem["type"] == "about:blank", "{problem}");
    assert_eq!(ask("application/json", "/nope").await.json()["detail"], problem["detail"]);
    assert_eq!(
        ask("text/html,application/json;q=0.9", "/nope").await.header("content-type"),
        "text/html; charset=utf-8"
    );

    let input = r#"{"recipient":"bo","body":""}"#;
    let refused = al.with("accept", "application/problem+json").post_json("/api/v1/message/", input).await.expect(400);
    assert_eq!(
        (&refused.json()["code"], &refused.json()["errors"]["body"][0]["code"]),
        (&"invalid".into(), &"blank".into())
    );
}
