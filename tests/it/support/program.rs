//! The program as a separate process, for tests of its command line, its signals and its sudden end.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::caller::Caller;
use super::soon;

/// A running `chinwag serve`, killed when dropped.
pub struct Program {
    pub address: SocketAddr,
    pub child: Child,
}

/// The program with a clean environment, in `folder`.
pub fn command(folder: &Path) -> Command {
    command_of(env!("CARGO_BIN_EXE_chinwag").as_ref(), folder)
}

/// The same for another build of the program.
pub fn command_of(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run<S: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Output {
    command(folder).args(args).output().unwrap()
}

/// What a command prints that succeeds.
#[track_caller]
pub fn printed(output: Output) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), errors.as_str()), (Some(0), ""));
    String::from_utf8(output.stdout).unwrap()
}

/// The one line on standard error of a program that did nothing.
#[track_caller]
pub fn refusal(output: Output, code: i32) -> String {
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(code), 0), "{errors}");
    assert!(errors.starts_with("chinwag: ") && errors.ends_with('\n') && errors.lines().count() == 1, "{errors}");
    errors
}

impl Program {
    /// Starts `chinwag serve` on a free port with `chat.db` in `folder`, and waits for the line with the address.
    pub fn start(folder: &Path) -> Self {
        let mut command = command(folder);
        command.args(["serve", "--port", "0", "--database", "chat.db", "--log-level", "warn"]);
        Self::spawn(command)
    }

    pub fn spawn(command: Command) -> Self {
        Self::try_spawn(command).unwrap_or_else(|(_, errors)| panic!("not ready: {errors}"))
    }

    /// The same for a program that may exit instead; the error is its exit code and its standard error.
    pub fn try_spawn(mut command: Command) -> Result<Self, (Option<i32>, String)> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let Some(address) = address(&mut child) else {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            return Err((child.wait().unwrap().code(), errors));
        };
        Ok(Self { address, child })
    }

    /// Starts it with its standard error appended to a file, so that its output never blocks.
    pub fn spawn_with_log(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let address = address(&mut child);
        let address = address.unwrap_or_else(|| panic!("not ready: {}", std::fs::read_to_string(log).unwrap()));
        Self { address, child }
    }

    pub fn stranger(&self) -> Caller {
        Caller::new(self.address)
    }

    /// Its resident memory, in KiB.
    pub fn resident(&self) -> u64 {
        self.status("VmRSS")
    }

    /// A number of `/proc/PID/status` (proc(5)), without its unit.
    pub fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let value = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        value.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// Sends a signal by its short name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended by itself; returns its exit code and its standard error.
    pub async fn ended(mut self) -> (Option<i32>, String) {
        let status = soon("the program ends", async {
            loop {
                match self.child.try_wait().unwrap() {
                    Some(status) => return status,
                    None => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        });
        let status = status.await;
        let mut errors = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut errors).unwrap();
        }
        (status.code(), errors)
    }

    /// Stops it like a hosting platform.
    pub async fn stop(self) {
        self.signal("TERM");
        assert_eq!(self.ended().await, (Some(0), String::new()));
    }
}

/// The address in the first line that a program prints; `None` if it ends without one.
fn address(child: &mut Child) -> Option<SocketAddr> {
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    line.trim().split_once("http://").map(|(_, address)| address.parse().unwrap())
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
