//! The generator's WebSocket: frames made and read by hand, so that eighteen thousand of them cost little.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::http::{connect, header, more, read_head, status, text};

pub struct Socket {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Whether the server uses the live protocol; otherwise the original's.
    pub live: bool,
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

impl Socket {
    /// Opens the `number`-th socket, offering the live protocol.
    pub async fn open(address: SocketAddr, number: usize, path: &str, cookie: &str) -> Result<Self> {
        let mut stream = connect(address, number).await?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: chinwag.v1\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut buffer = Vec::with_capacity(512);
        let end = read_head(&mut stream, &mut buffer).await?;
        let head = text(&buffer[..end])?;
        if status(head)? != 101 {
            return Err(Error::other(format!("refused with {}", status(head)?)));
        }
        let live = header(head, "sec-websocket-protocol").is_some();
        buffer.drain(..end);
        Ok(Self { stream, buffer, live })
    }

    /// The next text; pings are answered.
    pub async fn next(&mut self) -> Result<String> {
        loop {
            let (kind, start, end) = self.frame().await?;
            let payload = &self.buffer[start..end];
            let received = match kind {
                TEXT => Some(text(payload)?.to_owned()),
                PING => {
                    let pong = frame(PONG, payload);
                    self.stream.write_all(&pong).await?;
                    None
                }
                CLOSE => return Err(ErrorKind::ConnectionAborted.into()),
                _ => None,
            };
            self.buffer.drain(..end);
            if let Some(received) = received {
                return Ok(received);
            }
        }
    }

    pub async fn send(&mut self, text: &str) -> Result<()> {
        self.stream.write_all(&frame(TEXT, text.as_bytes())).await
    }

    /// Reads until a whole frame is at the beginning of the buffer: its kind and where its payload is.
    async fn frame(&mut self) -> Result<(u8, usize, usize)> {
        loop {
            if let [first, length, rest @ ..] = self.buffer.as_slice() {
                let known = match (length, rest) {
                    (126, [a, b, ..]) => Some((4, usize::from(u16::from_be_bytes([*a, *b])))),
                    (127, bytes) if bytes.len() >= 8 => {
                        let length = bytes.first_chunk().map(|eight| u64::from_be_bytes(*eight)).unwrap_or(0);
                        Some((10, usize::try_from(length).map_err(|_| Error::from(ErrorKind::InvalidData))?))
                    }
                    (126 | 127, _) => None,
                    (length, _) => Some((2, usize::from(*length))),
                };
                if let Some((start, length)) = known
                    && self.buffer.len() >= start + length
                {
                    return Ok((first & 0x0f, start, start + length));
                }
            }
            more(&mut self.stream, &mut self.buffer).await?;
        }
    }
}

/// A client's frame. Its mask is zero, which is as good as any here.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | kind];
    match u8::try_from(payload.len()) {
        Ok(length) if length < 126 => frame.push(0x80 | length),
        _ => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(payload.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The ids of the messages in a frame, in either protocol.
pub fn message_ids(frame: &str) -> Vec<i64> {
    match frame.strip_prefix(r#"{"message": ""#) {
        Some(original) => digits(original).into_iter().collect(),
        None => frame.split(r#""message":{"id":"#).skip(1).filter_map(digits).collect(),
    }
}

/// The first number after this text.
pub fn number_after(frame: &str, key: &str) -> Option<i64> {
    digits(frame.split_once(key)?.1)
}

/// The number with which a text begins.
fn digits(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    text[..end].parse().ok()
}
