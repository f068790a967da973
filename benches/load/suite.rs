//! Every budget beside its floor, as the tables of `docs/PERFORMANCE.md`. Both sides of a ratio are of one round, so
//! that a noisy machine slows both; figures are the medians of the rounds.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Target;
use super::closed::{self, Outcome};
use super::floors::{self, Floor};
use super::http::{Http, get};
use super::scenarios::{Site, floor, floor_script, folder, sends};
use super::stats::median;
use super::stock;
use super::{live, many, open, stalls};

/// Connections that send at the same time.
const CONNECTIONS: usize = 64;
/// How long each closed loop runs.
const LENGTH: Duration = Duration::from_secs(3);
/// Messages in a file of few, and in a full one.
const SIZES: [i64; 2] = [1_000, 1_000_000];

/// Conversations in a long list.
const MANY: i64 = 5_000;

/// What is read of a file with so many messages.
type Asked = fn(i64) -> String;

/// What is read of both files: as much of the one as of the other.
const READS: [(&str, Asked); 7] = [
    ("newest messages", |_| "/api/v1/message/".into()),
    ("the end of a conversation", |_| "/api/v1/conversation/1/message/?limit=15".into()),
    ("its middle", |count| {
        format!("/api/v1/conversation/1/message/?limit=15&before={}", count / stock::FRIENDS / 2 + 8)
    }),
    ("conversations", |_| "/api/v1/conversation/".into()),
    ("people", |_| "/api/v1/user/".into()),
    ("the latest state", |_| "/api/v1/sync/".into()),
    ("the last hundred changes", |count| format!("/api/v1/sync/?since={}", count + stock::FRIENDS + 1 - 100)),
];

pub async fn run(target: &Target, rounds: usize) {
    println!("Medians of {rounds} rounds; server on one core, generator on the other.\n");
    let rate = throughput(target, rounds).await;
    live_messages(target, rounds).await;
    delivery(target, rounds).await;
    waiting(target).await;
    full(target, rounds).await;
    stalls(target, rounds, rate / 4.0).await;
}

/// One row: what, how much, the floor of the same rounds, and the budget.
fn row(what: &str, figure: &str, floor: &str, budget: &str) {
    println!("| {what} | {figure} | {floor} | {budget} |");
}

fn head(title: &str) {
    println!("### {title}\n");
    row("what", "measured", "floor", "budget");
    println!("| --- | ---: | ---: | ---: |");
}

fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

/// Sends and reads per second in a closed loop; how many sends.
async fn throughput(target: &Target, rounds: usize) -> f64 {
    let site = Site::open(target, CONNECTIONS).await;
    let folder = folder();
    let (mut ours, mut plain, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let (mut fixed, mut echo, mut disk, mut cpu) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut errors = 0;
    for _ in 0..rounds {
        disk.push(floors::fsync(folder.path(), 500).percentile(50.0).as_secs_f64());
        let sent = closed::run(&site.server, sends(&site, CONNECTIONS), LENGTH).await;
        let floored = floor_loop(Floor::Plain, folder.path()).await;
        ratios.push(sent.per_second / floored.per_second);
        errors += sent.errors;
        cpu.push(sent.cpu.as_secs_f64() * 1e6);
        ours.push(sent.per_second);
        plain.push(floored.per_second);
        fixed.push(floor_loop(Floor::Fixed, folder.path()).await.per_second);
        let server = floor(Floor::Echo, folder.path());
        echo.push(closed::echo(&server, CONNECTIONS, LENGTH / 3).await.expect("the floor answers"));
    }
    let (mut reads, read_errors) = read_rates(&site, rounds).await;
    let ours = median(ours);
    let plain = format!("{:.0} /s", median(plain));
    head("Throughput, closed loop of 64 connections");
    row("durable sends", &format!("{ours:.0} /s"), &plain, "");
    row("share of the plain floor", &format!("{:.0} %", median(ratios) * 100.0), "100 %", "≥ 60 %");
    row("processor time of one send", &format!("{:.0} µs", median(cpu)), "", "");
    row("errors", &(errors + read_errors).to_string(), "", "0");
    let fixed = format!("{:.0} /s", median(fixed));
    row("pages of 15 messages", &format!("{:.0} /s", reads.remove(0)), &fixed, "");
    row("lists of conversations", &format!("{:.0} /s", reads.remove(0)), &fixed, "");
    row("a fixed answer from bare hyper", "", &fixed, "");
    row("echoes of bare tokio-tungstenite", "", &format!("{:.0} /s", median(echo)), "");
    row("fsync of 4 KiB, median", "", &ms(Duration::from_secs_f64(median(disk))), "");
    println!();
    ours
}

async fn floor_loop(kind: Floor, folder: &Path) -> Outcome {
    let server = floor(kind, folder);
    closed::run(&server, vec![floor_script(server.address); CONNECTIONS], LENGTH).await
}

/// Reads per second of a page of messages and of the list of conversations.
async fn read_rates(site: &Site, rounds: usize) -> (Vec<f64>, u64) {
    let (mut medians, mut errors) = (Vec::new(), 0);
    for path in ["/api/v1/message/", "/api/v1/conversation/"] {
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let script = closed::read(site.server.address, &site.people[0], path);
            let outcome = closed::run(&site.server, vec![script; CONNECTIONS], LENGTH / 3).await;
            errors += outcome.errors;
            rates.push(outcome.per_second);
        }
        medians.push(median(rates));
    }
    (medians, errors)
}

