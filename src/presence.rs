//! Who is there, who wants to know, and who is typing to whom: in memory, and gone with the last socket. It must not know
//! who may be told what, nor how that is said: sockets are only told that it is time to look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::clock::{Clock, Timestamp};
use crate::model::{Event, UserId, Username};

/// People one socket may watch.
pub const MOST_WATCHED: usize = 100;

/// Between two looks of one socket, so that someone who comes and goes all the time costs their watchers little.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Between two words of one person that they are typing to the same other one.
const BETWEEN_TYPING: Duration = Duration::from_secs(3);

/// Others one person may be said to type to within that time, and who may be typing to one between two looks.
const MOST_TYPING: usize = 16;

/// The people who have sockets, are watched, or have left only just now; cloning it is cheap.
#[derive(Clone)]
pub struct Presence {
    // A plain mutex: it is held for map lookups, never across an await.
    people: Arc<Mutex<People>>,
    clock: Clock,
}

#[derive(Default)]
struct People {
    known: HashMap<UserId, Person>,
    sockets: u64,
}

#[derive(Default)]
struct Person {
    /// Their own sockets by number, at most as many as the hub has seats for one person.
    sockets: Vec<(u64, Arc<Mailbox>)>,
    /// Those of others that watch them.
    watchers: HashMap<u64, Arc<Mailbox>>,
    /// Sockets of theirs with a page that is being looked at.
    active: u32,
    /// When the last of those went, until that is written down.
    left_at: Option<Timestamp>,
    /// To whom they were typing, lately.
    typed: Vec<(Username, Instant)>,
}

/// What waits for a socket. It names people and not what became of them, so it cannot grow: whoever looks late sees the
/// last state.
#[derive(Default)]
struct Mailbox {
    letters: Mutex<Letters>,
    bell: Notify,
}

#[derive(Default)]
struct Letters {
    changed: Vec<UserId>,
    /// All one watches are to be looked at.
    all: bool,
    typing: Vec<Username>,
}

/// What is known of someone besides what is in the store. To be asked before the store: what is written down is forgotten
/// here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub user: UserId,
    pub online: bool,
    pub left_at: Option<Timestamp>,
}

/// What a watcher was told, or would be told now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    pub online: bool,
    pub last_seen: Option<Timestamp>,
}

impl Presence {
    pub fn new(clock: Clock) -> Self {
        Self { people: Arc::default(), clock }
    }

    /// Takes in a socket of this person, until it is dropped.
    pub fn join(&self, user: UserId) -> Attendance {
        let mailbox = Arc::<Mailbox>::default();
        let mut people = self.lock();
        people.sockets += 1;
        let number = people.sockets;
        people.known.entry(user).or_default().sockets.push((number, Arc::clone(&mailbox)));
        drop(people);
        let presence = self.clone();
        Attendance { presence, user, number, mailbox, active: false, wish: None, watched: Vec::new(), next_look: None }
    }

    /// Lets those look again who may now see more, or less, than before.
    pub fn consider(&self, event: &Event) {
        match event {
            Event::AccountChanged(account) => self.lock().unveil(account.user.id),
            // From their first message on its people may see each other.
            Event::MessageCreated { message, audience } if message.seq == 1 => {
                let people = self.lock();
                audience.iter().for_each(|user| people.unveil(*user));
            }
            _ => {}
        }
    }

    /// Tells the sockets of `reader` that this person is typing to them.
    pub fn tell_typing(&self, reader: UserId, name: &Username) {
        let people = self.lock();
        for (_, mailbox) in people.known.get(&reader).into_iter().flat_map(|person| &person.sockets) {
            mailbox.put(|letters| {
                if letters.typing.len() < MOST_TYPING && !letters.typing.contains(name) {
                    letters.typing.push(name.clone());
                }
            });
        }
    }

    /// When people left, as far as that is not written down.
    pub fn unwritten(&self) -> Vec<(UserId, Timestamp)> {
        self.lock().known.iter().filter_map(|(user, person)| Some((*user, person.left_at?))).collect()
    }

