//! Memory: a machine of 512 MB carries the server with room to spare.

use crate::support::Program;

#[tokio::test]
async fn what_hashing_takes_goes_back_to_the_system() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path());
    let before = program.resident();
    let sign_ups = (0..24).map(|n| {
        let stranger = program.stranger();
        tokio::spawn(async move { stranger.sign_up(&format!("user{n}")).await })
    });
    for sign_up in sign_ups.collect::<Vec<_>>() {
        sign_up.await.unwrap();
    }
    let after = program.resident();
    assert!(after - before < 32 * 1024, "{before} KiB before, {after} KiB after");
}
