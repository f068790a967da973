//! Limits on request bodies: size, speed and format.

use std::time::Duration;

use crate::support::{Answer, Caller, Server, Three, join, raw, stored};

const LIMIT: usize = 256 * 1024;

/// A POST with these headers and this body as they are.
async fn post(who: &Caller, path: &str, headers: &str, body: &[u8]) -> Answer {
    let cookie = who.cookie.iter().map(|cookie| format!("Cookie: {cookie}\r\n")).collect::<String>();
    let head = format!("POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{cookie}{headers}\r\n", who.address);
    raw::speak(who.address, [head.as_bytes(), body].concat()).await
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let chunks =
        body.chunks(10_000).flat_map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
    chunks.chain(b"0\r\n\r\n".to_owned()).collect()
}

/// A form that sends a message, exactly this many bytes long; the padding is in a field that is ignored.
fn form(length: usize) -> Vec<u8> {
    let mut form = b"recipient=bo&body=hello&filler=".to_vec();
    form.resize(length, b'x');
    form
}

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn a_body_above_the_size_limit_is_refused() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    for path in ["/api/v1/message/", "/simpleui/"] {
        let taken = if path == "/simpleui/" { 303 } else { 201 };
        let sized = |length: usize| format!("{FORM}Content-Length: {length}\r\n");
        let in_chunks = format!("{FORM}Transfer-Encoding: chunked\r\n");
        post(&al, path, &sized(LIMIT), &form(LIMIT)).await.expect(taken);
        post(&al, path, &in_chunks, &chunked(&form(LIMIT))).await.expect(taken);
        let before = stored::dump(&server);
        // The announced length is enough; the server does not wait for the body.
        post(&al, path, &sized(LIMIT + 1), b"").await.expect(413);
        post(&al, path, &format!("{FORM}Content-Length: {}\r\n", u64::MAX / 2), b"").await.expect(413);
        // These have no announced length; the first byte above the limit ends them.
        let endless = &chunked(&form(LIMIT + 1))[..];
        let unfinished = endless.strip_suffix(b"0\r\n\r\n").unwrap();
        post(&al, path, &in_chunks, unfinished).await.expect(413);
        assert_eq!(stored::dump(&server), before, "{path}");
    }
    post(&server.stranger(), "/login/", &format!("{FORM}Content-Length: {}\r\n", LIMIT + 1), b"").await.expect(413);
    post(&server.stranger(), "/signup/", &format!("{FORM}Content-Length: {}\r\n", LIMIT + 1), b"").await.expect(413);
    // Without a login the answer is 403, not 413.
    let announced = format!("{FORM}Content-Length: {}\r\n", LIMIT + 1);
    post(&server.stranger(), "/api/v1/message/", &announced, b"").await.expect(403);
}

#[tokio::test]
async fn an_incomplete_body_times_out() {
    let server = Server::start_with(|config| config.timeouts.body = Duration::from_millis(50)).await;
    let Three { al, .. } = Three::join(&server).await;
    let before = stored::dump(&server);
    post(&al, "/api/v1/message/", &format!("{FORM}Content-Length: 100\r\n"), b"recipient=bo&body=x").await.expect(408);
    let unfinished = b"13\r\nrecipient=bo&body=x\r\n";
    post(&al, "/api/v1/message/", &format!("{FORM}Transfer-Encoding: chunked\r\n"), unfinished).await.expect(408);
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn request_smuggling_is_refused() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let before = stored::dump(&server);
    // Two lengths, or a length and chunks: a proxy and a server may disagree about the end of the request.
    let smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ] {
        let answer = post(&al, "/api/v1/message/", &format!("{FORM}{lengths}"), smuggled).await;
        assert_eq!(answer.status.as_u16(), 400, "{lengths}");
        assert!(!answer.text().contains("ok\n"), "{lengths}");
    }
    assert_eq!(stored::dump(&server), before);
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let server = Server::start().await;
    let Three { al, .. } = Three::join(&server).await;
    let fields = [("recipient", "bo"), ("body", "hello")];
    for encoding in ["gzip", "br", "deflate", "zstd", "GZIP", "gzip, identity", "x"] {
        for path in ["/api/v1/message/", "/simpleui/"] {
            al.with("content-encoding", encoding).post_form(path, &fields).await.expect(415);
        }
    }
    al.with("content-encoding", "gzip")
        .with("content-encoding", "gzip")
        .post_form("/simpleui/", &fields)
        .await
        .expect(415);
    assert_eq!(al.get("/api/v1/message/").await.json()["count"], 0);
    al.with("content-encoding", "identity").post_form("/api/v1/message/", &fields).await.expect(201);
}

#[tokio::test]
async fn forms_are_accepted_in_three_media_types_only() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let multipart = "--XX\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\nal\r\n\
                     --XX\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nhello\r\n--XX--\r\n";
    let rows = [
        ("application/x-www-form-urlencoded", "recipient=al&body=hello", 303),
        ("multipart/form-data; boundary=XX", multipart, 303),
        ("multipart/form-data; boundary=\"XX\"", multipart, 303),
        ("application/json", r#"{"recipient":"al","body":"hello"}"#, 303),
        ("multipart/form-data", multipart, 400),
        ("multipart/form-data; boundary=YY", multipart, 400),
        ("multipart/mixed; boundary=XX", multipart, 415),
        ("text/plain", "recipient=al&body=hello", 415),
        ("application/octet-stream", "recipient=al&body=hello", 415),
        ("application/jsonx", "{}", 415),
        ("garbage", "recipient=al&body=hello", 415),
    ];
    for (media, body, status) in rows {
        let answer = al.ask(hyper::Method::POST, "/simpleui/", Some(media), body.into()).await;
        assert_eq!(answer.status.as_u16(), status, "{media}: {}", answer.text());
    }
    let twice = "Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n";
    post(&al, "/api/v1/message/", twice, b"{}").await.expect(415);
    let stored = al.get("/api/v1/message/").await.json();
    assert_eq!(stored["count"], 4);
}

#[tokio::test]
async fn files_and_surplus_parts_of_a_multipart_form_do_no_harm() {
    let server = Server::start().await;
    let al = join(&server, "al").await;
    let part = |disposition: &str, value: &str| {
        format!("--XX\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
    };
    let send = async |parts: String| {
        let whole = format!("{parts}--XX--\r\n");
        al.ask(hyper::Method::POST, "/api/v1/message/", Some("multipart/form-data; boundary=XX"), whole.into()).await
    };
    let file = part("name=\"file\"; filename=\"../../etc/passwd\"", "content");
    let fields = part("name=\"recipient\"", "al") + &part("name=\"body\"", "first") + &part("name=\"body\"", "last");
    assert_eq!(send(file + &fields).await.expect(201).json()["body"], "last");
    let many = part("name=\"x\"", "").repeat(3_000);
    send(many).await.expect(400);
    send(part("filename=\"no name\"", "x")).await.expect(400);
}
