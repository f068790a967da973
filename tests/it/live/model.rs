//! Random lives of three people at two screens each: whatever happens, every screen ends up with what the server has.

use std::collections::BTreeMap;

use futures_util::SinkExt;
use hyper::Method;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{ask, changes_after, delete, edit, progress, react};
use crate::support::{Caller, Listener, Server};

const NAMES: [&str; 3] = ["al", "bo", "cy"];
/// Lives led in all: with their steps, a little over ten thousand.
const RUNS: u32 = 44;
const SIDE_BY_SIDE: u32 = 4;
const STEPS: usize = 230;

#[derive(Clone, Debug)]
enum Step {
    Send {
        from: usize,
        to: usize,
        answer: Option<prop::sample::Index>,
    },
    Repeat {
        which: prop::sample::Index,
    },
    Edit {
        who: usize,
        which: prop::sample::Index,
    },
    Delete {
        who: usize,
        which: prop::sample::Index,
        everyone: bool,
    },
    React {
        who: usize,
        which: prop::sample::Index,
        emoji: Option<usize>,
    },
    Read {
        who: usize,
        with: usize,
        seq: i64,
        marked: Option<bool>,
    },
    /// A screen loses its connection; it comes back when it is looked at next.
    Disconnect {
        screen: usize,
    },
    Look {
        screen: usize,
    },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        30 => (0..3usize, 0..3usize, proptest::option::of(index()))
            .prop_map(|(from, to, answer)| Step::Send { from, to, answer }),
        6 => index().prop_map(|which| Step::Repeat { which }),
        12 => (0..3usize, index()).prop_map(|(who, which)| Step::Edit { who, which }),
        8 => (0..3usize, index(), any::<bool>())
            .prop_map(|(who, which, everyone)| Step::Delete { who, which, everyone }),
        12 => (0..3usize, index(), proptest::option::of(0..3usize))
            .prop_map(|(who, which, emoji)| Step::React { who, which, emoji }),
        12 => (0..3usize, 0..3usize, 0..12i64, proptest::option::of(any::<bool>()))
            .prop_map(|(who, with, seq, marked)| Step::Read { who, with, seq, marked }),
        8 => (0..6usize).prop_map(|screen| Step::Disconnect { screen }),
        8 => (0..6usize).prop_map(|screen| Step::Look { screen }),
        1 => Just(Step::Restart),
    ]
}

/// What a client keeps, from frames alone.
#[derive(Default)]
struct Kept {
    /// Up to where it has everything.
    revision: i64,
    messages: BTreeMap<i64, Value>,
    /// By conversation and user name.
    positions: BTreeMap<(i64, String), (i64, i64)>,
    marked: BTreeMap<i64, bool>,
}

impl Kept {
    fn apply(&mut self, frame: &Value) {
        let number = |value: &Value| value.as_i64().unwrap();
        let mut place = |conversation: i64, position: &Value| {
            let key = (conversation, position["user"].as_str().unwrap().to_owned());
            let kept = self.positions.entry(key).or_default();
            kept.0 = kept.0.max(number(&position["delivered"]));
            kept.1 = kept.1.max(number(&position["read"]));
        };
        match frame["type"].as_str().unwrap() {
            "message" => {
                let message = &frame["message"];
                let newer = |kept: &Value| number(&kept["revision"]) <= number(&message["revision"]);
                if self.messages.get(&number(&message["id"])).is_none_or(newer) {
                    self.messages.insert(number(&message["id"]), message.clone());
                }
            }
            "hidden" => {
                self.messages.remove(&number(&frame["message"]));
            }
            "position" => place(number(&frame["conversation"]), &frame["position"]),
            "conversation" => {
                let conversation = &frame["conversation"];
                let id = number(&conversation["id"]);
                conversation["positions"].as_array().unwrap().iter().for_each(|position| place(id, position));
                self.marked.insert(id, conversation["marked_unread"] == true);
            }
            "me" => {}
            other => panic!("{other}"),
        }
        self.revision = self.revision.max(number(&frame["revision"]));
    }

    /// What all of it comes to; what was never moved or marked is left out, since no frame tells of it.
    fn picture(&self) -> (Vec<&Value>, Vec<String>, Vec<i64>) {
        let moved = self.positions.iter().filter(|(_, position)| **position != (0, 0));
        let marked = self.marked.iter().filter(|(_, marked)| **marked).map(|(id, _)| *id);
        (self.messages.values().collect(), moved.map(|entry| format!("{entry:?}")).collect(), marked.collect())
    }
}

#[derive(Default)]
struct Screen {
    kept: Kept,
    listener: Option<Listener>,
}

impl Screen {
    /// Reconnects where it must, asks for what it missed, and takes in everything up to now.
    async fn look(&mut self, who: &Caller) {
        if self.listener.is_none() {
            let mut listener = who.with("sec-websocket-protocol", "chinwag.v1").listen().await;
            let hello = listener.next().await;
            assert!(hello.contains("\"hello\""), "{hello}");
            self.listener = Some(listener);
        }
        let listener = self.listener.as_mut().unwrap();
        let resume = json!({ "type": "resume", "since": self.kept.revision }).to_string();
        listener.stream.send(Message::text(resume)).await.unwrap();
        loop {
            let frame: Value = serde_json::from_str(&listener.next().await).unwrap();
            if frame["type"] == "synced" {
                self.kept.revision = frame["revision"].as_i64().unwrap();
                return;
            }
            self.kept.apply(&frame);
        }
    }
}

