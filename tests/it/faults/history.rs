//! What happened, as the clients saw it: every send with its answer, every message a socket told of, and whatever a client
//! noticed that must not be. It judges nothing but what a client alone can see; `checker` does.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// One message someone wants sent, under its key; its text is the key and something more, so no two are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub key: String,
    pub from: String,
    pub to: String,
    pub body: String,
}

/// A message as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stored {
    pub conversation: i64,
    pub seq: i64,
    pub id: i64,
    pub user: String,
    pub recipient: String,
    pub body: String,
}

impl Stored {
    /// Reads the state of a message; `None` when it is none.
    pub fn parse(state: &Value) -> Option<Self> {
        let (number, text) = (|name: &str| state[name].as_i64(), |name: &str| state[name].as_str().map(str::to_owned));
        Some(Self {
            conversation: number("conversation")?,
            seq: number("seq")?,
            id: number("id")?,
            user: text("user")?,
            recipient: text("recipient")?,
            body: text("body")?,
        })
    }

    pub fn says(&self, draft: &Draft) -> bool {
        (&self.user, &self.recipient, &self.body) == (&draft.from, &draft.to, &draft.body)
    }
}

/// What came of one attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged as the message with this id.
    Ok(i64),
    /// Refused with this status: there may be no copy, or one.
    Refused(u16),
    /// No answer, or one that came after a power cut was ordered: no copy, or one.
    Unknown,
}

/// One attempt to send, with the times of its beginning and its end in nanoseconds of one clock.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub client: usize,
    pub draft: Draft,
    pub invoked: u64,
    pub completed: u64,
    pub outcome: Outcome,
}

/// A message a screen was told of.
#[derive(Clone, Debug)]
pub struct Told {
    pub screen: usize,
    pub at: u64,
    pub message: Stored,
}

#[derive(Default)]
pub struct Log {
    pub attempts: Vec<Attempt>,
    pub told: Vec<Told>,
    /// What a client saw that must not be.
    pub wrongs: Vec<String>,
    /// A power cut was ordered: what is heard until the next start counts for nothing.
    deaf: bool,
}

pub struct History {
    start: Instant,
    log: Mutex<Log>,
}

impl History {
    pub fn new() -> Self {
        Self { start: Instant::now(), log: Mutex::default() }
    }

    /// Nanoseconds since the beginning, by a clock that only goes forward.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an attempt down that has just ended, and gives its outcome back as it counts.
    pub fn attempted(&self, client: usize, draft: &Draft, invoked: u64, outcome: Outcome) -> Outcome {
        let mut log = self.log();
        let outcome = if log.deaf { Outcome::Unknown } else { outcome };
        let completed = self.now();
        log.attempts.push(Attempt { client, draft: draft.clone(), invoked, completed, outcome });
        outcome
    }

    /// Puts down what a screen was told; `false` when it does not count any more.
    pub fn told(&self, screen: usize, message: &Stored) -> bool {
        let at = self.now();
        let mut log = self.log();
        if !log.deaf {
            log.told.push(Told { screen, at, message: message.clone() });
        }
        !log.deaf
    }

    pub fn wrong(&self, what: String) {
        self.log().wrongs.push(what);
    }

    /// Said before a power cut is ordered: an acknowledgement on its way while the disk dies may be one the kernel itself
    /// gives in vain, so none is counted from here on.
    pub fn stop_hearing(&self) {
        self.log().deaf = true;
    }

    pub fn hear_again(&self) {
        self.log().deaf = false;
    }

    /// Writes everything down, a line of JSON each, for whoever looks into a red run.
    pub fn write(&self, name: &str) -> PathBuf {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("history-{name}.jsonl"));
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        let log = self.log();
        let short = |body: &str| body.chars().take(24).collect::<String>();
        let shown = |message: &Stored| {
            json!({ "conversation": message.conversation, "seq": message.seq, "id": message.id,
                    "user": message.user, "recipient": message.recipient, "body": short(&message.body) })
        };
        for attempt in &log.attempts {
            let outcome = match &attempt.outcome {
                Outcome::Ok(id) => json!({ "ok": id }),
                Outcome::Refused(status) => json!({ "fail": status }),
                Outcome::Unknown => json!("unknown"),
            };
            let line = json!({ "op": "send", "client": attempt.client, "key": attempt.draft.key,
                "invoked": attempt.invoked, "completed": attempt.completed, "outcome": outcome });
            writeln!(file, "{line}").unwrap();
        }
        for told in &log.told {
            let line = json!({ "op": "told", "screen": told.screen, "at": told.at, "message": shown(&told.message) });
            writeln!(file, "{line}").unwrap();
        }
        for wrong in &log.wrongs {
            writeln!(file, "{}", json!({ "wrong": wrong })).unwrap();
        }
        path
    }
}
