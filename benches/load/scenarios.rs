//! One scenario on one server, and what it showed, in words.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::closed::{self, Script};
use super::floors::{self, Floor};
use super::http::{Http, header, post};
use super::process::Server;
use super::stats::Spread;
use super::stock::{self, people::Person};
use super::{Scenario, Target, many, open};

/// A server with people in it, and the folder of its file.
pub struct Site {
    pub server: Server,
    pub people: Vec<Person>,
    folder: Option<TempDir>,
}

impl Site {
    /// The server to be measured, with `count` people who are logged in.
    pub async fn open(target: &Target, count: usize) -> Self {
        if let Some(address) = target.address() {
            let server = Server::running(address, target.pid);
            let people = sign_up(&server, count).await;
            return Self { server, people, folder: None };
        }
        let folder = folder();
        let count = if target.messages > 0 { count.max(stock::FRIENDS as usize + 1) } else { count };
        let people = stock::people(&folder.path().join("chat.db"), count).await;
        if target.messages > 0 {
            stock::fill(&folder.path().join("chat.db"), target.messages);
        }
        let server = Self::start(target, folder.path());
        Self { server, people, folder: Some(folder) }
    }

    /// Starts the program on a file that is there.
    fn start(target: &Target, folder: &Path) -> Server {
        let database = folder.join("chat.db");
        let database = database.to_str().expect("the folder's name is text");
        let args =
            ["serve", "--port", "0", "--database", database, "--max-connections", "19900", "--log-level", "warn"];
        Server::start(&target.program, args)
    }

    /// Ends the server and starts it again on its file.
    pub fn restart(self, target: &Target) -> Self {
        drop(self.server);
        let folder = self.folder.expect("only a server that was started here is started again");
        Self { server: Self::start(target, folder.path()), people: self.people, folder: Some(folder) }
    }

    pub fn database(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.path().join("chat.db"))
    }
}

/// A folder on the disk that the build uses, which is seldom one in memory.
pub fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the build's folder is writable")
}

/// Starts a floor in a process of its own.
pub fn floor(kind: Floor, folder: &Path) -> Server {
    let program = std::env::current_exe().expect("this program has a path");
    let (kind, database) = (format!("{kind:?}").to_lowercase(), folder.join("floor.db"));
    let _ = std::fs::remove_file(&database);
    Server::start(&program, ["floor", &kind, database.to_str().expect("the folder's name is text")])
}

/// Makes accounts as a browser would, through the form.
async fn sign_up(server: &Server, count: usize) -> Vec<Person> {
    let run = run_number();
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        let name = format!("load{run:x}-{number}");
        let form = format!("username={name}&email={name}@example.test&password1=pw-x-long&password2=pw-x-long");
        let request = post(server.address, "/signup/", "", "application/x-www-form-urlencoded", &form);
        let mut http = Http::connect(server.address).await.expect("the server takes connections");
        let answer = http.ask(&request).await.expect("the server answers");
        let cookie = header(answer.head, "set-cookie").and_then(|cookie| cookie.split(';').next());
        let cookie = cookie.unwrap_or_else(|| panic!("no account for {name}: {}", answer.status)).to_owned();
        people.push(Person { name, cookie });
    }
    people
}

/// Differs from run to run, so that no send repeats one of an earlier run.
pub fn run_number() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_micros() as u64 & 0xffff_ffff)
}

/// Scripts with which each of the first `connections` people writes to the next.
pub fn sends(site: &Site, connections: usize) -> Vec<Script> {
    let (run, people) = (run_number(), &site.people[..connections]);
    let to = |number: usize| &people[(number + 1) % people.len()];
    people.iter().enumerate().map(|(number, from)| closed::send(site.server.address, from, to(number), run)).collect()
}

pub async fn run(target: &Target, scenario: Scenario) {
    match scenario {
        Scenario::Sends { connections, seconds } => {
            let site = Site::open(target, connections).await;
            let length = Duration::from_secs_f64(seconds);
            println!("{}", closed::run(&site.server, sends(&site, connections), length).await.line());
        }
        Scenario::Delivery { people, rate, seconds } => {
            let site = Site::open(target, people).await;
            let length = Duration::from_secs_f64(seconds);
            tell(open::run(&site.server, &site.people[..people], run_number(), rate, length).await);
        }
        Scenario::Idle { sockets, rate } => idle(target, sockets, rate).await,
        Scenario::Storm { people } => {
            let site = Site::open(target, people).await;
            let mut storm = many::storm(&site.server, &site.people).await;
            println!("all back: {}, {} errors", storm.back.line(), storm.errors);
        }
        Scenario::Reads { path, connections, seconds } => {
            let site = Site::open(target, 1).await;
            let script = closed::read(site.server.address, &site.people[0], &path);
            let length = Duration::from_secs_f64(seconds);
            println!("{}", closed::run(&site.server, vec![script; connections], length).await.line());
        }
        Scenario::Stalls { rate } => stalls(target, rate).await,
        Scenario::Floors { connections } => floors_once(connections).await,
        Scenario::Full | Scenario::Floor { .. } => unreachable!("they are run before"),
    }
}

