//! Separate file systems for a test: an image on a loop device, whose power can be cut, and a small one in memory,
//! which is soon full. They need root and loop devices; where those are missing, the test reports it and is skipped.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use super::world::say;

/// Enough for mkfs.xfs, which requires 300 MB; the image is sparse.
const SIZE: u64 = 320 * 1024 * 1024;

/// A mounted file system, unmounted when dropped.
pub struct Mount {
    at: PathBuf,
    /// The arguments of `mount`.
    args: Vec<String>,
    _folder: TempDir,
}

impl Mount {
    /// An XFS image on a loop device; `None` where this machine does not support one.
    pub fn disk(test: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        File::create(&image).unwrap().set_len(SIZE).unwrap();
        let path = image.to_str().unwrap().to_owned();
        if let Err(why) = run("mkfs.xfs", &["-q", &path]).and_then(|()| run("xfs_io", &["-V"])) {
            return skip(test, &why);
        }
        Self::new(test, folder, vec!["-o".into(), "loop".into(), path])
    }

    /// A file system of this many KiB in memory.
    pub fn memory(test: &str, size: u64) -> Option<Self> {
        let args = ["-t".into(), "tmpfs".into(), "-o".into(), format!("size={size}k"), "none".into()];
        Self::new(test, tempfile::tempdir().unwrap(), args.into())
    }

    fn new(test: &str, folder: TempDir, args: Vec<String>) -> Option<Self> {
        let at = folder.path().join("mounted");
        std::fs::create_dir(&at).unwrap();
        let mount = Self { at, args, _folder: folder };
        match mount.mount() {
            Ok(()) => Some(mount),
            Err(why) => skip(test, &why),
        }
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    fn mount(&self) -> Result<(), String> {
        let mut args: Vec<&str> = self.args.iter().map(String::as_str).collect();
        args.push(self.at.to_str().unwrap());
        run("mount", &args)
    }

    /// Data that was not flushed to the disk is lost at once, and nothing more is written.
    pub fn cut_power(&self) {
        run("xfs_io", &["-x", "-c", "shutdown", self.at.to_str().unwrap()]).unwrap();
    }

    /// Mounts it again, as a machine does after a restart. No process may have files open there.
    pub fn power_up(&self) {
        // Other processes that look at mounted file systems may keep one busy for a moment.
        let unmounted = (0..100).any(|_| {
            let done = run("umount", &[self.at.to_str().unwrap()]);
            done.is_ok() || {
                sleep(Duration::from_millis(20));
                false
            }
        });
        assert!(unmounted, "{} is held by someone", self.at.display());
        self.mount().unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // The loop device was made by `mount` and is removed with it.
        let _ = run("umount", &["--lazy", self.at.to_str().unwrap()]);
    }
}

fn skip(test: &str, why: &str) -> Option<Mount> {
    say(&format!("SKIPPED {test}: it needs root, loop devices and xfsprogs ({})", why.trim()));
    None
}

/// Runs a system tool; returns its error output if it fails or does not exist.
pub fn run(tool: &str, args: &[&str]) -> Result<(), String> {
    // The `PATH` of some accounts lacks the folders of such tools.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let output = Command::new("env").env("PATH", path).arg(tool).args(args).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{tool}: {stderr}")) }
}
