//! Three people who write to each other, with six senders and six screens, around one database; and the program
//! that serves it, as often as a test starts it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chinwag::config::Database;
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::chance::Chance;
use super::checker::{End, Kept, Verdict, by_conversation, check};
use super::clients::{Connection, Screen, Sender, Shared};
use super::history::{History, Outcome, Stored};
use crate::support::Program;
use crate::support::database::{self, Member};
use crate::support::program::command_of;

const PEOPLE: [&str; 3] = ["al", "bo", "cy"];
/// Each person has two senders and two screens.
const DEVICES: usize = 2;
/// Longest wait, from the end of all faults, until every screen has everything.
const CATCH_UP: Duration = Duration::from_secs(10);

pub struct World {
    name: String,
    pub members: Vec<Member>,
    pub history: Arc<History>,
    pub chance: Chance,
    seed: u64,
    address: watch::Sender<SocketAddr>,
    /// The server's address for clients that reach it over the faulty network.
    network: watch::Sender<SocketAddr>,
    enough: CancellationToken,
    screens_end: CancellationToken,
    senders: JoinSet<()>,
    screens: JoinSet<()>,
    kept: Vec<(String, Arc<Mutex<Kept>>)>,
}

impl World {
    /// Creates the database with its people. Clients start with `begin`.
    pub async fn create(name: &str, serving: &Serving) -> Self {
        let members = database::create_in(serving.database.clone(), &PEOPLE).await;
        let seed = Chance::seed();
        Self {
            name: name.to_owned(),
            members,
            history: Arc::new(History::new()),
            chance: Chance::new(seed),
            seed,
            address: watch::Sender::new(([127, 0, 0, 1], 1).into()),
            network: watch::Sender::new(([127, 0, 0, 1], 1).into()),
            enough: CancellationToken::new(),
            screens_end: CancellationToken::new(),
            senders: JoinSet::new(),
            screens: JoinSet::new(),
            kept: Vec::new(),
        }
    }

    fn shared(&self, address: &watch::Sender<SocketAddr>, enough: &CancellationToken) -> Shared {
        Shared { history: Arc::clone(&self.history), address: address.subscribe(), enough: enough.clone() }
    }

    /// Starts all clients: screens and half of the senders over the network. Each sender pauses for up to `max_pause`.
    pub fn begin(&mut self, max_pause: Duration) {
        for number in 0..self.members.len() * DEVICES {
            let who = self.members[number % self.members.len()].clone();
            let people = self.members.iter().map(|member| member.name.clone()).collect();
            let route = if number < self.members.len() { &self.network } else { &self.address };
            let (shared, chance) = (self.shared(route, &self.enough), self.chance.branch(number));
            self.senders.spawn(Sender { number, who, people, shared, chance, max_pause }.run());
            self.watch(number % self.members.len(), number >= self.members.len());
        }
    }

    /// Adds a screen.
    pub fn watch(&mut self, member: usize, trusting: bool) {
        let (who, kept) = (self.members[member].clone(), Arc::<Mutex<Kept>>::default());
        let number = self.kept.len();
        self.kept.push((who.name.clone(), Arc::clone(&kept)));
        let shared = self.shared(&self.network, &self.screens_end);
        self.screens
            .spawn(Screen { number, who, shared, trusting, kept, cursor: 0, epoch: serde_json::Value::Null }.run());
    }

    /// Sets the current address of the server.
    pub fn at(&self, address: SocketAddr) {
        self.history.resume_recording();
        self.address.send_replace(address);
        self.network.send_replace(address);
    }

    /// Sets the address of the network in front of the server.
    pub fn through(&self, network: SocketAddr) {
        self.network.send_replace(network);
    }

    /// How long it takes until every screen has what has been acknowledged by now, up to `CATCH_UP`.
    pub async fn caught_up(&self) -> Duration {
        let mut due = BTreeMap::new();
        for attempt in &self.history.log().attempts {
            if let Outcome::Ok(id) = attempt.outcome {
                due.extend([(attempt.draft.from.clone(), id), (attempt.draft.to.clone(), id)]);
            }
        }
        let start = Instant::now();
        let has = |kept: &Kept, id| kept.values().flatten().any(|message| message.id == id);
        let all = || self.snapshot().iter().all(|(name, kept)| due.get(name).is_none_or(|id| has(kept, *id)));
        while start.elapsed() < CATCH_UP && !all() {
            sleep(Duration::from_millis(10)).await;
        }
        start.elapsed()
    }