    /// Forgets what is written down, unless they have left again since.
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
    /// Changes what is kept of someone, and keeps nothing of one of whom there is nothing to keep.
    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Person)) {
        let person = self.known.entry(user).or_default();
        change(person);
        if person.sockets.is_empty() && person.watchers.is_empty() && person.left_at.is_none() {
            self.known.remove(&user);
        }
    }

    /// What others may see of this person has changed, and what this person may see of others.
    fn unveil(&self, user: UserId) {
        if let Some(person) = self.known.get(&user) {
            person.ring(user);
            person.sockets.iter().for_each(|(_, mailbox)| mailbox.put(|letters| letters.all = true));
        }
    }
}

impl Person {
    /// Lets those look who watch this person.
    fn ring(&self, user: UserId) {
        for mailbox in self.watchers.values() {
            mailbox.put(|letters| {
                if !letters.all && !letters.changed.contains(&user) {
                    letters.changed.push(user);
                }
            });
        }
    }

    fn step(&mut self, user: UserId, to_active: bool, now: Timestamp) {
        let before = self.active;
        self.active = if to_active { before + 1 } else { before - 1 };
        if self.active == 0 {
            self.left_at = Some(now);
        }
        if (before == 0) != (self.active == 0) {
            self.ring(user);
        }
    }
}

impl Mailbox {
    fn put(&self, put: impl FnOnce(&mut Letters)) {
        put(&mut self.letters());
        self.bell.notify_one();
    }

    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Letters {
    fn is_empty(&self) -> bool {
        self.changed.is_empty() && !self.all && self.typing.is_empty()
    }
}

/// A socket's part in all this; dropping it leaves.
pub struct Attendance {
    presence: Presence,
    user: UserId,
    number: u64,
    mailbox: Arc<Mailbox>,
    active: bool,
    /// Whom it wants to watch from the next look on.
    wish: Option<Vec<Username>>,
    /// Whom it watches, and what it was told of them last; nothing of those it may not see.
    watched: Vec<(UserId, Option<Shown>)>,
    next_look: Option<Instant>,
}

/// What there is to look at.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The new list of people to watch, if there is one.
    pub wish: Option<Vec<Username>>,
    /// Those who type to this one.
    pub typing: Vec<Username>,
}

impl Attendance {
    /// Whether its page is being looked at.
    pub fn set_active(&mut self, active: bool) {
        if self.active != active {
            self.active = active;
            let now = self.presence.clock.now();
            self.presence.lock().change(self.user, |person| person.step(self.user, active, now));
        }
    }

    /// Asks for these people instead of those before, at the next look.
    pub fn wish(&mut self, people: Vec<Username>) {
        self.wish = Some(people);
        self.mailbox.put(|letters| letters.all = true);
    }

    /// Whether it may be passed on now that one is typing to this other person; that counts as passing it on.
    pub fn may_type(&self, with: &Username) -> bool {
        self.may_type_at(with, Instant::now())
    }

    fn may_type_at(&self, with: &Username, now: Instant) -> bool {
        let mut may = false;
        self.presence.lock().change(self.user, |person| {
            person.typed.retain(|(_, at)| now.duration_since(*at) < BETWEEN_TYPING);
            may = person.typed.len() < MOST_TYPING && person.typed.iter().all(|(name, _)| name != with);
            if may {
                person.typed.push((with.clone(), now));
            }
        });
        may
    }

    /// Waits until it is time to look. Whoever stops waiting misses nothing.
    pub async fn news(&self) {
        while self.mailbox.letters().is_empty() {
            self.mailbox.bell.notified().await;
        }
        if let Some(at) = self.next_look {
            sleep_until(at).await;
        }
    }

    /// Someone's message goes out: that they are typing, if it still waits to be said, is over.
    pub fn has_written(&self, name: &Username) {
        self.mailbox.letters().typing.retain(|typing| typing != name);
    }

