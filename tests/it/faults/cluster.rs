//! A PostgreSQL server that belongs to one test, so that it may crash. Unlike the one that `tests/postgres` starts, it
//! flushes what it commits.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use super::chance::Chance;
use super::mount::run;

/// A server, which ends when this is dropped.
pub struct Cluster {
    folder: TempDir,
    port: u16,
    server: Child,
}

impl Cluster {
    /// Makes an empty one and starts it. Its programs are those in the path.
    pub fn create() -> Self {
        let folder = tempfile::tempdir().unwrap();
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        if is_root() {
            run("chown", &["nobody", folder.path().to_str().unwrap()]).unwrap();
        }
        let mut initdb = command("initdb");
        initdb.args(["--username", "chinwag", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
        let made = initdb.arg("--pgdata").arg(folder.path().join("data")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Not one that the system gives to outgoing connections: it must be free again after each crash.
        let mut chance = Chance::new(Chance::seed());
        let ports = (0..20).map(|_| 20_000 + chance.below(12_000) as u16);
        let started = ports.into_iter().find_map(|port| Some((port, start(folder.path(), port)?)));
        let (port, server) = started.unwrap_or_else(|| panic!("{}", log(folder.path())));
        Self { folder, port, server }
    }

    pub fn url(&self) -> String {
        format!("postgres://chinwag@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it at once: what was not flushed is lost, and every connection with it.
    pub fn crash(&mut self) {
        run("kill", &["-QUIT", &self.server.id().to_string()]).unwrap();
        self.server.wait().unwrap();
    }

    /// Starts it again after a crash.
    pub fn start_again(&mut self) {
        let folder = self.folder.path();
        self.server = start(folder, self.port).unwrap_or_else(|| panic!("{}", log(folder)));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = run("kill", &["-QUIT", &self.server.id().to_string()]);
        let _ = self.server.wait();
    }
}

/// A server that accepts connections; nothing when it ended instead.
fn start(folder: &Path, port: u16) -> Option<Child> {
    let port = port.to_string();
    let mut postgres = command("postgres");
    postgres.current_dir(folder).args(["-D", "data", "-p", &port, "-k"]).arg(folder);
    for setting in ["listen_addresses=127.0.0.1", "shared_buffers=32MB", "logging_collector=off"] {
        postgres.args(["-c", setting]);
    }
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    let mut server = postgres.stdout(Stdio::null()).stderr(log).spawn().unwrap();
    loop {
        let ready = run("pg_isready", &["--quiet", "--host", folder.to_str().unwrap(), "--port", &port]);
        if ready.is_ok() {
            return Some(server);
        }
        if server.try_wait().unwrap().is_some() {
            return None;
        }
        sleep(Duration::from_millis(20));
    }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// One of PostgreSQL's programs, which refuse to run as root.
fn command(program: &str) -> Command {
    let mut command = Command::new(if is_root() { "setpriv" } else { program });
    if is_root() {
        command.args(["--reuid=nobody", "--clear-groups", program]);
    }
    command.stdin(Stdio::null());
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
