//! Everything a request may need, built once and passed along. Wires the store's commits to the hub.

use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::password::Passwords;
use crate::auth::throttle::Throttle;
use crate::clock::Clock;
use crate::config::Config;
use crate::hub::Hub;
use crate::pictures::Pictures;
use crate::presence::Presence;
use crate::store::{OpenError, Store};
use crate::views::Views;

/// The running program's parts; cloning it is cheap.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub struct Parts {
    pub config: Config,
    pub clock: Clock,
    pub store: Store,
    pub hub: Hub,
    pub presence: Presence,
    pub passwords: Passwords,
    pub throttle: Throttle,
    pub pictures: Pictures,
    pub views: Views,
    pub sockets: Sockets,
}

/// The tasks of open WebSockets, which outlive the requests that started them.
#[derive(Default)]
pub struct Sockets {
    pub tasks: TaskTracker,
    /// Cancelled when every socket should close.
    pub closing: CancellationToken,
}

impl App {
    /// Opens the database and builds the rest around it.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, OpenError> {
        let views = Views::load().map_err(|error| OpenError::Unexpected(error.to_string()))?;
        let hub = Hub::default();
        let presence = Presence::new(clock.clone());
        let (listeners, watchers) = (hub.clone(), presence.clone());
        let committed = move |events: Vec<_>| {
            for event in events {
                watchers.consider(&event);
                listeners.publish(event);
            }
        };
        let store = Store::open(config.database.clone(), clock.clone(), committed).await?;
        let passwords = Passwords::new();
        let (throttle, pictures, sockets) = (Throttle::default(), Pictures::default(), Sockets::default());
        Ok(Self(Arc::new(Parts { config, clock, store, hub, presence, passwords, throttle, pictures, views, sockets })))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
