//! Memory: a machine of 512 MB carries the server with room to spare.

use crate::support::Program;

/// Resident memory of a process, in KiB.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[tokio::test]
async fn what_hashing_takes_goes_back_to_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let before = resident(program.child.id());
    let sign_ups = (0..24).map(|n| {
        let stranger = program.stranger();
        tokio::spawn(async move { stranger.sign_up(&format!("user{n}")).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        sign_up.await.unwrap();
    }
    let after = resident(program.child.id());
    assert!(after - before < 32 * 1024, "{before} KiB before, {after} KiB after");
}
