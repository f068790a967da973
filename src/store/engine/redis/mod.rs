//! Redis as the channel between processes (its documentation, "Redis Pub/sub"). Nothing is stored there, and nobody
//! waits for it: without Redis, each process asks the database every second.

mod address;

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Msg, Pipeline, PushInfo, PushKind};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::others::{Heard, LOOK, ToTell};
use crate::store::error::OpenError;
use address::{Address, Connection, reason};

/// How long a hint may take; it is dropped then.
const PATIENCE: Duration = Duration::from_millis(100);

/// After how long without an answer the connection is given up.
const SILENCE: Duration = Duration::from_secs(3);

/// How long to wait for a new connection, and between two attempts.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(500);

/// Texts sent together.
const TOGETHER: usize = 64;

/// A Redis server.
pub(in crate::store) struct Redis {
    address: Address,
    /// Tells what this process sent from what others did: all of it comes back.
    node: String,
}

impl Redis {
    /// The server at this URL. It need not be there.
    pub fn at(url: &str) -> Result<Self, OpenError> {
        let address = Address::parse(url).map_err(OpenError::Redis)?;
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| OpenError::Unexpected(error.to_string()))?;
        Ok(Self { address, node: format!("{:016x}", u64::from_le_bytes(bytes)) })
    }

    /// Passes hints on, until nothing more can be told. `history` names what the processes have in common.
    pub async fn run(self, history: &str, to_tell: ToTell, heard: impl Fn(Heard) + Send + Sync) {
        let link = Link { channel: format!("chinwag:{history}"), redis: self, heard };
        tokio::select! {
            () = link.keep(to_tell) => {}
            () = link.look() => {}
        }
    }
}

/// What a channel of the server is used for.
struct Link<H> {
    redis: Redis,
    channel: String,
    heard: H,
}

impl<H: Fn(Heard) + Send + Sync> Link<H> {
    /// Asks the database every second, whether Redis is there or not: any hint may have been dropped.
    async fn look(&self) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            (self.heard)(Heard::Commits);
        }
    }

    /// Connects, again whenever the connection is lost, until nothing more can be told.
    async fn keep(&self, mut to_tell: ToTell) {
        let mut lost = false;
        loop {
            let opened = tokio::select! {
                opened = timeout(CONNECT_PATIENCE, self.open()) => opened,
                () = to_tell.drop_all() => return,
            };
            let end = match opened {
                Ok(Ok(connection)) => {
                    if std::mem::take(&mut lost) {
                        tracing::info!("Redis is there again");
                    }
                    to_tell.set_heard(true);
                    (self.heard)(Heard::Commits);
                    let end = self.serve(connection, &mut to_tell).await;
                    to_tell.set_heard(false);
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
                () = to_tell.drop_all() => return,
            }
        }
    }

    /// Connects and begins to listen. Others hear that they should look, which shows that they can be told.
    async fn open(&self) -> Result<Connection, String> {
        let mut connection = self.redis.address.connect().await?;
        connection.commands.subscribe(&self.channel).await.map_err(|error| reason(&error))?;
        self.publishing(true, Vec::new()).exec_async(&mut connection.commands).await.map_err(|error| reason(&error))?;
        Ok(connection)
    }

    /// Passes hints on in both directions; an error means that the connection is lost.
    async fn serve(&self, mut connection: Connection, to_tell: &mut ToTell) -> Result<(), String> {
        tokio::select! {
            () = self.hear(&mut connection.pushes) => Err("it closed the connection".to_owned()),
            end = self.tell(&mut connection.commands, to_tell) => end,
        }
    }

    /// Hears until the connection is closed.
    async fn hear(&self, pushes: &mut mpsc::Receiver<PushInfo>) {
        while let Some(push) = pushes.recv().await {
            if push.kind == PushKind::Disconnection {
                return;
            }
            let payload = Msg::from_push_info(push).and_then(|message| message.get_payload::<String>().ok());
            let Some(payload) = payload else { continue };
            match payload.split_at_checked(self.redis.node.len()) {
                Some((node, _)) if node == self.redis.node => {}
                Some((_, "")) => (self.heard)(Heard::Commits),
                Some((_, text)) => (self.heard)(Heard::Said(text.to_owned())),
                None => {}
            }
        }
    }

    /// Tells others what there is to tell, and asks the server whether it is there when there is nothing.
    async fn tell(&self, commands: &mut MultiplexedConnection, to_tell: &mut ToTell) -> Result<(), String> {
        let mut answered = Instant::now();
        while let Some((committed, texts)) = to_tell.next(TOGETHER).await {
            let hints = self.publishing(committed, texts);
            match timeout(PATIENCE, hints.exec_async(commands)).await {
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

    /// The commands that tell this, or any other when it is nothing.
    fn publishing(&self, committed: bool, texts: Vec<String>) -> Pipeline {
        let mut pipeline = redis::pipe();
        let commits = committed.then(String::new);
        for text in commits.into_iter().chain(texts) {
            pipeline.cmd("PUBLISH").arg(&self.channel).arg(self.redis.node.clone() + &text);
        }
        if pipeline.is_empty() {
            pipeline.cmd("PING");
        }
        pipeline
    }
}