/// What a message costs until its sender knows that it was read.
async fn live_messages(target: &Target, rounds: usize) {
    let site = Site::open(target, 2 * CONNECTIONS).await;
    let (mut cpu, mut written, mut usual, mut late, mut errors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        let mut outcome = live::run(&site.server, &site.people, LENGTH).await;
        cpu.push(outcome.cpu.as_secs_f64() * 1e6);
        written.push(outcome.written / 1024.0);
        usual.push(outcome.latency.percentile(50.0).as_secs_f64());
        late.push(outcome.latency.percentile(99.0).as_secs_f64());
        errors += outcome.errors;
    }
    let text = |values| ms(Duration::from_secs_f64(median(values)));
    head(&format!("Live messages of {CONNECTIONS} pairs, closed loop"));
    row("processor time", &format!("{:.0} µs", median(cpu)), "", "≤ 150 µs");
    row("written to disk", &format!("{:.1} KiB", median(written)), "", "≤ 12 KiB");
    row("sent to read, median", &text(usual), "", "");
    row("sent to read, p99", &text(late), "", "");
    row("errors", &errors.to_string(), "", "0");
    println!();
}

/// From when a message was due to its recipient's socket, at half of what the server can do while everybody listens.
async fn delivery(target: &Target, rounds: usize) {
    let site = Site::open(target, CONNECTIONS).await;
    let listening = many::idle(&site.server, &site.people).await.expect("sockets open");
    let rate = closed::run(&site.server, sends(&site, CONNECTIONS), LENGTH).await.per_second / 2.0;
    drop(listening);
    let folder = folder();
    let (mut answers, mut arrivals, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let (mut usual, mut disk) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut outcome = open::run(&site.server, &site.people, rate, LENGTH * 2).await;
        answers.push(outcome.answers.percentile(99.0).as_secs_f64());
        arrivals.push(outcome.arrivals.percentile(99.0).as_secs_f64());
        usual.push(outcome.arrivals.percentile(50.0).as_secs_f64());
        faults.push(outcome.faults);
        disk.push(floors::fsync(folder.path(), 1_000).percentile(99.0).as_secs_f64());
    }
    let text = |values| ms(Duration::from_secs_f64(median(values)));
    let disk = text(disk);
    head(&format!("Delivery, open loop of {rate:.0} sends a second (half load)"));
    row("due to socket, median", &text(usual), "", "");
    row("due to socket, p99", &text(arrivals), &format!("{disk} (fsync, p99)"), "≤ 10 ms");
    row("due to answer, p99", &text(answers), "", "");
    let sum = |of: fn(&super::stats::Faults) -> u64| faults.iter().map(of).sum::<u64>().to_string();
    row("errors", &sum(|faults| faults.errors), "", "0");
    row("lost, doubled or out of order", &sum(|faults| faults.lost + faults.doubled + faults.out_of_order), "", "0");
    println!();
}

/// What sockets that only wait cost, and everybody's return.
async fn waiting(target: &Target) {
    head("Sockets that wait");
    for count in [5_000, 18_000] {
        let site = Site::open(target, count).await;
        let (_open, cost) = many::cost(&site.server, &site.people).await.expect("sockets open");
        row(&format!("one of {count}"), &format!("{:.1} KiB", cost.bytes / 1024.0), "", "≤ 8 KiB");
        let sending = &site.people[..CONNECTIONS];
        let mut outcome = open::run(&site.server, sending, 500.0, LENGTH * 3).await;
        let resident = format!("{} MiB", site.server.usage().resident >> 20);
        row(&format!("{count}, and 500 sends a second"), &resident, "", "< 200 MB");
        row("due to socket meanwhile, p99", &ms(outcome.arrivals.percentile(99.0)), "", "");
        row("faults meanwhile", &outcome.faults.to_string(), "", "none");
    }
    let site = Site::open(target, 1_000).await;
    let mut storm = many::storm(&site.server, &site.people).await;
    row("1,000 come back within half a second: the slowest is in after", &ms(storm.back.percentile(100.0)), "", "");
    row("of them refused", &storm.errors.to_string(), "", "0");
    println!();
}

