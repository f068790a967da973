//! Who is online, watched or typing: in memory, and gone with the last socket. It must not know
//! who may see what, or how that is written on the wire: sockets are only notified that it is time to poll.

mod remote;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::clock::{Clock, Timestamp};
use crate::model::{ConversationId, Event, UserId, Username};

use remote::Remote;
pub use remote::{Activity, Node};

/// People one socket may watch.
pub const MAX_WATCHED: usize = 100;

/// Least time between two polls of one socket, so that someone who comes and goes all the time costs their watchers
/// little.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Least time between two typing events of one person in the same conversation.
const TYPING_INTERVAL: Duration = Duration::from_secs(3);

/// Conversations in which one person may be typing within that time, and typists one socket learns of in one poll.
const MAX_TYPING: usize = 16;

/// The people who have sockets, are watched, or whose leaving is not stored yet; cloning it is cheap.
#[derive(Clone)]
pub struct Presence {
    // A plain mutex: it is held for map lookups, never across an await.
    people: Arc<Mutex<People>>,
    clock: Clock,
    /// Notified when other processes do not know something yet.
    unsent: Arc<Notify>,
}

#[derive(Default)]
struct People {
    known: HashMap<UserId, Person>,
    last_session: u64,
    remote: Remote,
}

#[derive(Default)]
struct Person {
    /// The inboxes of their own sockets by number, at most as many as the hub allows one person.
    sessions: Vec<(u64, Arc<Inbox>)>,
    /// The inboxes of the sockets that watch them.
    watchers: HashMap<u64, Arc<Inbox>>,
    /// Sockets of theirs with a page that is visible and has the focus.
    active: u32,
    /// When the last of those went, until that is stored.
    left_at: Option<Timestamp>,
    /// Where they were typing lately.
    typed: Vec<(ConversationId, Instant)>,
}

/// What waits for a socket.
#[derive(Default)]
struct Inbox {
    pending: Mutex<Pending>,
    notify: Notify,
}

/// It names people and not their changes, so it cannot grow: a late poll sees the last state.
#[derive(Default)]
struct Pending {
    changed: Vec<UserId>,
    /// All watched people are to be polled.
    all: bool,
    typing: Vec<(ConversationId, Username)>,
}

/// What is known of someone besides what is in the store. To be read before the store: what is stored is forgotten
/// here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PresenceSnapshot {
    pub user: UserId,
    pub online: bool,
    pub left_at: Option<Timestamp>,
}

/// What a watcher was shown, or would be shown now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub online: bool,
    pub last_seen: Option<Timestamp>,
}

impl Presence {
    pub fn new(clock: Clock) -> Self {
        Self { people: Arc::default(), clock, unsent: Arc::default() }
    }

    /// Registers a socket of this person, until the session is dropped.
    pub fn join(&self, user: UserId) -> PresenceSession {
        let inbox = Arc::<Inbox>::default();
        let mut people = self.lock();
        people.last_session += 1;
        let number = people.last_session;
        people.known.entry(user).or_default().sessions.push((number, Arc::clone(&inbox)));
        drop(people);
        let presence = self.clone();
        PresenceSession {
            presence,
            user,
            number,
            inbox,
            active: false,
            watch_list: None,
            watched: Vec::new(),
            next_poll: None,
        }
    }

    /// Notifies the sockets that may now see more, or less, than before.
    pub fn consider(&self, event: &Event) {
        if event.changes_visibility() {
            self.invalidate(&event.audience());
        }
    }

    /// What others may see of these people, or they see of others, may have changed.
    pub fn invalidate(&self, users: &[UserId]) {
        let people = self.lock();
        users.iter().for_each(|user| people.invalidate(*user));
    }

    /// The same for everyone.
    pub fn invalidate_all(&self) {
        let people = self.lock();
        people.known.keys().for_each(|user| people.invalidate(*user));
    }

    /// Notifies the sockets of `reader` that this person is typing in one of their conversations.
    pub fn notify_typing(&self, reader: UserId, conversation: ConversationId, name: &Username) {
        let people = self.lock();
        for (_, inbox) in people.known.get(&reader).into_iter().flat_map(|person| &person.sessions) {
            inbox.put(|pending| {
                let is_known = pending.typing.iter().any(|(where_, who)| *where_ == conversation && who == name);
                if pending.typing.len() < MAX_TYPING && !is_known {
                    pending.typing.push((conversation, name.clone()));
                }
            });
        }
    }

    /// When people left, as far as that is not stored yet.
    pub fn unwritten(&self) -> Vec<(UserId, Timestamp)> {
        self.lock().known.iter().filter_map(|(user, person)| Some((*user, person.left_at?))).collect()
    }

    /// Forgets what is stored, unless they have left again since.
    pub fn forget(&self, written: &[(UserId, Timestamp)]) {
        let mut people = self.lock();
        for (user, left_at) in written {
            people.change(*user, |person| person.left_at = person.left_at.filter(|at| at != left_at));
        }
    }

