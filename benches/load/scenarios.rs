//! One scenario on one server, and what it showed, in words.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::closed::{self, Script, new_key};
use super::floors::{self, Floor};
use super::http::{Http, header, post};
use super::process::Server;
use super::stock::{self, people::Person};
use super::{Scenario, Target, live, many, open, stalls};

/// What is read of a server by `routes`: pages, files, lists at their longest.
const PATHS: [&str; 13] = [
    "/",
    "/login/",
    "/simpleui/",
    "/api/docs",
    "/api/v1/openapi.json",
    "/static/texts/ar.json",
    "/static/vendor/emoji.js",
    "/api/v1/message/?limit=100",
    "/api/v1/conversation/?limit=100",
    "/api/v1/conversation/1/message/?limit=100",
    "/api/v1/user/?limit=100",
    "/api/v1/sync/",
    "/api/v1/sync/?since=1",
];

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
        let count = if target.messages > 0 { count.max(target.friends as usize + 1) } else { count };
        let people = stock::people(&folder.path().join("chat.db"), count).await;
        if target.messages > 0 {
            stock::fill(&folder.path().join("chat.db"), target.messages, target.friends);
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

/// Starts a floor in a separate process.
pub fn floor(kind: Floor, folder: &Path) -> Server {
    let program = std::env::current_exe().expect("this program has a path");
    let (kind, database) = (format!("{kind:?}").to_lowercase(), folder.join("floor.db"));
    let _ = std::fs::remove_file(&database);
    Server::start(&program, ["floor", &kind, database.to_str().expect("the folder's name is text")])
}

/// The request to the floors: a body like a send's.
pub fn floor_script(address: SocketAddr) -> Script {
    let person = |name: &str| Person { name: name.to_owned(), cookie: String::new() };
    closed::send(address, &person("user17"), &person("user18"))
}

/// Makes accounts as a browser would, through the form.
async fn sign_up(server: &Server, count: usize) -> Vec<Person> {
    // Other people than those of an earlier run.
    let run = new_key();
    let mut people = Vec::with_capacity(count);
    for number in 0..count {
        let name = format!("load-{run}-{number}");
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

/// Scripts with which each of the first `connections` people writes to the next.
pub fn sends(site: &Site, connections: usize) -> Vec<Script> {
    let people = &site.people[..connections];
    let to = |number: usize| &people[(number + 1) % people.len()];
    people.iter().enumerate().map(|(number, from)| closed::send(site.server.address, from, to(number))).collect()
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
            print(open::run(&site.server, &site.people[..people], rate, length).await);
        }
        Scenario::Live { pairs, seconds } => {
            let site = Site::open(target, 2 * pairs).await;
            let length = Duration::from_secs_f64(seconds);
            println!("{}", live::run(&site.server, &site.people[..2 * pairs], length).await.line());
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
        Scenario::Routes => routes(target).await,
        Scenario::Floors { connections } => floors_once(connections).await,
        Scenario::Full | Scenario::Floor { .. } => unreachable!("they are run before"),
    }
}

fn print(mut outcome: open::Outcome) {
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
    print(open::run(&site.server, people, rate, Duration::from_secs(10)).await);
    println!("then {} MiB resident", site.server.usage().resident >> 20);
}

async fn stalls(target: &Target, rate: f64) {
    for (what, mut spread) in stalls::ACTIVITIES.iter().zip(stalls::phases(target, rate).await) {
        println!("{what:<28} {}", spread.line());
    }
}

/// Requests all kinds of things, also expensive ones, to see what they do to the server.
async fn routes(target: &Target) {
    let messages = target.messages.max(20_000);
    let site = Site::open(&Target { messages, ..target.clone() }, stock::FRIENDS as usize + 1).await;
    let (me, address) = (&site.people[0], site.server.address);
    let mut scripts: Vec<_> = PATHS.iter().map(|path| (*path, closed::read(address, me, path))).collect();
    let long = format!(r#"{{"recipient":"user1","body":"{}"}}"#, "long ".repeat(13_000));
    let fields = format!(r#"{{"recipient":"user1","body":"x"{}}}"#, r#","field":["x",{"y":0}]"#.repeat(11_000));
    let form = format!("recipient=user1&body={}", "%D9%84+".repeat(9_000));
    let json = "application/json";
    for (what, media, body) in [
        ("a long message", json, long),
        ("many fields", json, fields),
        ("a long form", "application/x-www-form-urlencoded", form),
    ] {
        scripts.push((what, Script::new(post(address, "/api/v1/message/", &me.cookie, media, &body))));
    }
    let picture =
        String::from_utf8_lossy(&post(address, "/api/v1/me/avatar/", &me.cookie, "image/png", &"x".repeat(4 << 20)))
            .replacen("POST", "PUT", 1);
    scripts.push(("a large picture", Script::new(picture.into_bytes())));
    for (what, script) in scripts {
        let mut outcome = closed::run(&site.server, vec![script; 4], Duration::from_millis(500)).await;
        println!("{what:<60} {}", outcome.line());
    }
}

async fn floors_once(connections: usize) {
    let folder = folder();
    println!("fsync of the disk: {}", floors::fsync(folder.path(), 1_000).line());
    let length = Duration::from_secs(3);
    for (kind, what) in [(Floor::Fixed, "bare hyper"), (Floor::Plain, "the same with a send's rows on disk")] {
        let server = floor(kind, folder.path());
        let script = floor_script(server.address);
        println!("{what}: {}", closed::run(&server, vec![script; connections], length).await.line());
    }
    let server = floor(Floor::Echo, folder.path());
    let trips = closed::echo(&server, connections, length).await.expect("the floor answers");
    println!("bare tokio-tungstenite: {trips:.0} echoes /s");
}
