//! A live message: sent, received by the recipient's socket, acknowledged there as delivered and read, and the
//! acknowledgement received by the sender's socket. Then the next message of the pair follows.

use std::io::{Error, Result};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::closed::{Script, WARM_UP, send};
use super::http::Http;
use super::process::Server;
use super::socket::{Socket, number_after};
use super::stats::Spread;
use super::stock::people::Person;

/// What a live message costs.
pub struct Outcome {
    pub errors: u64,
    pub per_second: f64,
    /// From the send until the sender's socket reports that it was read.
    pub latency: Spread,
    /// Processor time of the server for each.
    pub cpu: Duration,
    /// Bytes that the server wrote to its disk for each.
    pub written: f64,
}

impl Outcome {
    pub fn line(&mut self) -> String {
        format!(
            "{:>8.0} /s  {}  server {:.1} us and {:.1} KiB written each, {} errors",
            self.per_second,
            self.latency.line(),
            self.cpu.as_secs_f64() * 1e6,
            self.written / 1024.0,
            self.errors
        )
    }
}

/// Every two of these people write to each other, one message after the other.
pub async fn run(server: &Server, people: &[Person], length: Duration) -> Outcome {
    let start = Instant::now() + WARM_UP;
    let end = start + length;
    let pairs = people.chunks_exact(2).enumerate();
    let pairs: Vec<_> = pairs
        .map(|(number, pair)| {
            tokio::spawn(converse(server.address, number, [pair[0].clone(), pair[1].clone()], start, end))
        })
        .collect();
    tokio::time::sleep_until(start.into()).await;
    let before = server.usage();
    tokio::time::sleep_until(end.into()).await;
    let after = server.usage();
    let (mut latency, mut errors) = (Spread::default(), 0);
    for pair in pairs {
        match pair.await {
            Ok(Ok(one)) => latency.merge(one),
            _ => errors += 1,
        }
    }
    let done = latency.len() as u64;
    let each = done.max(1) as f64;
    Outcome {
        errors,
        per_second: done as f64 / length.as_secs_f64(),
        latency,
        cpu: (after.cpu - before.cpu).div_f64(each),
        written: (after.written - before.written) as f64 / each,
    }
}

async fn converse(
    address: SocketAddr,
    number: usize,
    people: [Person; 2],
    start: Instant,
    end: Instant,
) -> Result<Spread> {
    let mut sockets = Vec::new();
    for (side, person) in people.iter().enumerate() {
        sockets.push(Socket::open(address, 2 * number + side, "/ws", &person.cookie).await?);
    }
    let mut http = Http::connect(address).await?;
    let mut sends = [send(address, &people[0], &people[1]), send(address, &people[1], &people[0])];
    let mut latency = Spread::default();
    for turn in 0.. {
        let sent = Instant::now();
        if sent >= end {
            break;
        }
        let (from, to) = (turn % 2, 1 - turn % 2);
        exchange(&mut http, &mut sends[from], &mut sockets, (from, to)).await?;
        if sent >= start {
            latency.add(sent.elapsed());
        }
    }
    Ok(latency)
}

/// One message and all that follows from it.
async fn exchange(
    http: &mut Http,
    send: &mut Script,
    sockets: &mut [Socket],
    (from, to): (usize, usize),
) -> Result<()> {
    let status = http.ask(send.next()).await?.status;
    if status != 201 {
        return Err(Error::other(format!("a send was answered {status}")));
    }
    let message = receive(&mut sockets[to], r#""type":"message""#).await?;
    let number = |key| number_after(&message, key).ok_or_else(|| Error::other("a message without a number"));
    let (conversation, seq) = (number(r#""conversation":"#)?, number(r#""seq":"#)?);
    let ack = format!(r#"{{"type":"ack","conversation":{conversation},"delivered":{seq},"read":{seq}}}"#);
    sockets[to].send(&ack).await?;
    // Both receive the position; the sender's socket received the message before it.
    let read = format!(r#""read":{seq}}}"#);
    receive(&mut sockets[to], &read).await?;
    receive(&mut sockets[from], &read).await.map(drop)
}

/// The next frame that contains this; frames before it are skipped.
async fn receive(socket: &mut Socket, what: &str) -> Result<String> {
    loop {
        let frame = socket.next().await?;
        if frame.contains(what) {
            return Ok(frame);
        }
    }
}