    /// What there is to look at besides [`Self::sightings`].
    pub fn look(&mut self) -> Look {
        self.next_look = Some(Instant::now() + BETWEEN_LOOKS);
        Look { wish: self.wish.take(), typing: std::mem::take(&mut self.mailbox.letters().typing) }
    }

    /// Watches these people and nobody else, each as if for the first time.
    pub fn watch(&mut self, users: Vec<UserId>) {
        let mut people = self.presence.lock();
        for (user, _) in self.watched.drain(..) {
            people.change(user, |person| drop(person.watchers.remove(&self.number)));
        }
        for user in users {
            people.change(user, |person| {
                if person.watchers.insert(self.number, Arc::clone(&self.mailbox)).is_none() {
                    self.watched.push((user, None));
                }
            });
        }
        self.watched.shrink_to_fit();
        self.mailbox.letters().all = true;
    }

    /// Those watched people of whom there may be news.
    pub fn sightings(&mut self) -> Vec<Sighting> {
        let (changed, all) = {
            let mut letters = self.mailbox.letters();
            (std::mem::take(&mut letters.changed), std::mem::take(&mut letters.all))
        };
        let people = self.presence.lock();
        let due = self.watched.iter().filter(|(user, _)| all || changed.contains(user));
        due.map(|(user, _)| {
            let person = people.known.get(user);
            let online = person.is_some_and(|person| person.active > 0);
            Sighting { user: *user, online, left_at: person.and_then(|person| person.left_at) }
        })
        .collect()
    }

    /// What to say of someone, given what may be shown now: what is new, and one last word that shows nothing when
    /// nothing may be shown any more.
    pub fn tell(&mut self, user: UserId, now: Option<Shown>) -> Option<Shown> {
        let told = self.watched.iter_mut().find(|(watched, _)| *watched == user).map(|(_, told)| told)?;
        let before = std::mem::replace(told, now);
        if before == now { None } else { Some(now.unwrap_or_default()) }
    }
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.set_active(false);
        self.watch(Vec::new());
        self.presence.lock().change(self.user, |person| {
            person.sockets.retain(|(number, _)| *number != self.number);
            if person.sockets.is_empty() {
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

    fn online(attendance: &mut Attendance) -> Vec<bool> {
        attendance.sightings().iter().map(|sighting| sighting.online).collect()
    }

    #[test]
    fn a_person_is_there_while_any_of_their_sockets_is() {
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
        let left = Sighting { user: AL, online: false, left_at: Some(Timestamp::from_micros(7)) };
        assert_eq!(watcher.sightings(), [left]);
    }

    #[test]
    fn what_waits_for_a_socket_does_not_grow() {
        let presence = Presence::new(Clock::system());
        let (mut watcher, mut watched) = (presence.join(BO), presence.join(AL));
        watcher.watch(vec![AL]);
        watcher.sightings();
        for n in 0..1_000 {
            watched.set_active(n % 2 == 0);
            presence.tell_typing(BO, &Username::from_stored(format!("user{n}")));
        }
        assert_eq!(watcher.sightings().len(), 1);
        assert_eq!(watcher.look().typing.len(), MOST_TYPING);
    }

    #[test]
    fn nothing_is_kept_of_those_who_left_once_it_is_written_down() {
        let presence = Presence::new(Clock::system());
        let mut tab = presence.join(AL);
        tab.watch(vec![BO]);
        assert!(tab.may_type(&Username::from_stored("bo".into())));
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
        let name = |n: usize| Username::from_stored(format!("user{n}"));
        let now = Instant::now();
        assert!(tab.may_type_at(&name(0), now));
        assert!(!tab.may_type_at(&name(0), now) && !other.may_type_at(&name(0), now));
        assert_eq!((1..100).filter(|n| tab.may_type_at(&name(*n), now)).count(), MOST_TYPING - 1);
        assert!(tab.may_type_at(&name(0), now + BETWEEN_TYPING));
    }
}
