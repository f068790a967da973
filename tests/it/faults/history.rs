//! What happened, as the clients saw it: every send with its answer, every message that a socket delivered, and every
//! violation that a client noticed. It only records; `checker` compares.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// A message to send, with its client key. The text starts with the key, so no two are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    pub key: String,
    pub from: String,
    pub to: String,
    pub body: String,
}

/// A message as the server returns it.
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

    pub fn matches(&self, draft: &Draft) -> bool {
        (&self.user, &self.recipient, &self.body) == (&draft.from, &draft.to, &draft.body)
    }
}

/// The result of one attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged as the message with this id.
    Ok(i64),
    /// Refused with this status: the message may be stored or not.
    Refused(u16),
    /// No answer, or one that came after a power cut was requested: the message may be stored or not.
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

/// A message that a screen received.
#[derive(Clone, Debug)]
pub struct Received {
    pub screen: usize,
    pub at: u64,
    pub message: Stored,
}

#[derive(Default)]
pub struct Log {
    pub attempts: Vec<Attempt>,
    pub received: Vec<Received>,
    /// Violations of the protocol that a client noticed.
    pub violations: Vec<String>,
    /// A power cut was requested: answers and events until the next start are not recorded.
    paused: bool,
}

pub struct History {
    start: Instant,
    log: Mutex<Log>,
}

impl History {
    pub fn new() -> Self {
        Self { start: Instant::now(), log: Mutex::default() }
    }

    /// Nanoseconds since the start, by a monotonic clock.
    pub fn now(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an attempt that has just ended and returns its outcome, which is unknown while recording is paused.
    pub fn attempted(&self, client: usize, draft: &Draft, invoked: u64, outcome: Outcome) -> Outcome {
        let mut log = self.log();
        let outcome = if log.paused { Outcome::Unknown } else { outcome };
        let completed = self.now();
        log.attempts.push(Attempt { client, draft: draft.clone(), invoked, completed, outcome });
        outcome
    }

    /// Records a message that a screen received; `false` while recording is paused.
    pub fn received(&self, screen: usize, message: &Stored) -> bool {
        let at = self.now();
        let mut log = self.log();
        if !log.paused {
            log.received.push(Received { screen, at, message: message.clone() });
        }
        !log.paused
    }

    pub fn report_violation(&self, what: String) {
        self.log().violations.push(what);
    }

    /// Called before a power cut: acknowledgements that arrive while the disk goes away may be for data that was not
    /// really flushed, so none is counted from here on.
    pub fn stop_recording(&self) {
        self.log().paused = true;
    }

    pub fn resume_recording(&self) {
        self.log().paused = false;
    }

    /// Writes everything to a file, one JSON object per line, to investigate a failed run.
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
        for received in &log.received {
            let message = shown(&received.message);
            let line = json!({ "op": "received", "screen": received.screen, "at": received.at, "message": message });
            writeln!(file, "{line}").unwrap();
        }
        for violation in &log.violations {
            writeln!(file, "{}", json!({ "violation": violation })).unwrap();
        }
        path
    }
}
