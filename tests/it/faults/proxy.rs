//! The network between clients and the server, with moods: it carries, delays, freezes without a word, and cuts.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Bytes carried at once. What a connection may hold is left to the system: where it is set to as little as this, a busy
/// Linux 6.18 can fall into carrying 2 KiB per 0.2 s, for as long as there is more to carry than fits.
const BUFFER: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Carry,
    /// Everything arrives this much later, and little at a time.
    Delay(Duration),
    /// Nothing moves, and nobody is told.
    Freeze,
}

/// A network; all its connections end when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    mood: watch::Sender<Mood>,
    cut: watch::Sender<CancellationToken>,
    _end: DropGuard,
}

impl Proxy {
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, cut) = (watch::Sender::new(Mood::Carry), watch::Sender::new(CancellationToken::new()));
        let (moods, cuts, end) = (mood.subscribe(), cut.subscribe(), CancellationToken::new());
        let accepting = async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (mood, cut) = (moods.clone(), cuts.borrow().clone());
                connections.spawn(cut.run_until_cancelled_owned(connect(client, server, mood)));
                while connections.try_join_next().is_some() {}
            }
        };
        tokio::spawn(end.clone().run_until_cancelled_owned(accepting));
        Self { address, mood, cut, _end: end.drop_guard() }
    }

    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// Ends all connections there are.
    pub fn cut(&self) {
        self.cut.send_replace(CancellationToken::new()).cancel();
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mood: watch::Receiver<Mood>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = carry(from_client, to_server, mood.clone()) => {}
        _ = carry(from_server, to_client, mood) => {}
    }
}

/// Carries one direction until it ends; then the whole connection does.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut mood: watch::Receiver<Mood>,
) -> Option<()> {
    let mut bytes = [0; BUFFER];
    loop {
        mood.wait_for(|mood| *mood != Mood::Freeze).await.ok()?;
        let count = from.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        let now = *mood.wait_for(|mood| *mood != Mood::Freeze).await.ok()?;
        if let Mood::Delay(by) = now {
            sleep(by).await;
        }
        to.write_all(&bytes[..count]).await.ok()?;
    }
}
