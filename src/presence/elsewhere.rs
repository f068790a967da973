//! Who is active in other processes, as far as they have said so lately, and what there is to tell them.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;

use super::{People, Presence};
use crate::clock::Timestamp;
use crate::model::UserId;

/// How long someone is taken to be active in another process without its saying so again: it may have been killed.
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
pub(super) struct Elsewhere {
    active: HashMap<UserId, HashMap<Node, Instant>>,
    untold: HashSet<UserId>,
}

impl Elsewhere {
    pub fn is_active(&self, user: UserId) -> bool {
        self.active.contains_key(&user)
    }

    /// What to tell others of this person has changed.
    pub fn changed(&mut self, user: UserId) {
        self.untold.insert(user);
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
            self.untold.notified().await;
        }
    }

    fn take_activities(&self) -> Vec<Activity> {
        let mut people = self.lock();
        let untold = std::mem::take(&mut people.elsewhere.untold);
        let now = self.clock.now();
        let of = |user| {
            let person = people.known.get(&user);
            let left_at = person.and_then(|person| person.left_at).unwrap_or(now);
            let is_active = person.is_some_and(|person| person.active > 0);
            Activity { user, left_at: (!is_active).then_some(left_at) }
        };
        untold.into_iter().map(of).collect()
    }

    /// Everyone who is active here.
    pub fn active(&self) -> Vec<UserId> {
        let people = self.lock();
        people.known.iter().filter(|(_, person)| person.active > 0).map(|(user, _)| *user).collect()
    }

    /// Another process says that someone is active there, or has left.
    pub fn heard(&self, node: Node, activity: Activity) {
        self.heard_at(node, activity, Instant::now());
    }

    fn heard_at(&self, node: Node, Activity { user, left_at }: Activity, now: Instant) {
        let mut people = self.lock();
        let was_active = people.is_active(user);
        if left_at.is_some() {
            people.leave(node, user);
            people.change(user, |person| person.left_at = person.left_at.max(left_at));
        } else {
            people.elsewhere.active.entry(user).or_default().insert(node, now);
        }
        if people.is_active(user) != was_active {
            people.notify_watchers(user);
        }
    }

    /// Forgets who has not been heard of for long.
    pub fn expire(&self) {
        self.expire_at(Instant::now());
    }

    fn expire_at(&self, now: Instant) {
        let mut people = self.lock();
        let silent = |heard: &Instant| now.duration_since(*heard) >= EXPIRY;
        let expired =
            people.elsewhere.active.iter().flat_map(|(user, nodes)| {
                nodes.iter().filter(|(_, heard)| silent(heard)).map(|(node, _)| (*node, *user))
            });
        for (node, user) in expired.collect::<Vec<_>>() {
            people.leave(node, user);
            people.notify_watchers(user);
        }
    }
}

impl People {
    fn leave(&mut self, node: Node, user: UserId) {
        if let Some(nodes) = self.elsewhere.active.get_mut(&user) {
            nodes.remove(&node);
            if nodes.is_empty() {
                self.elsewhere.active.remove(&user);
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
    fn a_person_is_online_until_every_process_has_said_otherwise_or_is_silent() {
        let presence = Presence::new(Clock::system());
        let mut watcher = presence.join(BO);
        watcher.watch(vec![AL]);
        let mut online = || watcher.snapshots().iter().map(|snapshot| snapshot.online).collect::<Vec<_>>();
        assert_eq!(online(), [false]);
        let start = Instant::now();
        presence.heard_at(7, ACTIVE, start);
        assert_eq!(online(), [true]);
        presence.heard_at(8, ACTIVE, start + EXPIRY / 2);
        presence.heard_at(7, ACTIVE, start + EXPIRY / 2);
        assert!(online().is_empty(), "nothing has changed");
        presence.heard_at(7, Activity { user: AL, left_at: Some(Timestamp::from_micros(9)) }, start + EXPIRY / 2);
        presence.expire_at(start + EXPIRY);
        assert_eq!(presence.lock().elsewhere.active[&AL].len(), 1);
        presence.expire_at(start + 2 * EXPIRY);
        assert_eq!(online(), [false]);
        assert!(presence.lock().elsewhere.active.is_empty());
    }

    #[tokio::test]
    async fn others_are_told_the_latest_state_once() {
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
