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
use crate::relay::Relay;
use crate::store::{News, OpenError, Store};
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
    pub throttle: Arc<Throttle>,
    pub relay: Relay,
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
        let throttle = Arc::<Throttle>::default();
        let relay = Relay::new(clock.clone(), presence.clone(), Arc::clone(&throttle));
        let (listeners, watchers, receiver) = (hub.clone(), presence.clone(), relay.clone());
        let committed = move |news| match news {
            News::Events(events) => events.into_iter().for_each(|event| {
                watchers.consider(&event);
                listeners.publish(event);
            }),
            News::Elsewhere { people, accounts } => {
                watchers.invalidate(&accounts);
                listeners.hint(&people);
            }
            News::Anything => {
                watchers.invalidate_all();
                listeners.hint_all();
            }
            News::Hint(hint) => receiver.receive(&hint),
        };
        let (database, redis) = (config.database.clone(), config.redis.clone());
        let store = Store::open_with(database, redis, clock.clone(), committed).await?;
        let passwords = Passwords::new();
        let (pictures, sockets) = (Pictures::default(), Sockets::default());
        Ok(Self(Arc::new(Parts {
            config,
            clock,
            store,
            hub,
            presence,
            passwords,
            throttle,
            relay,
            pictures,
            views,
            sockets,
        })))
    }
}

impl Parts {
    /// Sends a hint to other processes, if there may be any.
    pub fn send_hint(&self, hint: impl FnOnce(&Relay) -> String) {
        self.store.send_hint(|| hint(&self.relay));
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
