//! Hints through the database: NOTIFY, on one channel for each schema.

use std::time::Duration;

use futures_util::stream::poll_fn;
use futures_util::{StreamExt, pin_mut};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_postgres::{AsyncMessage, Notification};

use super::address::Address;
use crate::store::engine::channel::{LOOK, Outgoing, Received};
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
const SEND: &str = concat!("SELECT pg_notify(", channel!(), ", $1)");
/// That the process `$1` has committed. As part of a transaction it is receive with the commit, and never without it.
pub(super) const COMMITTED: &str = concat!("SELECT pg_notify(", channel!(), ", CAST(CAST($1 AS bigint) AS text))");

/// Where to listen.
pub(in crate::store) struct Listener {
    address: Address,
    /// This process's number: it need not be notified of its own commits.
    node: i64,
}

impl Listener {
    pub(super) fn new(address: Address, node: i64) -> Self {
        Self { address, node }
    }

    /// Passes hints on, until nothing more can be sent.
    pub async fn run(self, mut outgoing: Outgoing, receive: impl Fn(Received) + Send + Sync) {
        while let Err(error) = self.listen(&mut outgoing, &receive).await {
            outgoing.set_connected(false);
            tracing::warn!(%error, "other processes are not reached");
            receive(Received::Commits);
            sleep(LOOK).await;
        }
    }

    /// Ends without an error when nothing more can be sent.
    async fn listen(&self, outgoing: &mut Outgoing, receive: &(impl Fn(Received) + Sync)) -> Result<()> {
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
        outgoing.set_connected(true);
        receive(Received::Commits);
        loop {
            tokio::select! {
                notification = arrived.recv() => match notification {
                    Some(notification) => {
                        if let Some(received) = Received::parse(notification.payload(), self.node) {
                            receive(received);
                        }
                    }
                    None => return Err(Error::Lost("the server closed the connection".into())),
                },
                hint = outgoing.hint() => match hint {
                    Some(hint) => drop(client.query_one(SEND, &[&hint]).await?),
                    None => return Ok(()),
                },
                () = sleep(LOOK) => receive(Received::Commits),
            }
        }
    }
}
