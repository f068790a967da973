//! The load tool: measures a server from outside, over real sockets, on a separate core. Without a scenario it runs the
//! suite: every budget of `docs/PERFORMANCE.md` beside its floor. With `--url` a scenario runs against any server that
//! speaks the original's contract; people sign up there first.

mod closed;
mod floors;
mod http;
mod live;
mod many;
mod open;
mod process;
mod scenarios;
mod socket;
mod stalls;
mod stats;
#[path = "../stock/mod.rs"]
mod stock;
mod suite;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Measures a message server from outside
#[derive(Parser)]
#[command(name = "load", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    scenario: Option<Scenario>,
    #[command(flatten)]
    target: Target,
    /// Rounds of the suite and of `full`; figures are their medians
    #[arg(long, global = true, default_value_t = 5)]
    rounds: usize,
    /// What `cargo bench` adds
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

/// What is measured
#[derive(Args, Clone)]
struct Target {
    /// A server that runs already, as http://ADDRESS:PORT; otherwise one is started on a new file
    #[arg(long, global = true)]
    url: Option<String>,
    /// Its process, for processor time and memory
    #[arg(long, global = true)]
    pid: Option<u32>,
    /// The program to start
    #[arg(long, global = true, default_value = env!("CARGO_BIN_EXE_chinwag"))]
    program: PathBuf,
    /// Messages in the file before the start
    #[arg(long, global = true, default_value_t = 0)]
    messages: i64,
    /// Conversations they are in
    #[arg(long, global = true, default_value_t = stock::FRIENDS)]
    friends: i64,
}

#[derive(Subcommand, Clone)]
enum Scenario {
    /// Sends as fast as it is answered
    Sends {
        #[arg(long, default_value_t = 64)]
        connections: usize,
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
    },
    /// Sends at a fixed rate, counted to the recipients' sockets
    Delivery {
        #[arg(long, default_value_t = 64)]
        people: usize,
        #[arg(long, default_value_t = 2000.0)]
        rate: f64,
        #[arg(long, default_value_t = 10.0)]
        seconds: f64,
    },
    /// Sends between people who are both connected, each message acknowledged as delivered and read; few pairs reach the
    /// limit on frames of one socket
    Live {
        #[arg(long, default_value_t = 64)]
        pairs: usize,
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
    },
    /// Opens sockets that only wait, then sends among them
    Idle {
        #[arg(long, default_value_t = 5000)]
        sockets: usize,
        #[arg(long, default_value_t = 500.0)]
        rate: f64,
    },
    /// Everybody comes back at once
    Storm {
        #[arg(long, default_value_t = 1000)]
        people: usize,
    },
    /// Reads a page again and again
    Reads {
        #[arg(long, default_value = "/api/v1/message/")]
        path: String,
        #[arg(long, default_value_t = 64)]
        connections: usize,
        #[arg(long, default_value_t = 5.0)]
        seconds: f64,
    },
    /// Sends at a fixed rate while the log or the file is copied and while a thousand people come back
    Stalls {
        #[arg(long, default_value_t = 2000.0)]
        rate: f64,
    },
    /// Asks for pages, files, lists, long messages and pictures, one kind after the other
    Routes,
    /// Starts, memory and lists with a million messages beside a thousand
    Full,
    /// What the machine could do at best
    Floors {
        #[arg(long, default_value_t = 64)]
        connections: usize,
    },
    #[command(hide = true)]
    Floor { floor: floors::Floor, database: Option<PathBuf> },
}

impl Target {
    fn address(&self) -> Option<SocketAddr> {
        let url = self.url.as_deref()?;
        let address = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
        Some(address.parse().unwrap_or_else(|_| panic!("{url} is not http://ADDRESS:PORT")))
    }
}

fn main() {
    let cli = Cli::parse();
    if let Some(Scenario::Floor { floor, database }) = cli.scenario {
        // As many threads as the program under measurement would have.
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
        return runtime.block_on(floors::serve(floor, database));
    }
    // Where that fails, fewer sockets can be opened, and the scenario says so.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    process::pin_generator();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match cli.scenario {
            Some(Scenario::Full) => suite::full(&cli.target, cli.rounds).await,
            Some(scenario) => scenarios::run(&cli.target, scenario).await,
            None => suite::run(&cli.target, cli.rounds).await,
        }
    });
}
