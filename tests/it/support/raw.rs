//! A raw client that sends exactly these bytes, for requests that no library would send.

use std::net::SocketAddr;

use bytes::Bytes;
use hyper::{HeaderMap, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::caller::{Answer, Caller};
use super::soon;

/// Sends these bytes on a separate connection and reads until the server ends it. The body is everything after the
/// head, undecoded.
pub async fn speak(address: SocketAddr, bytes: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_ref()).await.unwrap();
    let mut answer = Vec::new();
    soon("the connection ends", stream.read_to_end(&mut answer)).await.unwrap();
    parse(&answer)
}

/// A request without a body, as this caller would send it, with the raw response.
pub async fn request(caller: &Caller, method: &str, path: &str) -> Answer {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", caller.address);
    let cookie = caller.cookie.iter().map(|cookie| ("Cookie", cookie));
    for (name, value) in caller.headers.iter().map(|(name, value)| (*name, value)).chain(cookie) {
        text += &format!("{name}: {value}\r\n");
    }
    speak(caller.address, text + "\r\n").await
}

fn parse(answer: &[u8]) -> Answer {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("the answer has a head");
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("the first line has a status");
    let headers: HeaderMap = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    let body = Bytes::copy_from_slice(&answer[end + 4..]);
    Answer { status: StatusCode::from_bytes(status.as_bytes()).unwrap(), headers, body }
}
