//! Who is active in other processes, as far as they have sent so lately, and what they do not know yet of this one.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::{People, Presence};
use crate::clock::Timestamp;
use crate::model::UserId;

/// How long someone counts as active in another process that does not repeat it: it may have been killed.
const EXPIRY: Duration = Duration::from_secs(30);

/// A process, by a random number.
pub type Node = u64;

/// Someone became active here, or no longer is: then when they left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    pub user: UserId,
    pub left_at: Option<Timestamp>,
}

/// What is known of other processes, and what they do not know yet.
#[derive(Default)]
pub(super) struct Remote {
    active: HashMap<UserId, HashMap<Node, Instant>>,
    unsent: HashSet<UserId>,
}

impl Remote {
    pub fn is_active(&self, user: UserId) -> bool {
        self.active.contains_key(&user)
    }

    /// Others have to be notified of this person.
    pub fn changed(&mut self, user: UserId) {
        self.unsent.insert(user);
    }
}

impl Presence {
    /// Waits until someone became active here, or no longer is, and returns who. One caller at a time.
    pub async fn next_activities(&self) -> Vec<Activity> {
        loop {
            let activities = self.take_activities();
            if !activities.is_empty() {
                return activities;
            }
            self.unsent.notified().await;
        }
    }

    fn take_activities(&self) -> Vec<Activity> {
        let mut people = self.lock();
        let unsent = std::mem::take(&mut people.remote.unsent);
        let now = self.clock.now();
        let of = |user| {
            let person = people.known.get(&user);
            let left_at = person.and_then(|person| person.left_at).unwrap_or(now);
            let is_active = person.is_some_and(|person| person.active > 0);
            Activity { user, left_at: (!is_active).then_some(left_at) }
        };
        unsent.into_iter().map(of).collect()
    }

    /// Everyone who is active here.
    pub fn active(&self) -> Vec<UserId> {
        let people = self.lock();
        people.known.iter().filter(|(_, person)| person.active > 0).map(|(user, _)| *user).collect()
    }

    /// Someone is active in another process, or has left it.
    pub fn set_remote(&self, node: Node, activity: Activity) {
        self.set_remote_at(node, activity, Instant::now());
    }

    fn set_remote_at(&self, node: Node, Activity { user, left_at }: Activity, now: Instant) {
        let mut people = self.lock();
        let was_active = people.is_active(user);
        if left_at.is_some() {
            people.leave(node, user);
            people.change(user, |person| person.left_at = person.left_at.max(left_at));
        } else {
            people.remote.active.entry(user).or_default().insert(node, now);
        }
        if people.is_active(user) != was_active {
            people.notify_watchers(user);
        }
    }

    /// Removes those whose activity was not repeated for long.
    pub fn expire(&self) {
        self.expire_at(Instant::now());
    }

    fn expire_at(&self, now: Instant) {
        let mut people = self.lock();
        let expired = |since: &Instant| now.duration_since(*since) >= EXPIRY;
        let expired =
            people.remote.active.iter().flat_map(|(user, nodes)| {
                nodes.iter().filter(|(_, since)| expired(since)).map(|(node, _)| (*node, *user))
            });
        for (node, user) in expired.collect::<Vec<_>>() {
            people.leave(node, user);
            people.notify_watchers(user);
        }
    }
}

impl People {
    fn leave(&mut self, node: Node, user: UserId) {
        if let Some(nodes) = self.remote.active.get_mut(&user) {
            nodes.remove(&node);
            if nodes.is_empty() {
                self.remote.active.remove(&user);
            }
        }
    }

    fn notify_watchers(&self, user: UserId) {
        if let Some(person) = self.known.get(&user) {
            person.notify_watchers(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    const AL: UserId = UserId(1);
    const BO: UserId = UserId(2);
    const ACTIVE: Activity = Activity { user: AL, left_at: None };

    #[test]
    fn a_person_is_online_until_every_process_has_sent_otherwise_or_nothing() {
        let presence = Presence::new(Clock::system());
        let mut watcher = presence.join(BO);
        watcher.watch(vec![AL]);
        let mut online = || watcher.snapshots().iter().map(|snapshot| snapshot.online).collect::<Vec<_>>();
        assert_eq!(online(), [false]);
        let start = Instant::now();
        presence.set_remote_at(7, ACTIVE, start);
        assert_eq!(online(), [true]);
        presence.set_remote_at(8, ACTIVE, start + EXPIRY / 2);
        presence.set_remote_at(7, ACTIVE, start + EXPIRY / 2);
        assert!(online().is_empty(), "nothing has changed");
        presence.set_remote_at(7, Activity { user: AL, left_at: Some(Timestamp::from_micros(9)) }, start + EXPIRY / 2);
        presence.expire_at(start + EXPIRY);
        assert_eq!(presence.lock().remote.active[&AL].len(), 1);
        presence.expire_at(start + 2 * EXPIRY);
        assert_eq!(online(), [false]);
        assert!(presence.lock().remote.active.is_empty());
    }

    #[tokio::test]
    async fn others_are_notified_of_the_latest_state_once() {
        let presence = Presence::new(Clock::new(|| Timestamp::from_micros(5)));
        let mut tabs = [presence.join(AL), presence.join(AL)];
        tabs.iter_mut().for_each(|tab| tab.set_active(true));
        assert_eq!((presence.next_activities().await, presence.active()), (vec![ACTIVE], vec![AL]));
        tabs[0].set_active(false);
        assert!(presence.take_activities().is_empty());
        drop(tabs);
        let left = Activity { user: AL, left_at: Some(Timestamp::from_micros(5)) };
        assert_eq!((presence.next_activities().await, presence.active()), (vec![left], vec![]));
    }
}
