//! The server under measurement as a process: started on a separate core, or one that runs already.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The server's core, and the generator's.
pub const SERVER_CORE: &str = "0";
pub const GENERATOR_CORE: &str = "1";

/// A server, and its process if it is known. One that was started here ends when this is dropped.
pub struct Server {
    pub address: SocketAddr,
    pid: Option<u32>,
    child: Option<Child>,
    /// From the start of the process until it printed its address.
    pub ready_after: Duration,
}

/// A reading of what the process has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time, user and system.
    pub cpu: Duration,
    /// Resident memory in bytes.
    pub resident: u64,
    /// Bytes written to disks.
    pub written: u64,
}

impl Server {
    /// Starts a program on the server's core; its first line of output ends with the address, after `http://`.
    pub fn start<'a>(program: &Path, args: impl IntoIterator<Item = &'a str>) -> Self {
        let started = Instant::now();
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", SERVER_CORE]).arg(program).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("taskset (util-linux) is installed");
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("the server writes text");
        let ready_after = started.elapsed();
        let (_, address) = line.trim().split_once("http://").expect("the server says where it listens");
        let address = address.parse().expect("an address");
        Self { address, pid: Some(child.id()), child: Some(child), ready_after }
    }

    /// A server that runs already.
    pub fn running(address: SocketAddr, pid: Option<u32>) -> Self {
        Self { address, pid, child: None, ready_after: Duration::ZERO }
    }

    pub fn usage(&self) -> Usage {
        self.pid.and_then(usage).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Both fail when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Keeps this process, and what it starts from now on, on the generator's core.
pub fn pin_generator() {
    let me = std::process::id().to_string();
    let pinned = Command::new("taskset").args(["--all-tasks", "--cpu-list", "--pid", GENERATOR_CORE, &me]).output();
    if !pinned.is_ok_and(|output| output.status.success()) {
        eprintln!("warning: the generator could not be kept on one core; figures will scatter");
    }
}

fn usage(pid: u32) -> Option<Usage> {
    /// Of `/proc/*/stat`, on every Linux there is (sysconf `_SC_CLK_TCK`).
    const TICKS: u64 = 100;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold spaces; times are the 14th and 15th field.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident.trim().trim_end_matches(" kB").parse().ok()?;
    // Not readable for another user's process.
    let io = std::fs::read_to_string(format!("/proc/{pid}/io")).unwrap_or_default();
    let written = io.lines().find_map(|line| line.strip_prefix("write_bytes:")?.trim().parse().ok()).unwrap_or(0);
    Some(Usage { cpu: Duration::from_millis(ticks * 1000 / TICKS), resident: kib * 1024, written })
}
