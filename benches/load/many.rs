//! Many sockets: what an idle one costs, and what happens when everybody comes back at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::process::Server;
use super::socket::Socket;
use super::stats::Spread;
use super::stock::people::Person;

/// Handshakes at the same time while sockets that will wait are opened.
const AT_ONCE: usize = 64;

/// Sockets that are open and answer pings until they are dropped.
pub struct Idle(Vec<JoinHandle<()>>);

impl Drop for Idle {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Opens a socket for each of these people.
pub async fn idle(server: &Server, people: &[Person]) -> std::io::Result<Idle> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut opening = Vec::with_capacity(people.len());
    for (number, person) in people.iter().enumerate() {
        let (turns, address, cookie) = (Arc::clone(&turns), server.address, person.cookie.clone());
        opening.push(tokio::spawn(async move {
            let _turn = turns.acquire().await;
            Socket::open(address, number, "/ws", &cookie).await
        }));
    }
    let mut open = Vec::with_capacity(people.len());
    for one in opening {
        let mut socket = one.await??;
        open.push(tokio::spawn(async move { while socket.next().await.is_ok() {} }));
    }
    Ok(Idle(open))
}

/// What one idle socket costs the server: resident bytes and processor time to open.
pub struct Cost {
    pub bytes: f64,
    pub opening: Duration,
    pub resident: u64,
}

/// Opens sockets and says what each costs. They stay open as long as the first value lives.
pub async fn cost(server: &Server, people: &[Person]) -> std::io::Result<(Idle, Cost)> {
    let before = server.usage();
    let idle = idle(server, people).await?;
    // By then the buffers of the handshakes are freed.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = server.usage();
    let count = people.len() as f64;
    let bytes = after.resident.saturating_sub(before.resident) as f64 / count;
    let opening = (after.cpu - before.cpu).div_f64(count);
    Ok((idle, Cost { bytes, opening, resident: after.resident }))
}

/// The time over which everybody reconnects: our page retries after a random half to whole second. All at once would
/// measure how fast the generator opens connections.
const WITHIN: Duration = Duration::from_millis(500);

/// What a storm showed: how long each client took to catch up, counted from its connection attempt, and how many
/// failed.
pub struct Storm {
    pub back: Spread,
    pub errors: u64,
    /// They stay open as long as this lives: closing them all at once would stop the generator from timing answers for
    /// 20 ms.
    open: Vec<Socket>,
}

/// Everybody opens a socket within half a second and catches up.
pub async fn storm(server: &Server, people: &[Person]) -> Storm {
    let start = Instant::now();
    let coming: Vec<_> = people
        .iter()
        .cloned()
        .enumerate()
        .map(|(number, person)| {
            let address = server.address;
            let due = start + WITHIN.mul_f64(number as f64 / people.len() as f64);
            tokio::spawn(async move {
                tokio::time::sleep_until(due.into()).await;
                let mut socket = Socket::open(address, number, "/ws?since=0", &person.cookie).await?;
                if socket.live {
                    while !socket.next().await?.starts_with(r#"{"type":"synced""#) {}
                }
                Ok::<_, std::io::Error>((due.elapsed(), socket))
            })
        })
        .collect();
    let mut storm = Storm { back: Spread::default(), errors: 0, open: Vec::new() };
    for one in coming {
        match one.await {
            Ok(Ok((took, socket))) => {
                storm.back.add(took);
                storm.open.push(socket);
            }
            _ => storm.errors += 1,
        }
    }
    storm
}
