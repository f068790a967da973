//! A faulty network between clients and the server: it forwards, delays, freezes silently, and cuts connections.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Bytes forwarded at once. The size of the socket buffers is left to the system: if they are this small, a busy Linux
/// 6.18 may forward only 2 KiB per 0.2 s, for as long as more data is waiting than fits.
const BUFFER: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Forward,
    /// Everything arrives this much later, in small pieces.
    Delay(Duration),
    /// Nothing is forwarded, and neither side notices.
    Freeze,
    /// What the server sends is not forwarded.
    NoAnswers,
}

/// The network; all its connections end when it is dropped.
pub struct Proxy {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    cut: watch::Sender<CancellationToken>,
    _end: DropGuard,
}

impl Proxy {
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, cut) = (watch::Sender::new(Mode::Forward), watch::Sender::new(CancellationToken::new()));
        let (modes, cuts, end) = (mode.subscribe(), cut.subscribe(), CancellationToken::new());
        let accepting = async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (mode, cut) = (modes.clone(), cuts.borrow().clone());
                connections.spawn(cut.run_until_cancelled_owned(connect(client, server, mode)));
                while connections.try_join_next().is_some() {}
            }
        };
        tokio::spawn(end.clone().run_until_cancelled_owned(accepting));
        Self { address, mode, cut, _end: end.drop_guard() }
    }

    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Ends all open connections.
    pub fn cut(&self) {
        self.cut.send_replace(CancellationToken::new()).cancel();
    }
}

async fn connect(client: TcpStream, server: SocketAddr, mode: watch::Receiver<Mode>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    tokio::select! {
        _ = forward(from_client, to_server, mode.clone(), &[Mode::Freeze]) => {}
        _ = forward(from_server, to_client, mode, &[Mode::Freeze, Mode::NoAnswers]) => {}
    }
}

/// Forwards one direction until it ends, except in these modes; then the whole connection ends.
async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut mode: watch::Receiver<Mode>,
    stopped: &[Mode],
) -> Option<()> {
    let mut bytes = [0; BUFFER];
    loop {
        mode.wait_for(|mode| !stopped.contains(mode)).await.ok()?;
        let count = from.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        let now = *mode.wait_for(|mode| !stopped.contains(mode)).await.ok()?;
        if let Mode::Delay(by) = now {
            sleep(by).await;
        }
        to.write_all(&bytes[..count]).await.ok()?;
    }
}
