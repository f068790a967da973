//! A faulty disk for a program: `disk.c`, compiled and loaded before the system's own functions.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// A compiled `disk.c` and the folder of its switches.
pub struct Shim {
    folder: TempDir,
}

impl Shim {
    pub fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/disk.c");
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(folder.path().join("disk.so")).args([source, "-ldl"]);
        // Building SQLite needs a C compiler, so there is one.
        assert!(cc.status().unwrap().success());
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the program must be started with.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![("LD_PRELOAD", text(self.path("disk.so"))), ("FAULTS", text(self.folder.path().to_owned()))]
    }

    pub fn turn(&self, fault: &str, on: bool) {
        let done = if on { std::fs::write(self.path(fault), "") } else { std::fs::remove_file(self.path(fault)) };
        done.unwrap();
    }
}
