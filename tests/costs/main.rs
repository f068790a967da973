//! The cost of a send, a delivery and a waiting socket, in allocations: these numbers are the same on every machine, so
//! that a change that increases one of them is noticed at once. Time is measured elsewhere (`docs/PERFORMANCE.md`).

#[path = "../../benches/stock/people.rs"]
mod stock;

use std::alloc::System;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use chinwag::app::App;
use chinwag::clock::Clock;
use chinwag::config::{Config, Signup, Timeouts};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use stock::Person;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The last measured costs, to be updated by a change that changes them on purpose.
const RECORDED: [(&str, f64); 5] = [
    ("allocations of a send", 90.0),
    ("bytes allocated by a send", 23485.0),
    ("allocations of a delivery", 6.0),
    ("bytes allocated by a delivery", 700.0),
    ("bytes kept by a waiting socket", 5547.0),
];

/// How far a cost may be from the recorded one: how many events are sent together depends on timing.
const TOLERANCE: f64 = 0.2;

/// Sends that are counted, and those before, during which statements are prepared and buffers are allocated.
const SENDS: usize = 200;
const BEFORE: usize = 300;
const SOCKETS: usize = 200;

#[tokio::test]
async fn costs_of_sends_deliveries_and_sockets_match_the_recorded_ones() {
    // As in the program: lines are formatted, but not read.
    tracing_subscriber::fmt().with_target(false).with_ansi(false).with_writer(std::io::sink).init();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.db");
    let people = stock::people(&path, SOCKETS + 2).await;
    let app = App::open(config(path), Clock::system()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(chinwag::server::run(listener, app, std::future::pending()));

    let [sender, recipient, waiting @ ..] = people.as_slice() else { unreachable!("they were made") };
    let mut sending = Sending::start(address, sender, recipient).await;
    sending.repeat(BEFORE, None).await;
    let alone = sending.repeat(SENDS, None).await;
    let mut listening = listen(address, recipient).await;
    sending.repeat(SENDS, Some(&mut listening)).await;
    let delivered = sending.repeat(SENDS, Some(&mut listening)).await;

    listen(address, &waiting[0]).await;
    let region = Region::new(COUNTED);
    let mut open = Vec::with_capacity(SOCKETS);
    for person in waiting {
        open.push(listen(address, person).await);
    }
    let kept = region.change();
    let kept = (kept.bytes_allocated - kept.bytes_deallocated) as f64 / SOCKETS as f64;
    serving.abort();

    compare([alone.0, alone.1, delivered.0 - alone.0, delivered.1 - alone.1, kept]);
}

fn compare(found: [f64; 5]) {
    let mut report = String::new();
    let mut changed = false;
    for ((what, recorded), found) in RECORDED.into_iter().zip(found) {
        let off = (found - recorded).abs() > recorded * TOLERANCE;
        changed |= off;
        let mark = if off { "  <- changed" } else { "" };
        writeln!(report, "    (\"{what}\", {found:.1}),  // recorded: {recorded:.1}{mark}").unwrap();
    }
    assert!(
        !changed,
        "a cost is more than {:.0} % from what was recorded:\n\n{report}\n\
         Higher: find out what allocates (valgrind --tool=dhat shows where) and whether it is worth it. Lower, or \
         worth it: write the new numbers into RECORDED in tests/costs/main.rs and say why in the commit.",
        TOLERANCE * 100.0
    );
}

fn config(database: std::path::PathBuf) -> Config {
    Config {
        database: database.into(),
        redis: None,
        messages_to_load: 15,
        signup: Signup::Open,
        edit_window: Duration::from_secs(15 * 60),
        trusted_proxies: 0,
        force_https: false,
        ephemeral_disk: false,
        max_connections: 1_000,
        timeouts: Timeouts::default(),
    }
}

/// One person's sends over one connection, by a client that allocates nothing itself.
struct Sending {
    stream: TcpStream,
    request: Vec<u8>,
    sent: usize,
}

/// The placeholder for the number of the send, at the very end of the request.
const NUMBER: &str = "000000";

impl Sending {
    async fn start(address: SocketAddr, from: &Person, to: &Person) -> Self {
        let body = format!(
            r#"{{"recipient":"{}","body":"A message of a usual length, such as people write all day.","client_id":"{NUMBER}"}}"#,
            to.name
        );
        let request = format!(
            "POST /api/v1/message/ HTTP/1.1\r\nHost: {address}\r\nCookie: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            from.cookie,
            body.len()
        );
        let stream = TcpStream::connect(address).await.unwrap();
        Self { stream, request: request.into_bytes(), sent: 0 }
    }

    /// Sends this often, and each message is received by `listening`; returns allocations and bytes for each send.
    async fn repeat(&mut self, times: usize, mut listening: Option<&mut TcpStream>) -> (f64, f64) {
        let mut buffer = [0; 4096];
        let region = Region::new(COUNTED);
        for _ in 0..times {
            self.number();
            self.stream.write_all(&self.request).await.unwrap();
            let length = self.stream.read(&mut buffer).await.unwrap();
            assert!(buffer[..length].starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&buffer[..length]));
            if let Some(socket) = &mut listening {
                let length = socket.read(&mut buffer).await.unwrap();
                assert!(length > 100, "a frame is there at once, and whole");
            }
        }
        let spent = region.change();
        let each = |count: usize| count as f64 / times as f64;
        (each(spent.allocations + spent.reallocations), each(spent.bytes_allocated))
    }

    /// Gives the next send a new client key.
    fn number(&mut self) {
        self.sent += 1;
        let end = self.request.len() - br#""}"#.len();
        let mut rest = self.sent;
        for place in (end - NUMBER.len()..end).rev() {
            self.request[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
    }
}

/// Opens a socket of the live protocol and receives its first frame.
async fn listen(address: SocketAddr, person: &Person) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
         Sec-WebSocket-Protocol: chinwag.v1\r\n\r\n",
        person.cookie
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    while !String::from_utf8_lossy(&received).contains("hello") {
        assert_ne!(stream.read_buf(&mut received).await.unwrap(), 0, "{}", String::from_utf8_lossy(&received));
    }
    stream
}