    fn lock(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl People {
    /// Whether someone is active here or in another process.
    fn is_active(&self, user: UserId) -> bool {
        self.known.get(&user).is_some_and(|person| person.active > 0) || self.remote.is_active(user)
    }

    /// Changes someone's entry, and removes it once it is empty.
    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Person)) {
        let person = self.known.entry(user).or_default();
        change(person);
        if person.sessions.is_empty() && person.watchers.is_empty() && person.left_at.is_none() {
            self.known.remove(&user);
        }
    }

    /// What others may see of this person has changed, and what this person may see of others.
    fn invalidate(&self, user: UserId) {
        if let Some(person) = self.known.get(&user) {
            person.notify_watchers(user);
            person.sessions.iter().for_each(|(_, inbox)| inbox.put(|pending| pending.all = true));
        }
    }
}

impl Person {
    fn notify_watchers(&self, user: UserId) {
        for inbox in self.watchers.values() {
            inbox.put(|pending| {
                if !pending.all && !pending.changed.contains(&user) {
                    pending.changed.push(user);
                }
            });
        }
    }

    /// One of their sockets becomes active, or is no longer. Returns whether that changes what they are.
    fn set_active(&mut self, user: UserId, active: bool, now: Timestamp) -> bool {
        let before = self.active;
        self.active = if active { before + 1 } else { before - 1 };
        if self.active == 0 {
            self.left_at = Some(now);
        }
        let changed = (before == 0) != (self.active == 0);
        if changed {
            self.notify_watchers(user);
        }
        changed
    }
}

impl Inbox {
    fn put(&self, put: impl FnOnce(&mut Pending)) {
        put(&mut self.pending());
        self.notify.notify_one();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && !self.all && self.typing.is_empty()
    }
}

/// A socket's part in presence; dropping it leaves.
pub struct PresenceSession {
    presence: Presence,
    user: UserId,
    number: u64,
    inbox: Arc<Inbox>,
    active: bool,
    /// The people to watch from the next poll on.
    watch_list: Option<Vec<Username>>,
    /// The watched people, and what was last shown of them; nothing of those it may not see.
    watched: Vec<(UserId, Option<Shown>)>,
    next_poll: Option<Instant>,
}

/// What a poll finds besides [`PresenceSession::snapshots`].
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Poll {
    /// The new list of people to watch, if there is one.
    pub watch_list: Option<Vec<Username>>,
    /// Who is typing, and in which conversation.
    pub typing: Vec<(ConversationId, Username)>,
}

impl PresenceSession {
    /// Whether its page is visible and has the focus.
    pub fn set_active(&mut self, active: bool) {
        if self.active != active {
            self.active = active;
            let now = self.presence.clock.now();
            let mut people = self.presence.lock();
            let mut changed = false;
            people.change(self.user, |person| changed = person.set_active(self.user, active, now));
            if changed {
                people.remote.changed(self.user);
                self.presence.unsent.notify_one();
            }
        }
    }

    /// Watches these people instead of those before, from the next poll on.
    pub fn set_watch_list(&mut self, people: Vec<Username>) {
        self.watch_list = Some(people);
        self.inbox.put(|pending| pending.all = true);
    }

    /// Whether a typing event for this conversation may be sent now; if so it is counted as sent.
    pub fn may_type(&self, conversation: ConversationId) -> bool {
        self.may_type_at(conversation, Instant::now())
    }

    fn may_type_at(&self, conversation: ConversationId, now: Instant) -> bool {
        let mut may = false;
        self.presence.lock().change(self.user, |person| {
            person.typed.retain(|(_, at)| now.duration_since(*at) < TYPING_INTERVAL);
            may = person.typed.len() < MAX_TYPING && person.typed.iter().all(|(other, _)| *other != conversation);
            if may {
                person.typed.push((conversation, now));
            }
        });
        may
    }

    /// Waits until it is time to poll. A caller that stops waiting misses nothing.
    pub async fn changed(&self) {
        while self.inbox.pending().is_empty() {
            self.inbox.notify.notified().await;
        }
        if let Some(at) = self.next_poll {
            sleep_until(at).await;
        }
    }

    /// Someone's message is sent: a typing event that still waits is dropped.
    pub fn has_written(&self, conversation: ConversationId, name: &Username) {
        self.inbox.pending().typing.retain(|(other, typist)| *other != conversation || typist != name);
    }

    /// Takes what is pending besides [`Self::snapshots`].
    pub fn poll(&mut self) -> Poll {
        self.next_poll = Some(Instant::now() + POLL_INTERVAL);
        Poll { watch_list: self.watch_list.take(), typing: std::mem::take(&mut self.inbox.pending().typing) }
    }

    /// Watches these people and nobody else, each as if for the first time.
    pub fn watch(&mut self, users: Vec<UserId>) {
        let mut people = self.presence.lock();
        for (user, _) in self.watched.drain(..) {
            people.change(user, |person| drop(person.watchers.remove(&self.number)));
        }
        for user in users {
            people.change(user, |person| {
                if person.watchers.insert(self.number, Arc::clone(&self.inbox)).is_none() {
                    self.watched.push((user, None));
                }
            });
        }
        self.watched.shrink_to_fit();
        self.inbox.pending().all = true;
    }

