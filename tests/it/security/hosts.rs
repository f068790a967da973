//! The host of a request: requests without exactly one host are refused.

use crate::support::{Server, join, raw};

#[tokio::test]
async fn a_request_must_name_exactly_one_host() {
    let server = Server::start().await;
    let own = server.address.to_string();
    let rows = [
        (format!("GET /login/ HTTP/1.1\r\nHost: {own}\r\n"), 200),
        (format!("GET http://{own}/login/ HTTP/1.1\r\nHost: {own}\r\n"), 200),
        ("GET /login/ HTTP/1.1\r\nHost: chat.example\r\n".into(), 200),
        ("GET /login/ HTTP/1.1\r\nHost: [::1]:8000\r\n".into(), 200),
        ("GET /login/ HTTP/1.1\r\n".into(), 400),
        ("GET /login/ HTTP/1.0\r\n".into(), 400),
        ("GET /login/ HTTP/1.1\r\nHost:\r\n".into(), 400),
        (format!("GET /login/ HTTP/1.1\r\nHost: {own}\r\nHost: {own}\r\n"), 400),
        (format!("GET /login/ HTTP/1.1\r\nHost: {own}\r\nHost: evil.test\r\n"), 400),
        (format!("GET http://evil.test/login/ HTTP/1.1\r\nHost: {own}\r\n"), 400),
        (format!("GET http://{own}/login/ HTTP/1.1\r\nHost: evil.test\r\n"), 400),
        (format!("GET http://{own}/login/ HTTP/1.1\r\n"), 400),
        (format!("GET http://evil.test@{own}/login/ HTTP/1.1\r\nHost: {own}\r\n"), 400),
        ("GET /login/ HTTP/1.1\r\nHost: evil.test/path\r\n".into(), 400),
        ("GET /login/ HTTP/1.1\r\nHost: user@evil.test\r\n".into(), 400),
        ("GET /login/ HTTP/1.1\r\nHost: a, b\r\n".into(), 400),
        ("GET /login/ HTTP/1.1\r\nHost: a\"><b>\r\n".into(), 400),
        ("GET /login/ HTTP/1.1\r\nHost: \u{fc}.example\r\n".into(), 400),
        (format!("CONNECT {own} HTTP/1.1\r\nHost: {own}\r\n"), 405),
        (format!("CONNECT evil.test:443 HTTP/1.1\r\nHost: {own}\r\n"), 400),
        (format!("GET healthz HTTP/1.1\r\nHost: {own}\r\n"), 400),
    ];
    for (request, status) in rows {
        let answer = raw::speak(server.address, format!("{request}Connection: close\r\n\r\n")).await;
        assert_eq!(answer.status.as_u16(), status, "{request}: {}", answer.text());
        assert!(!answer.text().contains("evil.test"), "{request}");
    }
}

#[tokio::test]
async fn a_request_without_one_host_changes_nothing() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let (cookie, own) = (al.cookie.clone().unwrap(), server.address);
    let body = "recipient=al&body=forged";
    for host in [String::new(), format!("Host: {own}\r\nHost: {own}\r\n"), "Host: a b\r\n".into()] {
        let request = format!(
            "POST /api/v1/message/ HTTP/1.1\r\n{host}Cookie: {cookie}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        raw::speak(own, request).await.expect(400);
    }
    assert_eq!(al.get("/api/v1/message/").await.json()["count"], 0);
}
