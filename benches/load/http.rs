//! A client that costs little: one connection, requests made beforehand, answers read no further than needed.

use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Connections from one source address; there are about 28,000 ports for each.
const PER_SOURCE: usize = 10_000;

pub struct Http {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back, in the client's buffer.
pub struct Answer<'b> {
    pub status: u16,
    pub head: &'b str,
    pub body: &'b [u8],
}

/// The `number`-th connection: from a loopback address that it shares with few others.
pub async fn connect(address: SocketAddr, number: usize) -> Result<TcpStream> {
    let stream = if address.ip() == Ipv4Addr::LOCALHOST {
        let socket = TcpSocket::new_v4()?;
        let source = Ipv4Addr::new(127, 0, 0, 2 + (number / PER_SOURCE) as u8);
        socket.bind(SocketAddr::from((source, 0)))?;
        socket.connect(address).await?
    } else {
        TcpStream::connect(address).await?
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Http {
    pub async fn connect(address: SocketAddr) -> Result<Self> {
        Ok(Self { stream: connect(address, 0).await?, buffer: Vec::with_capacity(4096) })
    }

    pub async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let end = read_head(&mut self.stream, &mut self.buffer).await?;
        let length = header(text(&self.buffer[..end])?, "content-length").map_or(Ok(0), str::parse::<usize>);
        let whole = end + length.map_err(|_| malformed())?;
        while self.buffer.len() < whole {
            more(&mut self.stream, &mut self.buffer).await?;
        }
        let head = text(&self.buffer[..end])?;
        Ok(Answer { status: status(head)?, head, body: &self.buffer[end..whole] })
    }
}

/// Reads an answer's head into `buffer`; where it ends.
pub async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    loop {
        more(stream, buffer).await?;
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(at + 4);
        }
    }
}

pub async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    match stream.read_buf(buffer).await? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

pub fn status(head: &str) -> Result<u16> {
    head.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(malformed)
}

/// A header's value; names are compared without case.
pub fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.split("\r\n").find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| malformed())
}

fn malformed() -> Error {
    ErrorKind::InvalidData.into()
}

pub fn get(address: SocketAddr, path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\nCookie: {cookie}\r\n\r\n").into()
}

pub fn post(address: SocketAddr, path: &str, cookie: &str, media: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {cookie}\r\n\
         Content-Type: {media}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}