/// Starts, memory and lists with few messages and with many.
pub async fn full(target: &Target, rounds: usize) {
    let program = std::fs::metadata(&target.program).map_or(0, |program| program.len());
    let mut small = Site::open(&Target { messages: SIZES[0], ..target.clone() }, 1).await;
    let mut large = Site::open(&Target { messages: SIZES[1], ..target.clone() }, 1).await;
    let (mut starts, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        small = small.restart(target);
        large = large.restart(target);
        let ready = large.server.ready_after;
        let asked = Instant::now();
        let mut http = Http::connect(large.server.address).await.expect("the server takes connections");
        let health = get(large.server.address, "/healthz", "");
        assert_eq!(http.ask(&health).await.map(|answer| answer.status).ok(), Some(200));
        starts.push((ready + asked.elapsed()).as_secs_f64());
        resident.push(large.server.usage().resident as f64 / 1048576.0);
    }
    head("A file of 1,000,000 messages beside one of 1,000");
    row("start to the first answer of 200", &ms(Duration::from_secs_f64(median(starts))), "", "≤ 50 ms");
    for (what, path) in READS {
        let (time, ratio) = flatness([&small, &large], path, rounds).await;
        row(&format!("{what}: {}, and against 1,000", ms(time)), &format!("{ratio:.2} ×"), "", "≤ 1.3 ×");
    }
    row(&format!("conversations of a person with {MANY}"), &ms(long_list(target, rounds).await), "", "≤ 5 ms");
    let (cpu, ratio) = sending([&small, &large], rounds).await;
    row(&format!("processor time of a send: {:.0} µs, and against 1,000", cpu * 1e6), &format!("{ratio:.2} ×"), "", "");
    row("resident at start", &format!("{:.1} MiB", median(resident)), "", "≤ 25 MiB");
    row("the program", &format!("{:.1} MiB", program as f64 / 1048576.0), "", "≤ 20 MiB");
    println!();
}

/// How long an answer from the full file takes, and how many times as long as one from the other file that is.
async fn flatness(sites: [&Site; 2], path: Asked, rounds: usize) -> (Duration, f64) {
    let (mut times, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut costs = [0.0; 2];
        for ((site, count), cost) in sites.iter().zip(SIZES).zip(&mut costs) {
            let script = vec![closed::read(site.server.address, &site.people[0], &path(count))];
            let mut outcome = closed::run(&site.server, script, LENGTH / 6).await;
            assert_eq!(outcome.errors, 0, "{} is read", path(count));
            *cost = outcome.latency.percentile(50.0).as_secs_f64();
        }
        times.push(costs[1]);
        ratios.push(costs[1] / costs[0]);
    }
    (Duration::from_secs_f64(median(times)), median(ratios))
}

/// How long the list of a person with [`MANY`] conversations takes.
async fn long_list(target: &Target, rounds: usize) -> Duration {
    let site = Site::open(&Target { messages: 4 * MANY, friends: MANY, ..target.clone() }, 1).await;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let script = vec![closed::read(site.server.address, &site.people[0], "/api/v1/conversation/")];
        let mut outcome = closed::run(&site.server, script, LENGTH / 6).await;
        assert_eq!(outcome.errors, 0, "the list is read");
        times.push(outcome.latency.percentile(50.0).as_secs_f64());
    }
    Duration::from_secs_f64(median(times))
}

/// What a send to the full file takes of the server's core, in seconds, and how many times as much as one to the other
/// file.
async fn sending(sites: [&Site; 2], rounds: usize) -> (f64, f64) {
    let (mut times, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut costs = [0.0; 2];
        for (site, cost) in sites.iter().zip(&mut costs) {
            let outcome = closed::run(&site.server, sends(site, site.people.len()), LENGTH / 2).await;
            assert_eq!(outcome.errors, 0, "everybody may send");
            *cost = outcome.cpu.as_secs_f64();
        }
        times.push(costs[1]);
        ratios.push(costs[1] / costs[0]);
    }
    (median(times), median(ratios))
}

/// Sends at a fixed rate while other things happen.
async fn stalls(target: &Target, rounds: usize, rate: f64) {
    let mut figures = stalls::ACTIVITIES.map(|_| (Vec::new(), Vec::new()));
    for _ in 0..rounds {
        let p99 = stalls::phases(target, rate).await.map(|mut spread| spread.percentile(99.0).as_secs_f64());
        for ((times, ratios), figure) in figures.iter_mut().zip(p99) {
            times.push(figure);
            ratios.push(figure / p99[0]);
        }
    }
    head(&format!("p99 of answers at {rate:.0} sends a second"));
    for (what, (times, ratios)) in stalls::ACTIVITIES.iter().zip(figures) {
        let ratio = format!("{} ({:.1} ×)", ms(Duration::from_secs_f64(median(times))), median(ratios));
        row(what, &ratio, "", "≤ 3 ×");
    }
    println!();
}
