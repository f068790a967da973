//! Hints through the database: NOTIFY, on one channel for each schema.

use std::time::Duration;

use futures_util::stream::poll_fn;
use futures_util::{StreamExt, pin_mut};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Notification};

use super::address::Address;
use crate::store::engine::others::{Heard, LOOK, ToTell};
use crate::store::engine::{Error, Result};

/// How long to wait for the server.
const PATIENCE: Duration = Duration::from_secs(5);

/// The name of the channel.
macro_rules! channel {
    () => {
        "(SELECT 'chinwag_' || oid FROM pg_namespace WHERE nspname = current_schema())"
    };
}

const NAME: &str = concat!("SELECT ", channel!());
const SAY: &str = concat!("SELECT pg_notify(", channel!(), ", $1)");
/// That the process `$1` has committed. As part of a transaction it is heard with the commit, and never without it.
pub(super) const COMMITTED: &str = concat!("SELECT pg_notify(", channel!(), ", CAST(CAST($1 AS bigint) AS text))");

/// Where to listen.
pub(in crate::store) struct Listener {
    address: Address,
    /// This process, whose own commits it need not hear of.
    node: i64,
}

impl Listener {
    pub(super) fn new(address: Address, node: i64) -> Self {
        Self { address, node }
    }

    /// Passes hints on, until nothing more can be told.
    pub async fn run(self, mut to_tell: ToTell, heard: impl Fn(Heard) + Send + Sync) {
        while let Err(error) = self.listen(&mut to_tell, &heard).await {
            to_tell.set_heard(false);
            tracing::warn!(%error, "other processes are not heard");
            heard(Heard::Commits);
            sleep(LOOK).await;
        }
    }

    /// Ends without an error when nothing more can be said.
    async fn listen(&self, to_tell: &mut ToTell, heard: &(impl Fn(Heard) + Sync)) -> Result<()> {
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
        to_tell.set_heard(true);
        heard(Heard::Commits);
        loop {
            tokio::select! {
                notification = arrived.recv() => match notification {
                    Some(notification) => match notification.payload().parse::<i64>() {
                        Ok(node) if node == self.node => {}
                        Ok(_) => heard(Heard::Commits),
                        Err(_) => heard(Heard::Said(notification.payload().to_owned())),
                    },
                    None => return Err(Error::Lost("the server closed the connection".into())),
                },
                text = to_tell.text() => match text {
                    Some(text) => drop(client.query_one(SAY, &[&text]).await?),
                    None => return Ok(()),
                },
                () = sleep(LOOK) => heard(Heard::Commits),
            }
        }
    }
}
