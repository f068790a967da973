//! Closed loop: each of a number of connections asks again as soon as it is answered. Shows what a server can do at
//! most.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use stock::people::Person;
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::http::{Http, get, post};
use super::process::Server;
use super::stats::Spread;
use super::{socket::Socket, stock};

/// Time at the beginning that does not count.
pub const WARM_UP: Duration = Duration::from_millis(500);

/// What a closed loop showed.
pub struct Outcome {
    pub done: u64,
    pub errors: u64,
    pub per_second: f64,
    pub latency: Spread,
    /// Processor time of the server for each.
    pub cpu: Duration,
    pub resident: u64,
}

impl Outcome {
    pub fn line(&mut self) -> String {
        format!(
            "{:>8.0} /s  {}  server {:.1} us each, {:.1} MiB resident, {} errors",
            self.per_second,
            self.latency.line(),
            self.cpu.as_secs_f64() * 1e6,
            self.resident as f64 / 1048576.0,
            self.errors
        )
    }
}

/// A request that is sent again and again.
#[derive(Clone)]
pub struct Script {
    bytes: Vec<u8>,
    /// Where a new key is put in each time.
    key: Option<usize>,
}

/// Where a script has its key.
const KEY: &str = "####################################";

impl Script {
    pub fn new(bytes: Vec<u8>) -> Self {
        let key = bytes.windows(KEY.len()).position(|window| window == KEY.as_bytes());
        Self { bytes, key }
    }

    pub fn next(&mut self) -> &[u8] {
        if let Some(at) = self.key {
            new_key().encode_lower(&mut self.bytes[at..at + KEY.len()]);
        }
        &self.bytes
    }
}

/// A client's key for a send, as the program's own page makes them.
pub fn new_key() -> Hyphenated {
    Uuid::now_v7().hyphenated()
}

/// A send from one to another, with a new client key each time.
pub fn send(address: SocketAddr, from: &Person, to: &Person) -> Script {
    let (name, text) = (&to.name, "A message of a usual length, such as people write to each other all day long, ok?");
    let body = format!(r#"{{"recipient":"{name}","body":"{text}","client_id":"{KEY}"}}"#);
    Script::new(post(address, "/api/v1/message/", &from.cookie, "application/json", &body))
}

pub fn read(address: SocketAddr, by: &Person, path: &str) -> Script {
    Script::new(get(address, path, &by.cookie))
}

/// Runs one loop for each script and counts answers with a status of 2xx.
pub async fn run(server: &Server, scripts: Vec<Script>, length: Duration) -> Outcome {
    let start = Instant::now() + WARM_UP;
    let end = start + length;
    let loops: Vec<_> =
        scripts.into_iter().map(|script| tokio::spawn(ask(server.address, script, start, end))).collect();
    tokio::time::sleep_until(start.into()).await;
    let before = server.usage();
    tokio::time::sleep_until(end.into()).await;
    let after = server.usage();
    let mut outcome =
        Outcome { done: 0, errors: 0, per_second: 0.0, latency: Spread::default(), cpu: Duration::ZERO, resident: 0 };
    for one in loops {
        match one.await {
            Ok(Ok((latency, errors))) => {
                outcome.latency.merge(latency);
                outcome.errors += errors;
            }
            _ => outcome.errors += 1,
        }
    }
    outcome.done = outcome.latency.len() as u64;
    outcome.per_second = outcome.done as f64 / length.as_secs_f64();
    outcome.cpu = (after.cpu - before.cpu).div_f64(outcome.done.max(1) as f64);
    outcome.resident = after.resident;
    outcome
}

async fn ask(address: SocketAddr, mut script: Script, start: Instant, end: Instant) -> std::io::Result<(Spread, u64)> {
    let mut http = Http::connect(address).await?;
    let (mut latency, mut errors) = (Spread::default(), 0);
    loop {
        let asked = Instant::now();
        if asked >= end {
            break;
        }
        let answer = http.ask(script.next()).await?;
        if !(200..300).contains(&answer.status) {
            errors += 1;
        } else if asked >= start {
            latency.add(asked.elapsed());
        }
    }
    Ok((latency, errors))
}

/// The same over WebSockets that echo everything; how many round trips a second.
pub async fn echo(server: &Server, sockets: usize, length: Duration) -> std::io::Result<f64> {
    let end = Instant::now() + length;
    let mut loops = Vec::new();
    for number in 0..sockets {
        let mut socket = Socket::open(server.address, number, "/", "").await?;
        loops.push(tokio::spawn(async move {
            let mut trips = 0_u64;
            while Instant::now() < end {
                socket.send("A message of a usual length, such as people write to each other all day long.").await?;
                socket.next().await?;
                trips += 1;
            }
            Ok::<_, std::io::Error>(trips)
        }));
    }
    let mut trips = 0;
    for one in loops {
        trips += one.await??;
    }
    Ok(trips as f64 / length.as_secs_f64())
}
