//! What the processes that use a database tell each other: NOTIFY, on one channel for each schema. These are hints: who
//! misses one asks the database every second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::poll_fn;
use futures_util::{StreamExt, pin_mut};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Notification};

use super::address::Address;
use crate::store::engine::{Error, Result};
use crate::store::error::OpenError;

/// Between two looks at the database where nothing is heard.
const LOOK: Duration = Duration::from_secs(1);

/// How long to wait for the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// Things to say that may wait. More are dropped: they are hints.
const WAITING: usize = 256;

/// The name of the channel.
macro_rules! channel {
    () => {
        "(SELECT 'chinwag_' || oid FROM pg_namespace WHERE nspname = current_schema())"
    };
}

const NAME: &str = concat!("SELECT ", channel!());
const SAY: &str = concat!("SELECT pg_notify(", channel!(), ", $1)");
/// As part of a transaction: it is heard with the commit, and never without it.
pub(super) const COMMITTED: &str = concat!("SELECT pg_notify(", channel!(), ", '')");

/// What was heard.
pub(in crate::store) enum Heard {
    /// There may be commits of others.
    Commits,
    /// What another process said.
    Said(String),
}

/// Where to listen.
pub(in crate::store) struct Listener {
    address: Address,
    connected: Arc<AtomicBool>,
}

impl Listener {
    pub(super) fn new(address: Address) -> Self {
        Self { address, connected: Arc::default() }
    }

    /// Whether others are heard now; if not, the database is asked every second.
    pub fn connected(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.connected)
    }

    /// Listens on a thread of its own, until what is returned is dropped: with it, something is said to the others.
    pub fn start(
        self,
        heard: impl Fn(Heard) + Send + Sync + 'static,
    ) -> std::result::Result<mpsc::Sender<String>, OpenError> {
        let unexpected = |error: std::io::Error| OpenError::Unexpected(error.to_string());
        let runtime = Builder::new_current_thread().enable_all().build().map_err(unexpected)?;
        let (say, mut to_say) = mpsc::channel(WAITING);
        let listening = async move {
            while let Err(error) = self.listen(&mut to_say, &heard).await {
                self.connected.store(false, Ordering::Relaxed);
                tracing::warn!(%error, "other processes are not heard");
                heard(Heard::Commits);
                sleep(LOOK).await;
            }
        };
        let thread = std::thread::Builder::new().name("store-listener".into());
        thread.spawn(move || runtime.block_on(listening)).map_err(unexpected)?;
        Ok(say)
    }

    /// Ends without an error when nothing more can be said.
    async fn listen(&self, to_say: &mut mpsc::Receiver<String>, heard: &(impl Fn(Heard) + Sync)) -> Result<()> {
        let connecting = timeout(PATIENCE, self.address.connect()).await;
        let connecting = connecting.map_err(|_| Error::Lost("the database server does not answer".into()))?;
        let (client, mut connection) = connecting?;
        let (put, mut arrived) = mpsc::unbounded_channel::<Notification>();
        tokio::spawn(async move {
            let messages = poll_fn(move |context| connection.poll_message(context));
            pin_mut!(messages);
            while let Some(Ok(message)) = messages.next().await {
                if let AsyncMessage::Notification(notification) = message
                    && put.send(notification).is_err()
                {
                    break;
                }
            }
        });
        let name: String = client.query_one(NAME, &[]).await?.get(0);
        client.batch_execute(&format!("LISTEN {name}")).await?;
        self.connected.store(true, Ordering::Relaxed);
        heard(Heard::Commits);
        loop {
            tokio::select! {
                notification = arrived.recv() => match notification {
                    Some(notification) if notification.payload().is_empty() => heard(Heard::Commits),
                    Some(notification) => heard(Heard::Said(notification.payload().to_owned())),
                    None => return Err(Error::Lost("the server closed the connection".into())),
                },
                text = to_say.recv() => match text {
                    Some(text) => drop(client.query_one(SAY, &[&text]).await?),
                    None => return Ok(()),
                },
                () = sleep(LOOK) => heard(Heard::Commits),
            }
        }
    }
}
