//! Open loop: messages are due at fixed times, whether or not the server keeps up. How long one takes is counted from
//! the moment it was due to its arrival at the recipient's socket, so a server that stalls is still measured with the
//! messages due meanwhile (no coordinated omission).

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::closed::{Script, send};
use super::http::Http;
use super::process::Server;
use super::socket::{Socket, message_ids};
use super::stats::{Faults, Spread};
use super::stock::people::Person;

/// How long to wait for arrivals after the last message.
const PATIENCE: Duration = Duration::from_millis(500);

/// What an open loop showed.
pub struct Outcome {
    pub sent: u64,
    /// From when a message was due to the answer.
    pub answers: Spread,
    /// From when a message was due to its recipient's socket.
    pub arrivals: Spread,
    pub faults: Faults,
    /// Messages answered by when they were due, for those who look at parts of the run.
    pub timed: Vec<(Instant, Duration)>,
}

/// A message that was answered: its id, when it was due and when the answer came.
type Sent = (i64, Instant, Instant);
/// A message that arrived.
type Arrival = (i64, Instant);

/// Sends `rate` messages a second for `length`, in turns from each of `people` to the next one; all of them listen.
pub async fn run(server: &Server, people: &[Person], rate: f64, length: Duration) -> Outcome {
    let mut listeners = Vec::new();
    for (number, person) in people.iter().enumerate() {
        let socket = Socket::open(server.address, number, "/ws", &person.cookie).await.expect("a socket opens");
        listeners.push(listen(socket));
    }
    let (mut lines, mut senders) = (Vec::new(), Vec::new());
    for (number, person) in people.iter().enumerate() {
        let script = send(server.address, person, &people[(number + 1) % people.len()]);
        let http = Http::connect(server.address).await.expect("a connection opens");
        let (line, due) = mpsc::unbounded_channel();
        lines.push(line);
        senders.push(tokio::spawn(post_when_due(http, script, due)));
    }
    let total = (rate * length.as_secs_f64()) as u32;
    // Timers of the runtime tick in milliseconds; a thread's sleep is exact to some 50 us.
    let pacer = std::thread::spawn(move || {
        let start = Instant::now() + Duration::from_millis(20);
        for number in 0..total {
            let due = start + Duration::from_secs_f64(f64::from(number) / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let _ = lines[number as usize % lines.len()].send(due);
        }
    });
    let mut outcome = Outcome {
        sent: u64::from(total),
        answers: Spread::default(),
        arrivals: Spread::default(),
        faults: Faults::default(),
        timed: Vec::new(),
    };
    let mut sent = Vec::new();
    for sender in senders {
        let (messages, errors) = sender.await.expect("senders do not panic");
        outcome.faults.errors += errors;
        sent.push(messages);
    }
    pacer.join().expect("the pacer does not panic");
    tokio::time::sleep(PATIENCE).await;
    let mut received = Vec::new();
    for (listener, arrivals) in listeners {
        listener.abort();
        received.push(drain(arrivals));
    }
    compare(&mut outcome, &sent, &received);
    outcome
}

/// Sends a message each time one is due; what waits is sent at once, late as it is.
async fn post_when_due(
    mut http: Http,
    mut script: Script,
    mut due: mpsc::UnboundedReceiver<Instant>,
) -> (Vec<Sent>, u64) {
    let (mut sent, mut errors) = (Vec::new(), 0);
    while let Some(due) = due.recv().await {
        match http.ask(script.next()).await {
            Ok(answer) if (200..300).contains(&answer.status) => match first_number(answer.body) {
                Some(id) => sent.push((id, due, Instant::now())),
                None => errors += 1,
            },
            _ => errors += 1,
        }
    }
    (sent, errors)
}

/// The id in an answer: the number after `"id":`.
fn first_number(body: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(body).ok()?;
    let rest = text.split_once("\"id\":")?.1.trim_start_matches([' ', '"']);
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}

/// Notes when messages arrive at a socket, until it is stopped.
fn listen(mut socket: Socket) -> (JoinHandle<()>, mpsc::UnboundedReceiver<Arrival>) {
    let (note, noted) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        while let Ok(frame) = socket.next().await {
            for id in message_ids(&frame) {
                let _ = note.send((id, Instant::now()));
            }
        }
    });
    (task, noted)
}

fn drain(mut arrivals: mpsc::UnboundedReceiver<Arrival>) -> Vec<Arrival> {
    std::iter::from_fn(|| arrivals.try_recv().ok()).collect()
}

/// Each socket must have received, once and in order, what its person sent and what the one before sent.
fn compare(outcome: &mut Outcome, sent: &[Vec<Sent>], received: &[Vec<Arrival>]) {
    for (number, messages) in sent.iter().enumerate() {
        let arrivals = &received[(number + 1) % received.len()];
        let mut at: HashMap<i64, Instant> = HashMap::with_capacity(arrivals.len());
        let mut newest = 0;
        for (id, when) in arrivals {
            if at.insert(*id, *when).is_some() {
                outcome.faults.doubled += 1;
            } else if *id < newest {
                outcome.faults.out_of_order += 1;
            }
            newest = newest.max(*id);
        }
        for (id, due, answered) in messages {
            outcome.answers.add(*answered - *due);
            outcome.timed.push((*due, *answered - *due));
            match at.get(id) {
                Some(when) => outcome.arrivals.add(when.saturating_duration_since(*due)),
                None => outcome.faults.lost += 1,
            }
        }
    }
}