struct World {
    server: Server,
    people: Vec<Caller>,
    screens: Vec<Screen>,
    /// What was sent, as first answered, with the request that sent it.
    sent: Vec<(Value, usize, String)>,
}

impl World {
    async fn new() -> Self {
        let server = Server::start().await;
        let mut people = Vec::new();
        for name in NAMES {
            people.push(server.enter(name).await);
        }
        Self { server, people, screens: (0..6).map(|_| Screen::default()).collect(), sent: Vec::new() }
    }

    async fn take(mut self, step: &Step, n: usize) -> Self {
        let pick = |which: &prop::sample::Index| (!self.sent.is_empty()).then(|| which.get(&self.sent).0.clone());
        match step {
            Step::Send { from, to, answer } => {
                let mut input =
                    json!({ "recipient": NAMES[*to], "body": format!("said {n}"), "client_id": n.to_string() });
                let fits = |message: &Value| {
                    let pair = |a: &Value, b: &Value| a == NAMES[*from] && b == NAMES[*to];
                    let (user, recipient) = (&message["user"], &message["recipient"]);
                    pair(user, recipient) || pair(recipient, user)
                };
                if let Some(quoted) = answer.as_ref().and_then(pick).filter(fits) {
                    input["reply_to"] = quoted["id"].clone();
                }
                let answer = self.people[*from].post_json("/api/v1/message/", input.to_string()).await.expect(201);
                self.sent.push((answer.json(), *from, input.to_string()));
            }
            Step::Repeat { which } if !self.sent.is_empty() => {
                let (first, from, input) = which.get(&self.sent);
                let again = self.people[*from].post_json("/api/v1/message/", input.clone()).await.expect(200).json();
                assert_eq!(again["id"], first["id"]);
            }
            Step::Edit { who, which } => {
                if let Some(message) = pick(which) {
                    edit(&self.people[*who], &message, &format!("edited {n}")).await;
                }
            }
            Step::Delete { who, which, everyone } => {
                if let Some(message) = pick(which) {
                    delete(&self.people[*who], &message, if *everyone { "everyone" } else { "me" }).await;
                }
            }
            Step::React { who, which, emoji } => match (pick(which), emoji) {
                (Some(message), Some(emoji)) => {
                    react(&self.people[*who], &message, ["👍", "🎉", "❤️"][*emoji]).await;
                }
                (Some(message), None) => {
                    let path = format!("{}reaction/", super::path(&message));
                    ask(&self.people[*who], Method::DELETE, &path, json!({})).await;
                }
                (None, _) => {}
            },
            Step::Read { who, with, seq, marked } => {
                let mut what = json!({ "delivered": seq + 1, "read": seq });
                if let Some(marked) = marked {
                    what["unread"] = json!(marked);
                }
                progress(&self.people[*who], NAMES[*with], what).await;
            }
            Step::Disconnect { screen } => self.screens[*screen].listener = None,
            Step::Look { screen } => self.screens[*screen].look(&self.people[screen / 2]).await,
            Step::Restart => {
                self.screens.iter_mut().for_each(|screen| screen.listener = None);
                self.server = self.server.restart().await;
                let address = self.server.address;
                self.people.iter_mut().for_each(|person| person.address = address);
            }
            Step::Repeat { .. } => {}
        }
        self
    }

    /// Every screen, with all it went through, has what a new one would be told.
    async fn check(mut self) {
        for (n, screen) in self.screens.iter_mut().enumerate() {
            let who = &self.people[n / 2];
            screen.look(who).await;
            let mut fresh = Kept::default();
            changes_after(who, 0, 7).await.iter().for_each(|change| fresh.apply(change));
            assert_eq!(screen.kept.picture(), fresh.picture(), "screen {n}");
            for (id, message) in screen.kept.messages.iter().rev().take(5) {
                let shown = who.get(&format!("/api/v1/message/{id}/")).await.expect(200).json();
                assert_eq!(shown["body"], message["body"]);
            }
        }
        // Places are dense, whatever was deleted.
        let holes: Vec<i64> = crate::support::file::column(
            &self.server,
            "SELECT conversation_id FROM messages GROUP BY 1 HAVING count(*) <> max(seq) OR min(seq) <> 1",
        );
        assert!(holes.is_empty());
        self.server.stop().await;
    }
}

#[test]
fn every_screen_ends_up_with_what_the_server_has() {
    // Lives mostly wait for the disk, so several are led side by side.
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(lead_lives);
        }
    });
}

fn lead_lives() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Shrinking would lead long lives again; the steps that are printed bring the same one back.
    let config =
        Config { cases: RUNS / SIDE_BY_SIDE, max_shrink_iters: 0, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&proptest::collection::vec(step(), STEPS), |steps| {
        runtime.block_on(async {
            let mut world = World::new().await;
            for (n, step) in steps.iter().enumerate() {
                world = world.take(step, n).await;
            }
            world.check().await;
        });
        Ok(())
    });
    outcome.unwrap();
}
