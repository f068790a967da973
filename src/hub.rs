//! Who is listening now. The hub carries hints in memory: it never waits for a listener, and what a slow one misses is
//! in the store. It must not know how an event is written on the wire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::TryRecvError;

use crate::mistakes::{Mistake, made};
use crate::model::{Event, UserId};
use crate::wire::BroadcastEvent;

/// Events kept for a listener that does not keep up; it catches up from the store when it misses one.
const CAPACITY: usize = 32;

/// Sockets and waiting requests one person may have open.
const MAX_PER_USER: usize = 64;

/// An event, or nothing where only the store knows what has happened.
type Hint = Option<Arc<BroadcastEvent>>;

type Channels = HashMap<UserId, broadcast::Sender<Hint>>;

/// The people who are listening, each with a channel that all their subscriptions share.
#[derive(Clone, Default)]
pub struct Hub {
    // A plain mutex: it is held for a map lookup, never across an await.
    channels: Arc<Mutex<Channels>>,
}

/// The person has too many subscriptions already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManySubscriptions;

impl Hub {
    /// From now on every event for `user` reaches the subscription, in order, until it is dropped.
    pub fn subscribe(&self, user: UserId) -> Result<Subscription, TooManySubscriptions> {
        let mut channels = self.lock();
        let channel = channels
            .entry(user)
            .or_insert_with(|| broadcast::Sender::new(if made(Mistake::IgnoreLag) { 1 } else { CAPACITY }));
        if channel.receiver_count() >= MAX_PER_USER {
            return Err(TooManySubscriptions);
        }
        Ok(Subscription { events: channel.subscribe(), user, hub: self.clone() })
    }

    /// Hands the event to those of its audience who are listening. Never waits.
    pub fn publish(&self, event: Event) {
        let event = Arc::new(BroadcastEvent::new(event));
        let channels = self.lock();
        for user in event.event.audience() {
            if let Some(channel) = channels.get(&user) {
                // An error means that the last subscription is just being dropped.
                let _ = channel.send(Some(Arc::clone(&event)));
            }
        }
    }

    /// Tells those of these people who are listening that the store has news for them.
    pub fn hint(&self, people: &[UserId]) {
        let channels = self.lock();
        people.iter().filter_map(|user| channels.get(user)).for_each(|channel| drop(channel.send(None)));
    }

    /// The same for everyone who is listening.
    pub fn hint_all(&self) {
        self.lock().values().for_each(|channel| drop(channel.send(None)));
    }

    /// Subscriptions that are open now.
    pub fn subscriber_count(&self) -> usize {
        self.lock().values().map(broadcast::Sender::receiver_count).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Channels> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One listener's end of the hub; dropping it unsubscribes.
pub struct Subscription {
    events: broadcast::Receiver<Hint>,
    user: UserId,
    hub: Hub,
}

/// Events were missed, or happened in another process: the store has what they were about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lagged;

impl Subscription {
    /// The next event, or the hint that some were missed.
    pub async fn next(&mut self) -> Result<Arc<BroadcastEvent>, Lagged> {
        // The channel cannot close: the hub keeps it while there are subscriptions.
        self.events.recv().await.ok().flatten().ok_or(Lagged)
    }

    /// The next event if one is waiting already.
    pub fn try_next(&mut self) -> Option<Result<Arc<BroadcastEvent>, Lagged>> {
        match self.events.try_recv() {
            Ok(event) => Some(event.ok_or(Lagged)),
            Err(TryRecvError::Lagged(_)) => Some(Err(Lagged)),
            Err(TryRecvError::Empty | TryRecvError::Closed) => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut channels = self.hub.lock();
        // This subscription's receiver is still counted here.
        if channels.get(&self.user).is_some_and(|channel| channel.receiver_count() <= 1) {
            channels.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SessionKey;

    fn event(user: i64, mark: u8) -> Event {
        Event::SessionEnded { user: UserId(user), session: SessionKey([mark; 32]) }
    }

    #[tokio::test]
    async fn every_subscription_of_the_audience_gets_events_in_order_and_nobody_else_does() {
        let hub = Hub::default();
        let mut tabs = [hub.subscribe(UserId(1)).unwrap(), hub.subscribe(UserId(1)).unwrap()];
        let mut other = hub.subscribe(UserId(2)).unwrap();
        hub.publish(event(1, 1));
        hub.publish(event(1, 2));
        hub.publish(event(2, 3));
        for tab in &mut tabs {
            assert_eq!(tab.next().await.unwrap().event, event(1, 1));
            assert_eq!(tab.try_next().unwrap().unwrap().event, event(1, 2));
            assert!(tab.try_next().is_none());
        }
        assert_eq!(other.next().await.unwrap().event, event(2, 3));
    }

    #[tokio::test]
    async fn a_lagging_subscription_learns_that_it_lags_and_goes_on() {
        let hub = Hub::default();
        let mut subscription = hub.subscribe(UserId(1)).unwrap();
        (0..=CAPACITY).for_each(|_| hub.publish(event(1, 0)));
        assert!(matches!(subscription.next().await, Err(Lagged)));
        assert!(subscription.next().await.is_ok());
        (0..=CAPACITY).for_each(|_| hub.publish(event(1, 0)));
        assert!(matches!(subscription.try_next(), Some(Err(Lagged))));
        assert!(matches!(subscription.try_next(), Some(Ok(_))));
    }

    #[test]
    fn dropping_frees_the_subscription_and_the_last_one_the_channel() {
        let hub = Hub::default();
        let all: Vec<_> = (0..MAX_PER_USER).map(|_| hub.subscribe(UserId(1)).unwrap()).collect();
        assert_eq!(hub.subscribe(UserId(1)).err(), Some(TooManySubscriptions));
        assert_eq!(hub.subscriber_count(), MAX_PER_USER);
        drop(all);
        assert_eq!(hub.subscriber_count(), 0);
        assert!(hub.lock().is_empty());
        assert!(hub.subscribe(UserId(1)).is_ok());
    }
}
