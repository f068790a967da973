//! Redis as the channel between processes (its documentation, "Redis Pub/sub"). Nothing is stored there, and nobody
//! waits for it: without Redis, each process asks the database every second.

mod address;

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Msg, Pipeline, PushInfo, PushKind};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::channel::{LOOK, Outgoing, Received};
use crate::store::error::OpenError;
use address::{Address, Connection, reason};

/// How long a hint may take; it is dropped then.
const PATIENCE: Duration = Duration::from_millis(100);

/// After how long without an answer the connection is given up.
const SILENCE: Duration = Duration::from_secs(3);

/// How long to wait for a new connection, and between two attempts.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);

/// Hints sent together.
const TOGETHER: usize = 64;

/// A Redis server.
pub(in crate::store) struct Redis {
    address: Address,
    /// This process's number: what it sends comes back to it.
    node: i64,
}

impl Redis {
    /// The server at this URL. It need not be there.
    pub fn at(url: &str, node: i64) -> Result<Self, OpenError> {
        let address = Address::parse(url).map_err(OpenError::Redis)?;
        Ok(Self { address, node })
    }

    /// Passes hints on, until nothing more can be sent. `history` names what the processes have in common.
    pub async fn run(self, history: &str, outgoing: Outgoing, receive: impl Fn(Received) + Send + Sync) {
        let link = Link { channel: format!("chinwag:{history}"), redis: self, receive };
        tokio::select! {
            () = link.keep(outgoing) => {}
            () = link.look() => {}
        }
    }
}

/// What a channel of the server is used for.
struct Link<H> {
    redis: Redis,
    channel: String,
    receive: H,
}

impl<H: Fn(Received) + Send + Sync> Link<H> {
    /// Asks the database every second, whether Redis is there or not: any hint may have been dropped.
    async fn look(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            (self.receive)(Received::Commits);
        }
    }

    /// Connects, again whenever the connection is lost, until nothing more can be sent.
    async fn keep(&self, mut outgoing: Outgoing) {
        let mut lost = false;
        loop {
            let opened = tokio::select! {
                opened = timeout(CONNECT_PATIENCE, self.open()) => opened,
                () = outgoing.discard_all() => return,
            };
            let end = match opened {
                Ok(Ok(connection)) => {
                    if std::mem::take(&mut lost) {
                        tracing::info!("Redis is there again");
                    }
                    outgoing.set_connected(true);
                    (self.receive)(Received::Commits);
                    let end = self.serve(connection, &mut outgoing).await;
                    outgoing.set_connected(false);
                    end
                }
                Ok(Err(reason)) => Err(reason),
                Err(_) => Err("it does not answer".to_owned()),
            };
            match end {
                Ok(()) => return,
                Err(_) if lost => {}
                Err(error) => {
                    lost = true;
                    tracing::warn!(%error, "Redis is not there: what other processes do arrives up to a second late");
                }
            }
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = outgoing.discard_all() => return,
            }
        }
    }

    /// Connects and begins to listen. Others receive that they should look, which shows that they can be reached.
    async fn open(&self) -> Result<Connection, String> {
        let mut connection = self.redis.address.connect().await?;
        connection.commands.subscribe(&self.channel).await.map_err(|error| reason(&error))?;
        self.publishing(true, Vec::new()).exec_async(&mut connection.commands).await.map_err(|error| reason(&error))?;
        Ok(connection)
    }

    /// Passes hints on in both directions; an error means that the connection is lost.
    async fn serve(&self, mut connection: Connection, outgoing: &mut Outgoing) -> Result<(), String> {
        tokio::select! {
            () = self.receive_all(&mut connection.pushes) => Err("it closed the connection".to_owned()),
            end = self.send(&mut connection.commands, outgoing) => end,
        }
    }

    /// Receives until the connection is closed.
    async fn receive_all(&self, pushes: &mut mpsc::Receiver<PushInfo>) {
        while let Some(push) = pushes.recv().await {
            if push.kind == PushKind::Disconnection {
                return;
            }
            let payload = Msg::from_push_info(push).and_then(|message| message.get_payload::<String>().ok());
            let Some(payload) = payload else { continue };
            if let Some(received) = Received::parse(&payload, self.redis.node) {
                (self.receive)(received);
            }
        }
    }

    /// Sends what there is, and asks the server whether it is there when there is nothing.
    async fn send(&self, commands: &mut MultiplexedConnection, outgoing: &mut Outgoing) -> Result<(), String> {
        let mut answered = Instant::now();
        while let Some((committed, hints)) = outgoing.next(TOGETHER).await {
            let pipeline = self.publishing(committed, hints);
            match timeout(PATIENCE, pipeline.exec_async(commands)).await {
                Ok(done) => {
                    done.map_err(|error| reason(&error))?;
                    answered = Instant::now();
                }
                Err(_) if answered.elapsed() > SILENCE => return Err("it does not answer".to_owned()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// The commands that send this, or any other when it is nothing.
    fn publishing(&self, committed: bool, hints: Vec<String>) -> Pipeline {
        let mut pipeline = redis::pipe();
        let commits = committed.then(|| self.redis.node.to_string());
        for payload in commits.into_iter().chain(hints) {
            pipeline.cmd("PUBLISH").arg(&self.channel).arg(payload);
        }
        if pipeline.is_empty() {
            pipeline.cmd("PING");
        }
        pipeline
    }
}