fn tell(mut outcome: open::Outcome) {
    println!("{} sent; {}", outcome.sent, outcome.faults);
    println!("due to answer:  {}", outcome.answers.line());
    println!("due to socket:  {}", outcome.arrivals.line());
}

async fn idle(target: &Target, sockets: usize, rate: f64) {
    let site = Site::open(target, sockets).await;
    let (_open, cost) = many::cost(&site.server, &site.people).await.expect("sockets open");
    let (kib, us) = (cost.bytes / 1024.0, cost.opening.as_secs_f64() * 1e6);
    println!("{sockets} idle sockets: {kib:.2} KiB each, {us:.0} us to open, {} MiB resident", cost.resident >> 20);
    let people = &site.people[..sockets.min(64)];
    tell(open::run(&site.server, people, run_number(), rate, Duration::from_secs(10)).await);
    println!("then {} MiB resident", site.server.usage().resident >> 20);
}

async fn stalls(target: &Target, rate: f64) {
    for (what, mut spread) in stall_phases(target, rate).await {
        println!("{what:<28} {}", spread.line());
    }
}

/// Answers to sends at a fixed rate, by what else happened when they were due.
pub async fn stall_phases(target: &Target, rate: f64) -> Vec<(&'static str, Spread)> {
    const PHASE: Duration = Duration::from_secs(5);
    let site = Site::open(target, 1_064).await;
    let (writers, crowd) = site.people.split_at(64);
    let sending = open::run(&site.server, writers, run_number(), rate, PHASE * 5);
    let begin = Instant::now() + PHASE;
    let happening = async {
        let mut spans = Vec::new();
        tokio::time::sleep_until((begin + PHASE).into()).await;
        if let Some(database) = site.database() {
            let start = Instant::now();
            let copy = database.with_extension("copy");
            let copied = tokio::task::spawn_blocking(move || copy_file(&database, &copy)).await;
            copied.expect("the copy does not panic").expect("the file can be copied");
            spans.push(("while the file is copied", start, Instant::now()));
        }
        tokio::time::sleep_until((begin + PHASE * 2).into()).await;
        let start = Instant::now();
        let storm = many::storm(&site.server, crowd).await;
        assert_eq!(storm.errors, 0, "everybody gets in");
        spans.push(("while 1,000 people come back", start, Instant::now()));
        spans
    };
    let (outcome, spans) = tokio::join!(sending, happening);
    let mut phases = vec![("otherwise", Spread::default())];
    phases.extend(spans.iter().map(|(what, ..)| (*what, Spread::default())));
    for (due, took) in outcome.timed {
        let span = spans.iter().position(|(_, start, end)| (*start..*end).contains(&due));
        if span.is_some() || due > begin {
            phases[span.map_or(0, |place| place + 1)].1.add(took);
        }
    }
    phases
}

fn copy_file(database: &Path, copy: &Path) -> rusqlite::Result<()> {
    let conn = rusqlite::Connection::open(database)?;
    conn.execute("VACUUM INTO ?1", [copy.to_str()]).map(drop)
}

async fn floors_once(connections: usize) {
    let folder = folder();
    println!("fsync of the disk: {}", floors::fsync(folder.path(), 1_000).line());
    let length = Duration::from_secs(3);
    for (kind, what) in [(Floor::Fixed, "bare hyper"), (Floor::Durable, "the same with an insert on disk")] {
        let server = floor(kind, folder.path());
        let script = Script::new(post(
            server.address,
            "/",
            "",
            "application/json",
            r#"{"recipient":"user17","body":"A message of a usual length, such as people write to each other all day long, ok?","client_id":"5f0e"}"#,
        ));
        println!("{what}: {}", closed::run(&server, vec![script; connections], length).await.line());
    }
    let server = floor(Floor::Echo, folder.path());
    let trips = closed::echo(&server, connections, length).await.expect("the floor answers");
    println!("bare tokio-tungstenite: {trips:.0} echoes /s");
}