    /// Ends all sending, waits until every screen has caught up, and runs the checker. The server must be healthy.
    pub async fn judge(mut self) -> Verdict {
        self.enough.cancel();
        while let Some(ended) = self.senders.join_next().await {
            ended.unwrap();
        }
        let people = self.everything().await;
        let deadline = Instant::now() + CATCH_UP;
        let due: Vec<_> = self.kept.iter().map(|(name, _)| by_conversation(&people[name])).collect();
        while Instant::now() < deadline && self.snapshot().iter().zip(&due).any(|((_, kept), due)| kept != due) {
            sleep(Duration::from_millis(10)).await;
        }
        self.screens_end.cancel();
        while let Some(ended) = self.screens.join_next().await {
            ended.unwrap();
        }
        let end = End { people, screens: self.snapshot() };
        let verdict = check(&self.history.log(), &end);
        if !verdict.violations.is_empty() {
            self.history.write(&self.name);
        }
        verdict
    }

    fn snapshot(&self) -> Vec<(String, Kept)> {
        let lock = |kept: &Mutex<Kept>| kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.kept.iter().map(|(name, kept)| (name.clone(), lock(kept))).collect()
    }

    /// All messages of each person, conversation by conversation, in the order of ids.
    async fn everything(&self) -> BTreeMap<String, Vec<Stored>> {
        let mut people = BTreeMap::new();
        for member in &self.members {
            let mut connection =
                Connection::open(member.at(*self.address.borrow())).await.expect("the server is healthy");
            let mut all = Vec::new();
            let list = read(&mut connection, "/api/v1/conversation/?limit=100").await;
            for id in list["conversations"].as_array().unwrap().iter().map(|conversation| &conversation["id"]) {
                let mut after = 0;
                loop {
                    let path = format!("/api/v1/conversation/{id}/message/?after={after}&limit=100");
                    let page = read(&mut connection, &path).await;
                    all.extend(
                        page["messages"].as_array().unwrap().iter().map(|message| Stored::parse(message).unwrap()),
                    );
                    after = page["last"].as_i64().unwrap();
                    if page["last"] == page["last_seq"] {
                        break;
                    }
                }
            }
            all.sort_by_key(|message| message.id);
            people.insert(member.name.clone(), all);
        }
        people
    }

    pub fn seed(&self) -> u64 {
        self.seed
    }
}

/// The answer of a healthy server.
async fn read(connection: &mut Connection, path: &str) -> Value {
    let (status, answer) = connection.ask("GET", path, String::new()).await.expect("the server is healthy");
    assert_eq!(status, 200, "{answer}");
    answer
}

impl Verdict {
    /// Prints the counts, even when the test passes, and fails if there were violations.
    #[track_caller]
    pub fn expect_green(&self, what: &str) {
        self.print(what);
        let shown: Vec<_> = self.violations.iter().take(8).collect();
        assert!(shown.is_empty(), "{what}: {} violations, such as {shown:#?}", self.violations.len());
        assert!(self.acknowledged > 0, "{what}: nothing was acknowledged, so nothing was tested");
    }

    pub fn print(&self, what: &str) {
        let Self { acknowledged, unknown, refused, received, messages, violations } = self;
        say(&format!(
            "{what}: {messages} messages, {acknowledged} acknowledged, {unknown} without an answer, {refused} refused, \
             {received} received; {} violations",
            violations.len()
        ));
    }
}

/// Prints a line that is shown even if the test passes.
pub fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "faults: {line}");
}

/// How a fault test starts the program, repeatedly.
pub struct Serving {
    pub binary: PathBuf,
    pub folder: PathBuf,
    pub database: Database,
    /// Its environment variables.
    pub env: Vec<(&'static str, String)>,
    /// Where its log goes: outside the folder it serves, which may disappear.
    pub log: PathBuf,
    /// The longest start so far.
    pub slowest: Duration,
}

impl Serving {
    /// The normal program, with `chat.db` in `folder`.
    pub fn new(folder: &Path, log: &Path) -> Self {
        let binary = env!("CARGO_BIN_EXE_chinwag").into();
        let database = folder.join("chat.db").into();
        Self { binary, folder: folder.into(), database, env: Vec::new(), log: log.into(), slowest: Duration::ZERO }
    }

    pub fn start(&mut self) -> Program {
        let begin = Instant::now();
        let mut command: Command = command_of(&self.binary, &self.folder);
        command.args(["serve", "--port", "0", "--log-level", "error", "--database"]);
        match &self.database {
            Database::File(path) => command.arg(path),
            Database::Postgres(url) => command.arg(url),
        };
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let program = Program::spawn_with_log(command, &self.log);
        self.slowest = self.slowest.max(begin.elapsed());
        program
    }

    /// Its log so far, which must not contain a panic.
    pub fn log_text(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        assert!(!text.contains("panicked"), "{text}");
        text
    }
}
