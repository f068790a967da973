//! Who is listening now. The hub carries hints in memory: it never waits for a listener, and what a slow one misses is
//! in the store. It must not know how an event is said on the wire.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;

use crate::model::{Event, UserId};
use crate::wire::Notice;

/// Notices kept for a listener that does not keep up; it catches up from the store when it misses one.
const KEPT: usize = 32;

/// Sockets one person may have open.
const SEATS_PER_USER: usize = 64;

/// The people who are listening, each with a channel that all their sockets share.
#[derive(Clone, Default)]
pub struct Hub {
    // A plain mutex: it is held for a map lookup, never across an await.
    channels: Arc<Mutex<HashMap<UserId, broadcast::Sender<Arc<Notice>>>>>,
}

/// One person has too many sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSeat;

impl Hub {
    /// Takes a seat: from now on every notice for `user` reaches it, in order, until it is dropped.
    pub fn join(&self, user: UserId) -> Result<Seat, NoSeat> {
        let mut channels = self.lock();
        let channel = channels.entry(user).or_insert_with(|| broadcast::Sender::new(KEPT));
        if channel.receiver_count() >= SEATS_PER_USER {
            return Err(NoSeat);
        }
        Ok(Seat { notices: channel.subscribe(), user, hub: self.clone() })
    }

    /// Tells those of the event's audience who are listening. Never waits.
    pub fn publish(&self, event: Event) {
        let notice = Arc::new(Notice::new(event));
        let channels = self.lock();
        for user in notice.event.audience() {
            if let Some(channel) = channels.get(&user) {
                // An error says that the last seat is being left at this moment.
                let _ = channel.send(Arc::clone(&notice));
            }
        }
    }

    /// Sockets that are open now.
    pub fn seats(&self) -> usize {
        self.lock().values().map(broadcast::Sender::receiver_count).sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, broadcast::Sender<Arc<Notice>>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the hub; dropping it leaves.
pub struct Seat {
    notices: broadcast::Receiver<Arc<Notice>>,
    user: UserId,
    hub: Hub,
}

/// Notices were missed: the store has what they were about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed;

impl Seat {
    /// The next notice, or the news that some were missed.
    pub async fn next(&mut self) -> Result<Arc<Notice>, Missed> {
        // The channel cannot close: the hub keeps it while there are seats.
        self.notices.recv().await.map_err(|_| Missed)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut channels = self.hub.lock();
        // This seat's receiver is still counted here.
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
    async fn every_seat_of_the_audience_hears_in_order_and_nobody_else() {
        let hub = Hub::default();
        let mut tabs = [hub.join(UserId(1)).unwrap(), hub.join(UserId(1)).unwrap()];
        let mut other = hub.join(UserId(2)).unwrap();
        hub.publish(event(1, 1));
        hub.publish(event(1, 2));
        hub.publish(event(2, 3));
        for tab in &mut tabs {
            assert_eq!(tab.next().await.unwrap().event, event(1, 1));
            assert_eq!(tab.next().await.unwrap().event, event(1, 2));
        }
        assert_eq!(other.next().await.unwrap().event, event(2, 3));
    }

    #[tokio::test]
    async fn a_seat_that_does_not_keep_up_is_told_and_goes_on() {
        let hub = Hub::default();
        let mut seat = hub.join(UserId(1)).unwrap();
        (0..=KEPT).for_each(|_| hub.publish(event(1, 0)));
        assert!(matches!(seat.next().await, Err(Missed)));
        assert!(seat.next().await.is_ok());
    }

    #[test]
    fn leaving_frees_the_seat_and_the_last_one_the_channel() {
        let hub = Hub::default();
        let seats: Vec<_> = (0..SEATS_PER_USER).map(|_| hub.join(UserId(1)).unwrap()).collect();
        assert_eq!(hub.join(UserId(1)).err(), Some(NoSeat));
        assert_eq!(hub.seats(), SEATS_PER_USER);
        drop(seats);
        assert_eq!(hub.seats(), 0);
        assert!(hub.lock().is_empty());
        assert!(hub.join(UserId(1)).is_ok());
    }
}