    /// The watched people whose state may have changed.
    pub fn snapshots(&mut self) -> Vec<PresenceSnapshot> {
        let (changed, all) = {
            let mut pending = self.inbox.pending();
            (std::mem::take(&mut pending.changed), std::mem::take(&mut pending.all))
        };
        let people = self.presence.lock();
        let due = self.watched.iter().filter(|(user, _)| all || changed.contains(user));
        due.map(|(user, _)| {
            let person = people.known.get(user);
            PresenceSnapshot {
                user: *user,
                online: people.is_active(*user),
                left_at: person.and_then(|person| person.left_at),
            }
        })
        .collect()
    }

    /// What to send about someone, given what may be shown now: what is new, and once an empty state when nothing may
    /// be shown any more.
    pub fn update_shown(&mut self, user: UserId, now: Option<Shown>) -> Option<Shown> {
        let shown = self.watched.iter_mut().find(|(watched, _)| *watched == user).map(|(_, shown)| shown)?;
        let before = std::mem::replace(shown, now);
        if before == now { None } else { Some(now.unwrap_or_default()) }
    }
}

impl Drop for PresenceSession {
    fn drop(&mut self) {
        self.set_active(false);
        self.watch(Vec::new());
        self.presence.lock().change(self.user, |person| {
            person.sessions.retain(|(number, _)| *number != self.number);
            if person.sessions.is_empty() {
                person.typed = Vec::new();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AL: UserId = UserId(1);
    const BO: UserId = UserId(2);

    fn online(session: &mut PresenceSession) -> Vec<bool> {
        session.snapshots().iter().map(|snapshot| snapshot.online).collect()
    }

    #[test]
    fn a_person_is_online_while_any_of_their_sockets_is_active() {
        let presence = Presence::new(Clock::new(|| Timestamp::from_micros(7)));
        let mut watcher = presence.join(BO);
        watcher.watch(vec![AL, AL]);
        assert_eq!(online(&mut watcher), [false]);
        let mut tabs = [presence.join(AL), presence.join(AL)];
        tabs.iter_mut().for_each(|tab| tab.set_active(true));
        assert_eq!(online(&mut watcher), [true]);
        tabs[0].set_active(false);
        assert!(online(&mut watcher).is_empty(), "nothing has changed");
        drop(tabs);
        let left = PresenceSnapshot { user: AL, online: false, left_at: Some(Timestamp::from_micros(7)) };
        assert_eq!(watcher.snapshots(), [left]);
    }

    #[test]
    fn what_is_pending_for_a_socket_does_not_grow() {
        let presence = Presence::new(Clock::system());
        let (mut watcher, mut watched) = (presence.join(BO), presence.join(AL));
        watcher.watch(vec![AL]);
        watcher.snapshots();
        for n in 0..1_000 {
            watched.set_active(n % 2 == 0);
            presence.notify_typing(BO, ConversationId(n), &Username::from_stored("al".into()));
        }
        assert_eq!(watcher.snapshots().len(), 1);
        assert_eq!(watcher.poll().typing.len(), MAX_TYPING);
    }

    #[test]
    fn a_message_ends_its_senders_typing_in_that_conversation_alone() {
        let presence = Presence::new(Clock::system());
        let (mut reader, al) = (presence.join(BO), Username::from_stored("al".into()));
        for conversation in [1, 2] {
            presence.notify_typing(BO, ConversationId(conversation), &al);
        }
        reader.has_written(ConversationId(1), &al);
        assert_eq!(reader.poll().typing, [(ConversationId(2), al)]);
    }

    #[test]
    fn nobody_who_left_is_kept_once_that_is_stored() {
        let presence = Presence::new(Clock::system());
        let mut tab = presence.join(AL);
        tab.watch(vec![BO]);
        assert!(tab.may_type(ConversationId(1)));
        tab.set_active(true);
        drop(tab);
        let unwritten = presence.unwritten();
        assert_eq!(unwritten.len(), 1);
        presence.forget(&unwritten);
        assert!(presence.lock().known.is_empty());
    }

    #[test]
    fn typing_is_passed_on_once_in_three_seconds_and_conversation() {
        let presence = Presence::new(Clock::system());
        let (tab, other) = (presence.join(AL), presence.join(AL));
        let now = Instant::now();
        assert!(tab.may_type_at(ConversationId(0), now));
        assert!(!tab.may_type_at(ConversationId(0), now) && !other.may_type_at(ConversationId(0), now));
        assert_eq!((1..100).filter(|n| tab.may_type_at(ConversationId(*n), now)).count(), MAX_TYPING - 1);
        assert!(tab.may_type_at(ConversationId(0), now + TYPING_INTERVAL));
    }
}
