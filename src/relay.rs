//! What the processes that share a database send each other besides what is in it: who is active, who is typing, and
//! what counts against a rate limit. Hints: who misses one is wrong for a while, and nothing is lost.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::auth::throttle::Throttle;
use crate::clock::{Clock, Timestamp};
use crate::model::{ConversationId, UserId, Username};
use crate::presence::{Activity, Node, Presence};

/// People named in one hint: PostgreSQL takes 8,000 bytes.
const MAX_PEOPLE: usize = 300;

/// A hint for other processes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Hint {
    /// These are active.
    Active(Vec<i64>),
    /// Someone is active nowhere any more, since this time (Unix µs).
    Left { user: i64, at: i64 },
    /// Someone of this name is typing in a conversation, and these may know.
    Typing { conversation: i64, name: String, readers: Vec<i64> },
    /// A wrong password.
    FailedLogin { address: IpAddr, account: String },
    /// A new account.
    SignUp { address: IpAddr },
    /// A change of one's profile.
    ProfileChange { user: i64 },
}

/// A hint with its sender.
#[derive(Serialize, Deserialize)]
struct Message {
    from: Node,
    hint: Hint,
}

/// Writes hints for other processes, and applies theirs. Cloning it is cheap.
#[derive(Clone)]
pub struct Relay {
    node: Node,
    clock: Clock,
    presence: Presence,
    throttle: Arc<Throttle>,
}

impl Relay {
    pub fn new(clock: Clock, presence: Presence, throttle: Arc<Throttle>) -> Self {
        let node = getrandom::u64().expect("the system gives random bytes");
        Self { node, clock, presence, throttle }
    }

    /// That someone became active or left.
    pub fn activity(&self, Activity { user, left_at }: Activity) -> String {
        self.text(match left_at {
            None => Hint::Active(vec![user.0]),
            Some(at) => Hint::Left { user: user.0, at: at.as_micros() },
        })
    }

    /// Everyone who is active here, in a few texts.
    pub fn active(&self) -> Vec<String> {
        let active: Vec<_> = self.presence.active().into_iter().map(|user| user.0).collect();
        active.chunks(MAX_PEOPLE).map(|people| self.text(Hint::Active(people.to_vec()))).collect()
    }

    pub fn typing(&self, conversation: ConversationId, name: &Username, readers: &[UserId]) -> String {
        let readers = readers.iter().take(MAX_PEOPLE).map(|user| user.0).collect();
        self.text(Hint::Typing { conversation: conversation.0, name: name.to_string(), readers })
    }

    pub fn failed_login(&self, address: IpAddr, account: &str) -> String {
        let account = account.trim().chars().take(Username::MAX_CHARS).collect();
        self.text(Hint::FailedLogin { address, account })
    }

    pub fn sign_up(&self, address: IpAddr) -> String {
        self.text(Hint::SignUp { address })
    }

    pub fn profile_change(&self, user: UserId) -> String {
        self.text(Hint::ProfileChange { user: user.0 })
    }

    /// Applies a hint. A process receives its own ones too and ignores them, as it does what it cannot read: it may be of
    /// a newer version.
    pub fn receive(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(Message { from, hint }) if from != self.node => self.apply(from, hint),
            _ => {}
        }
    }

    fn apply(&self, from: Node, hint: Hint) {
        let now = self.clock.now();
        match hint {
            Hint::Active(people) => people.into_iter().for_each(|user| {
                self.presence.set_remote(from, Activity { user: UserId(user), left_at: None });
            }),
            Hint::Left { user, at } => {
                let left_at = Some(Timestamp::from_micros(at));
                self.presence.set_remote(from, Activity { user: UserId(user), left_at });
            }
            Hint::Typing { conversation, name, readers } => {
                let name = Username::from_stored(name);
                for reader in readers {
                    self.presence.notify_typing(UserId(reader), ConversationId(conversation), &name);
                }
            }
            Hint::FailedLogin { address, account } => self.throttle.failed(address, &account, now),
            // Whether they may was decided there; here they are only counted.
            Hint::SignUp { address } => drop(self.throttle.may_sign_up(address, now)),
            Hint::ProfileChange { user } => drop(self.throttle.may_change_profile(UserId(user), now)),
        }
    }

    fn text(&self, hint: Hint) -> String {
        serde_json::to_string(&Message { from: self.node, hint }).expect("it can be written")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay() -> Relay {
        let clock = Clock::system();
        Relay::new(clock.clone(), Presence::new(clock), Arc::default())
    }

    #[test]
    fn a_hint_counts_with_the_other_process_and_not_again_with_its_sender() {
        let (one, other) = (relay(), relay());
        let (address, now) = ("203.0.113.7".parse().unwrap(), one.clock.now());
        let both = |text: String| [&one, &other].iter().for_each(|relay| relay.receive(&text));
        (0..10).for_each(|_| both(one.failed_login(address, " Al ")));
        assert!(one.throttle.may_log_in(address, "al", now).is_ok(), "it counted them before it sent them");
        assert!(other.throttle.may_log_in(address, "al", now).is_err());

        let mut watcher = other.presence.join(UserId(2));
        watcher.watch(vec![UserId(1)]);
        both(one.activity(Activity { user: UserId(1), left_at: None }));
        both(one.typing(ConversationId(5), &Username::from_stored("al".into()), &[UserId(2)]));
        assert!(watcher.snapshots()[0].online);
        assert_eq!(watcher.poll().typing.len(), 1);
        both(one.activity(Activity { user: UserId(1), left_at: Some(Timestamp::from_micros(9)) }));
        assert_eq!(watcher.snapshots()[0].left_at, Some(Timestamp::from_micros(9)));
    }

    #[test]
    fn a_hint_is_short_and_an_unknown_one_is_ignored() {
        let relay = relay();
        let sessions: Vec<_> = (0..1_000)
            .map(|n| {
                let mut session = relay.presence.join(UserId(i64::MAX - n));
                session.set_active(true);
                session
            })
            .collect();
        let texts = relay.active();
        assert!(texts.len() > 2 && texts.iter().all(|text| text.len() < 8_000));
        assert!(relay.failed_login("::1".parse().unwrap(), &"\u{1}".repeat(9_999)).len() < 8_000);
        drop(sessions);
        for text in ["", "{}", r#"{"from":1,"hint":{"new":1}}"#] {
            relay.receive(text);
        }
    }
}
