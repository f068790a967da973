//! The program as a process of its own, for what only a process shows: its command line, its signals, its sudden end.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use super::caller::Caller;

/// A running `chinwag serve`, killed when dropped.
pub struct Program {
    pub address: SocketAddr,
    pub child: Child,
}

/// The program with a clean environment, in `folder`.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chinwag"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub fn run<S: AsRef<OsStr>>(folder: &Path, args: impl IntoIterator<Item = S>) -> Output {
    command(folder).args(args).output().unwrap()
}

impl Program {
    /// Starts `chinwag serve` on a free port with `chat.db` in `folder`, and waits for the line with the address.
    pub fn start(folder: &Path) -> Self {
        let mut command = command(folder);
        command.args(["serve", "--port", "0", "--database", "chat.db", "--log-level", "warn"]);
        Self::spawn(command)
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().split_once("http://") else {
            let mut errors = String::new();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            panic!("not ready: {line}{errors}");
        };
        Self { address: address.parse().unwrap(), child }
    }

    pub fn stranger(&self) -> Caller {
        Caller::new(self.address)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
